"""One request to the Messaging API with its response, as the platform remembers it."""

from dataclasses import dataclass
from typing import Any

from simulators.line import json_text

Json = dict[str, Any]


@dataclass(frozen=True)
class Exchange:
    """`body` and `answer` are None where they would hold secrets. `status` is None when the connection was cut."""

    request_id: str
    at: str
    method: str
    path: str
    retry_key: str | None
    body: bytes | None
    status: int | None
    answer: Json | bytes | None

    def as_json(self) -> Json:
        """Leaves out the bodies, which may be large."""
        return {
            "requestId": self.request_id,
            "at": self.at,
            "method": self.method,
            "path": self.path,
            "retryKey": self.retry_key,
            "status": self.status,
        }

    def with_bodies(self) -> Json:
        return {**self.as_json(), "body": _readable(self.body), "answer": _readable(self.answer)}


def _readable(body: Json | bytes | None) -> Any:
    """A body as JSON, or its size when it is not JSON."""
    if not isinstance(body, bytes):
        return body
    try:
        return json_text.parse(body) if body else None
    except (ValueError, RecursionError):
        return f"{len(body)} bytes"
