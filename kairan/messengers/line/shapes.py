"""What a JSON value must be, written as small checks that combine: `shape({"title": text(100)})`.

A check takes a value and its path, and yields a Violation for each thing that is wrong with the value.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from kairan.errors import Violation
from kairan.text import utf16_length

Check = Callable[[Any, str], Iterator[Violation]]


def text(
    at_most: int | None = None,
    *,
    may_be_empty: bool = False,
    length: Callable[[str], int] = utf16_length,
    form: tuple[re.Pattern[str], str] | None = None,
) -> Check:
    """A string, which may be empty only with `may_be_empty`. `form`: a pattern, and what other strings are told."""

    def check(value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, str):
            yield Violation(path, "must be a string")
        elif not value and not may_be_empty:
            yield Violation(path, "must not be empty")
        elif at_most is not None and length(value) > at_most:
            yield Violation(path, f"{length(value):,} characters; LINE takes {at_most:,}")
        elif form is not None and not form[0].fullmatch(value):
            yield Violation(path, form[1])

    return check


def judged_by(violation_of: Callable[[str], str | None]) -> Check:
    """A string for which `violation_of` returns None."""

    def check(value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, str):
            yield Violation(path, "must be a string")
        elif message := violation_of(value):
            yield Violation(path, message)

    return check


def choice(*values: str) -> Check:
    def check(value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, str) or value not in values:
            yield Violation(path, f"must be one of {', '.join(values)}")

    return check


def number(at_least: float, at_most: float) -> Check:
    def check(value: Any, path: str) -> Iterator[Violation]:
        if isinstance(value, bool) or not isinstance(value, int | float) or not at_least <= value <= at_most:
            yield Violation(path, f"must be a number from {at_least:g} to {at_most:g}")

    return check


def whole(at_least: int, at_most: int | None = None) -> Check:
    def check(value: Any, path: str) -> Iterator[Violation]:
        if isinstance(value, bool) or not isinstance(value, int):
            yield Violation(path, "must be a whole number")
        elif at_least == at_most != value:
            yield Violation(path, f"must be {at_least}")
        elif value < at_least:
            yield Violation(path, f"must be a whole number of at least {at_least}")
        elif at_most is not None and value > at_most:
            yield Violation(path, f"must be at most {at_most:,}")

    return check


def listed(each: Check, *, at_least: int = 0, at_most: int | None = None) -> Check:
    def check(value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, list | tuple):
            yield Violation(path, "must be a list")
            return
        if len(value) < at_least or (at_most is not None and len(value) > at_most):
            wanted = f"{at_least}" if at_least == at_most else f"{at_least} to {at_most}"
            yield Violation(path, f"holds {len(value)}; LINE takes {wanted}")
        for index, item in enumerate(value[:at_most]):
            yield from each(item, f"{path}[{index}]")

    return check


def mapped(each: Check, *, at_most: int) -> Check:
    """An object whose names the sender chooses."""

    def check(value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, Mapping):
            yield Violation(path, "must be an object")
            return
        if len(value) > at_most:
            yield Violation(path, f"holds {len(value)}; LINE takes {at_most}")
        for name, item in islice(value.items(), at_most):
            yield from each(item, f"{path}.{name}")

    return check


def shape(required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these properties; null is as absent. Others pass: LINE adds properties without notice."""
    required, optional = required or {}, optional or {}

    def check(value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, Mapping):
            yield Violation(path, "must be an object")
            return
        for name, check_property in chain(required.items(), optional.items()):
            present = value.get(name)
            if present is not None:
                yield from check_property(present, f"{path}.{name}")
            elif name in required:
                yield Violation(f"{path}.{name}", "is missing")

    return check


def one_of(shapes: Mapping[str, Check]) -> Check:
    """An object whose `type` names one of these shapes."""

    def check(value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, Mapping):
            yield Violation(path, "must be an object")
            return
        kind = value.get("type")
        if isinstance(kind, str) and kind in shapes:
            yield from shapes[kind](value, path)
        else:
            yield Violation(f"{path}.type", f"must be one of {', '.join(shapes)}")

    return check


def both(*checks: Check) -> Check:
    def check(value: Any, path: str) -> Iterator[Violation]:
        for each in checks:
            yield from each(value, path)

    return check
