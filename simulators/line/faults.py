"""What is wrong with a request body, and how LINE says it (reference, "Error responses")."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

MAY_NOT_BE_EMPTY = "May not be empty"
WHOLE = ""
"""The last step of a path to a Flex container as a whole."""


@dataclass(frozen=True)
class Fault:
    """One fault; `path` leads from the top of the request body to the property."""

    path: Path
    message: str


class Refusal(Exception):
    """An answer other than 2xx, with LINE's error body."""

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
        if found := list(details):
            self.body["details"] = found


def invalid_property(name: str) -> Refusal:
    """LINE quotes a name at the top of the body and leaves an indexed one bare: `'to'`, but `to[1]`."""
    return Refusal(400, f"The property, {name}, in the request body is invalid (line: -, column: -)")


def invalid_body(faults: Iterable[Fault]) -> Refusal:
    """Faults as LINE words them. Those inside a Flex Message have an error of their own: it names the message, and each
    property by a JSON pointer from the container; LINE reports them when there are no others."""
    listed = list(faults)
    others = [fault for fault in listed if not _is_in_flex(fault)]
    if others:
        details = [{"message": fault.message, "property": dotted(fault.path)} for fault in others]
        return Refusal(400, f"The request body has {len(details)} error(s)", details)
    index = listed[0].path[1]
    details = [
        {"message": fault.message, "property": _pointer(fault.path)} for fault in listed if fault.path[1] == index
    ]
    return Refusal(400, f"A message (messages[{index}]) in the request body is invalid", details)


def dotted(path: Path) -> str:
    """`messages[0].template.columns[1].text`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def _is_in_flex(fault: Fault) -> bool:
    """Only a Flex Message has a property `contents` at the top; that it is missing is no fault inside it."""
    return len(fault.path) > 3 and fault.path[0] == "messages" and fault.path[2] == "contents"


def _pointer(path: Path) -> str:
    """`/body/contents/0/text`, and `/` for the container."""
    return "/" + "/".join(str(step) for step in path[3:] if step != WHOLE)
