"""One request, as API Gateway hands it over and as the routes need it."""

from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from api.errors import InvalidRequestError, TooLargeError
from kairan.clock import Clock
from kairan.delivery.identity import is_uuid
from kairan.errors import Fault
from kairan.line.ids import RetryKey

RETRY_KEY = "X-Line-Retry-Key"
KEY_HEADERS = (RETRY_KEY, "Idempotency-Key")
MAX_BODY_BYTES = 4_500_000
"""Lambda takes 6 MB of JSON ("Lambda quotas", invocation payload), in which a body of this size fits as base64, with its headers."""


@dataclass(frozen=True)
class RequestKey:
    """What names a push for LINE and the ledger. `minted`: by us, because the caller gave none."""

    value: RetryKey
    minted: bool


@dataclass
class Call:
    """`headers` by lower-case name; `began` and `remaining_s` say how much time there is. `answered` are headers that every answer
    gets, also an error; `ids` are what a log line of this call names."""

    caller: str
    method: str
    path: str
    headers: Mapping[str, tuple[str, ...]]
    began: float
    remaining_s: Callable[[], float]
    _event: Mapping[str, Any]
    answered: dict[str, str] = field(default_factory=dict)
    ids: dict[str, Any] = field(default_factory=dict)

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
        """The value of a header that one gives once; empty when there is none."""
        return next(iter(self.headers.get(name, ())), "").strip()

    def body(self) -> bytes:
        """The body as it was sent. Raises TooLargeError, InvalidRequestError."""
        text = self._event.get("body") or ""
        encoded = bool(self._event.get("isBase64Encoded"))
        if len(text) <= (MAX_BODY_BYTES * 4 // 3 + 4 if encoded else MAX_BODY_BYTES):
            try:
                body = b64decode(text, validate=True) if encoded else text.encode()
            except ValueError as error:
                raise InvalidRequestError(Fault("body", "cannot be read")) from error
            if len(body) <= MAX_BODY_BYTES:
                return body
        raise TooLargeError(
            f"The body is over {MAX_BODY_BYTES:,} bytes: ask POST /v1/media/images, /v1/media/audio or /v1/media/video where to "
            "upload the file, then push its key"
        )

    def request_key(self) -> RequestKey:
        """The caller's key, in whichever of its headers, or one of our own. Raises InvalidRequestError."""
        given = [
            (name, value.strip())
            for name in KEY_HEADERS
            for values in self.headers.get(name.lower(), ())
            for value in values.split(",")
        ]
        if faults := [Fault(name, "must be a UUID") for name, value in given if not is_uuid(value)]:
            raise InvalidRequestError(*faults)
        keys = {str(UUID(value)) for _, value in given}
        if len(keys) > 1:
            raise InvalidRequestError(Fault(given[-1][0], "is not the same key as before it; give one"))
        for key in keys:
            return RequestKey(RetryKey(key), minted=False)
        return RequestKey(RetryKey(str(uuid4())), minted=True)


def _path(event: Mapping[str, Any]) -> str:
    """As the routes know it. `path` itself begins with the base path where a custom domain has one."""
    resource = str(event.get("resource") or event["path"])
    rest = (event.get("pathParameters") or {}).get("proxy")
    return resource.replace("{proxy+}", str(rest)) if rest is not None else resource


def _headers(event: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """API Gateway gives all values of a header in one map and the last of them in the other; names come in any case."""
    found: dict[str, tuple[str, ...]] = {}
    for name, values in (event.get("multiValueHeaders") or {}).items():
        found[name.lower()] = (*found.get(name.lower(), ()), *(values or ()))
    for name, value in (event.get("headers") or {}).items():
        found.setdefault(name.lower(), (value or "",))
    return found


def _caller(event: Mapping[str, Any], headers: Mapping[str, tuple[str, ...]]) -> str:
    """Whose keys are told apart: the API key's id; in IAM mode the principal, without the name of its session; else the digest of
    the key itself, where a gateway does not tell the id."""
    identity = (event.get("requestContext") or {}).get("identity") or {}
    if api_key_id := identity.get("apiKeyId"):
        return str(api_key_id)
    if principal := identity.get("caller"):
        return str(principal).partition(":")[0]
    return sha256("".join(headers.get("x-api-key", ())).encode(errors="replace")).hexdigest()
