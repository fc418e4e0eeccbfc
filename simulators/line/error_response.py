"""How LINE refuses a request (reference, "Error responses")."""

from collections.abc import Iterable
from typing import Any

from simulators.line.violations import WHOLE, Path, Violation


class ErrorResponse(Exception):
    """A response other than 2xx, with LINE's error body."""

    def __init__(
        self,
        status: int,
        message: str,
        details: Iterable[dict[str, str]] = (),
        *,
        headers: dict[str, str] | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}
        self.body: dict[str, Any] = {"message": message, **(more or {})}
        if listed := list(details):
            self.body["details"] = listed


def invalid_property(name: str) -> ErrorResponse:
    """LINE quotes a name at the top of the body and leaves an indexed one bare: `'to'`, but `to[1]`."""
    return ErrorResponse(400, f"The property, {name}, in the request body is invalid (line: -, column: -)")


def invalid_body(violations: Iterable[Violation]) -> ErrorResponse:
    """Violations in LINE's form.

    Violations inside a Flex Message have an error of their own, which LINE reports when there are no others. It names
    the message, and each property by a JSON pointer from the container.
    """
    listed = list(violations)
    outside_flex = [violation for violation in listed if not _is_in_flex(violation)]
    if outside_flex:
        details = [{"message": each.message, "property": dotted(each.path)} for each in outside_flex]
        return ErrorResponse(400, f"The request body has {len(details)} error(s)", details)
    index = listed[0].path[1]
    details = [{"message": each.message, "property": _pointer(each.path)} for each in listed if each.path[1] == index]
    return ErrorResponse(400, f"A message (messages[{index}]) in the request body is invalid", details)


def dotted(path: Path) -> str:
    """`messages[0].template.columns[1].text`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def _is_in_flex(violation: Violation) -> bool:
    """Only a Flex Message has a property `contents` at the top. A missing `contents` is outside of it."""
    path = violation.path
    return len(path) > 3 and path[0] == "messages" and path[2] == "contents"


def _pointer(path: Path) -> str:
    """`/body/contents/0/text`, and `/` for the container."""
    return "/" + "/".join(str(step) for step in path[3:] if step != WHOLE)
