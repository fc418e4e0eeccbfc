"""API Gateway as far as a function knows it: the events it makes of requests, and what it makes of answers."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kairan.clock import Clock

STAGE = "prod"


@dataclass(frozen=True)
class Answered:
    """`headers` by lower-case name."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Context:
    """Lambda's context for one invocation that began now and may take `lasts_s`."""

    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"
    function_name = "api"

    def __init__(self, clock: Clock, lasts_s: float = 28.0) -> None:
        self._clock = clock
        self._ends = clock.monotonic() + lasts_s

    def get_remaining_time_in_millis(self) -> int:
        return int((self._ends - self._clock.monotonic()) * 1000)


def gateway_event(
    method: str,
    path: str,
    *,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes | str | None = None,
    identity: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The event of a REST API's proxy integration. Bytes come as base64, as they do for the API's binary types."""
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    return {
        "resource": "/v1/{proxy+}" if path.startswith("/v1/") else path,
        "path": path,
        "httpMethod": method,
        "headers": {name: sent[-1] for name, sent in values.items()} or None,
        "multiValueHeaders": values or None,
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {"proxy": path.removeprefix("/v1/")} if path.startswith("/v1/") else None,
        "stageVariables": None,
        "requestContext": {
            "path": f"/{STAGE}{path}",
            "stage": STAGE,
            "httpMethod": method,
            "identity": {"apiKeyId": "key-1", "sourceIp": "203.0.113.7"} if identity is None else dict(identity),
        },
        "body": b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": isinstance(body, bytes),
    }


def answered(answer: Mapping[str, Any]) -> Answered:
    """What a client sees of a function's answer."""
    assert set(answer) <= {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}
    assert not answer["isBase64Encoded"]
    headers = {name: ", ".join(values) for name, values in (answer.get("multiValueHeaders") or {}).items()}
    headers |= answer.get("headers") or {}
    return Answered(answer["statusCode"], {name.lower(): value for name, value in headers.items()}, answer["body"])


def form(*parts: tuple[str, str | None, str | None, bytes], boundary: str = "2f1e") -> tuple[str, bytes]:
    """The type and the body of a form; each part is its name, its file's name and type, and its bytes."""
    lines = []
    for name, filename, content_type, data in parts:
        about = f'form-data; name="{name}"' + (f'; filename="{filename}"' if filename is not None else "")
        typed = f"Content-Type: {content_type}\r\n" if content_type else ""
        lines.append(f"--{boundary}\r\nContent-Disposition: {about}\r\n{typed}\r\n".encode() + data + b"\r\n")
    return f"multipart/form-data; boundary={boundary}", b"".join(lines) + f"--{boundary}--\r\n".encode()
