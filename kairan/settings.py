"""A function's environment, read once into a frozen dataclass."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any, TypeVar, get_type_hints

from kairan.errors import ConfigurationError

S = TypeVar("S")

PARSERS: dict[Any, Any] = {str: str, int: int, float: float}


def load(cls: type[S], environ: Mapping[str, str]) -> S:
    """Fill the dataclass `cls` (fields of `str`, `int` or `float`) from variables named like its fields in upper case.

    A field with a default may be missing. Raises ConfigurationError naming every missing or unreadable variable at once.
    """
    hints = get_type_hints(cls)
    values: dict[str, Any] = {}
    faults: list[str] = []
    for field in fields(cls):  # type: ignore[arg-type]
        name = field.name.upper()
        given = environ.get(name, "")
        if not given:
            if field.default is MISSING:
                faults.append(f"{name} is missing")
            continue
        try:
            values[field.name] = PARSERS[hints[field.name]](given)
        except ValueError:
            faults.append(f"{name} is not of type {hints[field.name].__name__}: {given!r}")
    if faults:
        raise ConfigurationError(
            f"the function's environment is incomplete: {', '.join(faults)}; deploy the stack again"
        )
    return cls(**values)
