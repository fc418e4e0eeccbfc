"""One request to the Messaging API and its response."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from simulators.line import json_text
from simulators.line.error_response import ErrorResponse

Json = dict[str, Any]


@dataclass(frozen=True)
class ApiRequest:
    """`parameters` are those of the path; `headers` have lower-case names."""

    request_id: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    parameters: Mapping[str, str] = field(default_factory=dict)

    def json(self) -> Json:
        """The body. Raises ErrorResponse unless it is a JSON object and its content type says so."""
        content_type = self.headers.get("content-type", "application/octet-stream")
        if content_type.partition(";")[0].strip().lower() != "application/json":
            raise ErrorResponse(415, f"The content type, {content_type}, is not supported")
        try:
            body = json_text.parse(self.body)
        except json.JSONDecodeError as error:
            raise _unreadable(str(error.lineno), str(error.colno)) from error
        except (ValueError, RecursionError) as error:
            raise _unreadable("-", "-") from error
        if not isinstance(body, dict):
            raise _unreadable("1", "1")
        return body

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace")))

    def query_value(self, name: str) -> str | None:
        return dict(parse_qsl(self.query)).get(name)

    def bearer(self) -> str | None:
        scheme, _, token = self.headers.get("authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None


@dataclass(frozen=True)
class ApiResponse:
    """JSON, or bytes of the type that `headers` name."""

    status: int = 200
    body: Json | bytes = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")


def _unreadable(line: str, column: str) -> ErrorResponse:
    return ErrorResponse(400, f"The request body could not be parsed as JSON (line: {line}, column: {column})")
