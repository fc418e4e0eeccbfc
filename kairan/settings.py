"""A function's environment, read once into the named tuple that `kairan.contract` declares for it."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar, get_args, get_type_hints

from kairan.errors import ConfigurationError

S = TypeVar("S")


def load(cls: type[S], environ: Mapping[str, str]) -> S:
    """Fills the named tuple `cls`, and the named tuples inside it, from the environment.

    A variable has its field's name in upper case, and the field's type converts its text. A field with a default may
    be missing; so may all of a part with a default. Raises ConfigurationError that names every missing or unreadable
    variable at once.
    """
    problems: list[str] = []
    loaded: S = _load(cls, environ, problems)
    if problems:
        raise ConfigurationError(
            f"the function's environment is incomplete: {', '.join(problems)}; deploy the stack again"
        )
    return loaded


def _load(cls: Any, environ: Mapping[str, str], problems: list[str]) -> Any:
    """None when something is wrong; `problems` then has more entries."""
    values: dict[str, Any] = {}
    before = len(problems)
    for field, kind in _kinds(cls):
        name, is_needed = field.upper(), field not in cls._field_defaults
        if _is_part(kind):
            if is_needed or any(environ.get(each) for each in names(kind)):
                values[field] = _load(kind, environ, problems)
        elif text := environ.get(name, ""):
            try:
                values[field] = text == str(True) if kind is bool else kind(text)
            except ValueError:
                problems.append(f"{name} is not of type {kind.__name__}: {text!r}")
        elif is_needed:
            problems.append(f"{name} is missing")
    return cls(**values) if len(problems) == before else None


def names(cls: Any) -> Iterator[str]:
    """The variables that an environment is read from."""
    for field, kind in _kinds(cls):
        if _is_part(kind):
            yield from names(kind)
        else:
            yield field.upper()


def _kinds(cls: Any) -> Iterator[tuple[str, Any]]:
    """Each field with its type. `X | None` gives `X`."""
    for field, hint in get_type_hints(cls).items():
        yield field, next((each for each in get_args(hint) if each is not type(None)), hint)


def _is_part(kind: Any) -> bool:
    return hasattr(kind, "_fields")
