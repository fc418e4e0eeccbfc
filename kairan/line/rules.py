"""What a JSON value must be, said as small rules that are put together: `shape({"title": text(100)})`.

A rule takes a value and its path, and yields a Fault for everything that is wrong with it.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any

from kairan.errors import Fault
from kairan.line.text import utf16_length

Rule = Callable[[Any, str], Iterator[Fault]]

_MISSING = object()


def text(
    at_most: int | None = None, *, may_be_empty: bool = False, length: Callable[[str], int] = utf16_length
) -> Rule:
    """A string; not an empty one, unless that is allowed."""

    def rule(value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault(path, "must be a string")
        elif not value and not may_be_empty:
            yield Fault(path, "must not be empty")
        elif at_most is not None and length(value) > at_most:
            yield Fault(path, f"{length(value):,} characters; LINE takes {at_most:,}")

    return rule


def said(fault_of: Callable[[str], str | None]) -> Rule:
    """A string about which `fault_of` has nothing to say."""

    def rule(value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault(path, "must be a string")
        elif message := fault_of(value):
            yield Fault(path, message)

    return rule


def number(at_least: float, at_most: float) -> Rule:
    def rule(value: Any, path: str) -> Iterator[Fault]:
        if isinstance(value, bool) or not isinstance(value, int | float) or not at_least <= value <= at_most:
            yield Fault(path, f"must be a number from {at_least:g} to {at_most:g}")

    return rule


def whole(at_least: int) -> Rule:
    def rule(value: Any, path: str) -> Iterator[Fault]:
        if isinstance(value, bool) or not isinstance(value, int) or value < at_least:
            yield Fault(path, f"must be a whole number of at least {at_least}")

    return rule


def listed(each: Rule, *, at_least: int, at_most: int) -> Rule:
    def rule(value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, list | tuple):
            yield Fault(path, "must be a list")
            return
        if not at_least <= len(value) <= at_most:
            wanted = f"{at_least}" if at_least == at_most else f"{at_least} to {at_most}"
            yield Fault(path, f"holds {len(value)}; LINE takes {wanted}")
        for index, item in enumerate(value):
            yield from each(item, f"{path}[{index}]")

    return rule


def mapped(each: Rule, *, at_most: int) -> Rule:
    """An object with names of the sender's choice."""

    def rule(value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, Mapping):
            yield Fault(path, "must be an object")
            return
        if len(value) > at_most:
            yield Fault(path, f"holds {len(value)}; LINE takes {at_most}")
        for name, item in value.items():
            yield from each(item, f"{path}.{name}")

    return rule


def shape(required: Mapping[str, Rule] | None = None, optional: Mapping[str, Rule] | None = None) -> Rule:
    """An object with these properties. Others are LINE's business: it adds some without notice."""
    required, optional = required or {}, optional or {}

    def rule(value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, Mapping):
            yield Fault(path, "must be an object")
            return
        for name, of_property in chain(required.items(), optional.items()):
            given = value.get(name, _MISSING)
            if given is not _MISSING:
                yield from of_property(given, f"{path}.{name}")
            elif name in required:
                yield Fault(f"{path}.{name}", "is missing")

    return rule


def one_of(shapes: Mapping[str, Rule]) -> Rule:
    """An object whose `type` says which of these shapes it has."""

    def rule(value: Any, path: str) -> Iterator[Fault]:
        if not isinstance(value, Mapping):
            yield Fault(path, "must be an object")
            return
        kind = value.get("type")
        if isinstance(kind, str) and kind in shapes:
            yield from shapes[kind](value, path)
        else:
            yield Fault(f"{path}.type", f"must be one of {', '.join(shapes)}")

    return rule


def both(*rules: Rule) -> Rule:
    def rule(value: Any, path: str) -> Iterator[Fault]:
        for one in rules:
            yield from one(value, path)

    return rule
