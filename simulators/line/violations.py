"""What is wrong with a request body, property by property."""

from dataclasses import dataclass

Path = tuple[str | int, ...]

MAY_NOT_BE_EMPTY = "May not be empty"
WHOLE = ""
"""The last step of a path to a Flex container as a whole."""


@dataclass(frozen=True)
class Violation:
    """`path` leads from the top of the body to the property. `message` is in LINE's words where LINE shows them."""

    path: Path
    message: str
