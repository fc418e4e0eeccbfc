"""One call: API Gateway's event, in the form that the routes need."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from api.errors import TooLargeError
from kairan.clock import Clock
from kairan.contract import API_BODY_TOO_LARGE, API_MAX_BODY_BYTES
from kairan.errors import InvalidInputError, Violation
from kairan.sending.identity import IdempotencyKey, is_uuid

RETRY_KEY = "X-Line-Retry-Key"
KEY_HEADERS = (RETRY_KEY, "Idempotency-Key")
CALL = "call"
"""The name of the call in the resolver's context, where `api.app` puts it."""


@dataclass(frozen=True)
class PushKey:
    """The key of a push. `is_new`: it was made here, because the caller sent none."""

    value: IdempotencyKey
    is_new: bool


@dataclass
class Call:
    """One call of the API.

    - `caller`: the owner of the call's retry key
    - `headers`: all values of each header, by lower-case name
    - `began`: when it began, on the clock's monotonic scale
    - `remaining_s`: how much of the function's time is left
    - `path_values`: the parameters of its path by name, once its route is found
    - `answer_headers`: headers for its answer, even when that is an error
    - `log_ids`: fields for its log lines
    """

    caller: str
    method: str
    path: str
    headers: Mapping[str, tuple[str, ...]]
    began: float
    remaining_s: Callable[[], float]
    _event: Mapping[str, Any]
    path_values: Mapping[str, str] = field(default_factory=dict)
    answer_headers: dict[str, str] = field(default_factory=dict)
    log_ids: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, event: Mapping[str, Any], context: Any, clock: Clock) -> "Call":
        headers = _headers(event)
        return cls(
            caller=_caller(event, headers),
            method=event["httpMethod"],
            path=_path(event),
            headers=headers,
            began=clock.monotonic(),
            remaining_s=lambda: context.get_remaining_time_in_millis() / 1000,
            _event=event,
        )

    def header(self, name: str) -> str:
        """The first value of a header; empty without one."""
        return next(iter(self.headers.get(name, ())), "").strip()

    def body(self) -> bytes:
        """The body's bytes. Raises TooLargeError, InvalidInputError."""
        text = self._event.get("body") or ""
        is_base64 = bool(self._event.get("isBase64Encoded"))
        if len(text) <= (API_MAX_BODY_BYTES * 4 // 3 + 4 if is_base64 else API_MAX_BODY_BYTES):
            try:
                body = b64decode(text, validate=True) if is_base64 else text.encode()
            except ValueError as error:
                raise InvalidInputError.at("body", "cannot be read") from error
            if len(body) <= API_MAX_BODY_BYTES:
                return body
        raise TooLargeError(API_BODY_TOO_LARGE)

    def push_key(self) -> PushKey:
        """The caller's key, from either header, or a new one. Raises InvalidInputError."""
        sent = [
            (name, _unquoted(value.strip()))
            for name in KEY_HEADERS
            for values in self.headers.get(name.lower(), ())
            for value in values.split(",")
        ]
        if violations := [Violation(name, "must be a UUID") for name, value in sent if not is_uuid(value)]:
            raise InvalidInputError(violations)
        keys = {str(UUID(value)) for _, value in sent}
        if len(keys) > 1:
            raise InvalidInputError.at(sent[-1][0], "differs from the key before it; send one key")
        for key in keys:
            return PushKey(IdempotencyKey(key), is_new=False)
        return PushKey(IdempotencyKey(str(uuid4())), is_new=True)


def call_of(context: Mapping[str, Any]) -> Call:
    """The current call, from the resolver's context."""
    call: Call = context[CALL]
    return call


def _unquoted(value: str) -> str:
    """The IETF's draft of `Idempotency-Key` writes a key in quotes."""
    return value[1:-1].strip() if len(value) > 1 and value[0] == value[-1] == '"' else value


def _path(event: Mapping[str, Any]) -> str:
    """The path as routes write it. The event's `path` may begin with the base path of a custom domain."""
    resource = str(event.get("resource") or event["path"])
    rest = (event.get("pathParameters") or {}).get("proxy")
    return resource.replace("{proxy+}", str(rest)) if rest is not None else resource


def _headers(event: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """API Gateway has one map with all values of each header, and another with the last value. Names have any case."""
    headers: dict[str, tuple[str, ...]] = {}
    for name, values in (event.get("multiValueHeaders") or {}).items():
        headers[name.lower()] = (*headers.get(name.lower(), ()), *(values or ()))
    for name, value in (event.get("headers") or {}).items():
        headers.setdefault(name.lower(), (value or "",))
    return headers


def _caller(event: Mapping[str, Any], headers: Mapping[str, tuple[str, ...]]) -> str:
    """The owner of retry keys: the id of the API key; with IAM, the principal without the name of its session; without
    both, the digest of the API key."""
    identity = (event.get("requestContext") or {}).get("identity") or {}
    if api_key_id := identity.get("apiKeyId"):
        return str(api_key_id)
    if principal := identity.get("caller"):
        return str(principal).partition(":")[0]
    return sha256("".join(headers.get("x-api-key", ())).encode(errors="replace")).hexdigest()
