"""The Messaging API over urllib3, which botocore loads anyway. Every call is one attempt.

Lambda's runtimes decide the version of urllib3. This works with 1.26 and 2.x, and so do `kairan.speech.http` and the
functions: tests run them with both.
"""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, TimeoutError

from kairan.clock import Clock
from kairan.errors import CredentialsMissingError, QuotaReachedError, RateLimitedError
from kairan.messengers.line.client import RetryKey
from kairan.messengers.line.errors import (
    LineRejectedError,
    LineTimedOutError,
    LineUnauthorizedError,
    LineUnavailableError,
)
from kairan.messengers.line.refusals import rejected
from kairan.messengers.line.tokens import AccessTokens, Credentials
from kairan.messengers.port import Accepted, Mode, NativeObject, Refusal
from kairan.people import Profile

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0
ALREADY_ACCEPTED = 409
"""LINE's answer to a retry key whose request it accepted before ("Retry failed API requests")."""
MONTHLY_LIMIT = "You have reached your monthly limit."
"""LINE's words for the one 429 that waiting does not cure ("Error responses")."""


class HttpLineClient:
    """Thread-safe. `api_url` is `https://api.line.me`, or the address of a simulated platform.

    All calls share one pool of `connections`.
    """

    def __init__(
        self, credentials: Credentials, *, api_url: str, connections: int = 1, clock: Clock | None = None
    ) -> None:
        self._base_path = urlsplit(api_url).path.rstrip("/")
        self._pool = urllib3.connection_from_url(api_url, maxsize=connections, block=True, retries=False)
        self._tokens = AccessTokens(credentials, self._issue_stateless_token, clock=clock)

    def push(
        self,
        to: str,
        messages: Sequence[NativeObject],
        *,
        retry_key: RetryKey,
        notification_disabled: bool = False,
        timeout_s: float = READ_TIMEOUT_S,
    ) -> Accepted:
        body = {"to": to, "messages": messages, "notificationDisabled": notification_disabled}
        return self._send(Mode.EACH, body, retry_key=retry_key, timeout_s=timeout_s)

    def multicast(
        self,
        to: Sequence[str],
        messages: Sequence[NativeObject],
        *,
        retry_key: RetryKey,
        notification_disabled: bool = False,
        timeout_s: float = READ_TIMEOUT_S,
    ) -> Accepted:
        body = {"to": to, "messages": messages, "notificationDisabled": notification_disabled}
        return self._send(Mode.TOGETHER, body, retry_key=retry_key, timeout_s=timeout_s)

    def validate(self, mode: Mode, messages: Sequence[NativeObject]) -> None:
        self._call("POST", f"/v2/bot/message/validate/{mode}", {"messages": messages})

    def profile(self, user_id: str) -> Profile | None:
        try:
            _, answer = self._call("GET", f"/v2/bot/profile/{quote(user_id, safe='')}")
        except LineRejectedError as error:
            if error.refusal.status == 404:
                return None
            raise
        return Profile(
            display_name=answer.get("displayName"),
            language=answer.get("language"),
            picture_url=answer.get("pictureUrl"),
            status_message=answer.get("statusMessage"),
        )

    def _send(self, mode: Mode, body: Mapping[str, Any], *, retry_key: RetryKey, timeout_s: float) -> Accepted:
        path = f"/v2/bot/message/{mode}"
        response, answer = self._call("POST", path, body, mode=mode, retry_key=retry_key, timeout_s=timeout_s)
        return Accepted(
            request_id=response.headers.get("x-line-accepted-request-id")
            or response.headers.get("x-line-request-id", ""),
            repeated=response.status == ALREADY_ACCEPTED,
            sent_messages=tuple(answer.get("sentMessages") or ()),
        )

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        mode: Mode | None = None,
        retry_key: RetryKey | None = None,
        timeout_s: float = READ_TIMEOUT_S,
    ) -> tuple["BaseHTTPResponse", dict[str, Any]]:
        """`mode` and `retry_key` belong to a call that sends."""
        data = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"content-type": "application/json"}
        if retry_key is not None:
            headers["x-line-retry-key"] = retry_key
        token = self._tokens.token()
        response = self._request(method, path, data, headers | {"authorization": f"Bearer {token}"}, timeout_s)
        if response.status == 401 and self._tokens.renew(token):
            token = self._tokens.token()
            response = self._request(method, path, data, headers | {"authorization": f"Bearer {token}"}, timeout_s)
        return response, _answer_of(response, mode)

    def _request(
        self, method: str, path: str, data: bytes | None, headers: Mapping[str, str], timeout_s: float
    ) -> "BaseHTTPResponse":
        timeout = urllib3.Timeout(total=timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))
        try:
            return self._pool.urlopen(
                method,
                self._base_path + path,
                body=data,
                headers=headers,
                timeout=timeout,
                redirect=False,
                enforce_content_length=True,  # the default of urllib3 2 only
            )
        except HTTPError as error:  # its message stays out: the path in it may hold an id
            kind = LineTimedOutError if _took_too_long(error) else LineUnavailableError
            raise kind(f"no answer from LINE: {type(error).__name__}") from error
        except ValueError:  # a header that Python refuses: the error and its causes would show the token
            raise CredentialsMissingError("the access token cannot be written into a header") from None

    def _issue_stateless_token(self, channel_id: str, channel_secret: str) -> tuple[str, float]:
        form = urlencode(
            {"grant_type": "client_credentials", "client_id": channel_id, "client_secret": channel_secret}
        ).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        response = self._request("POST", "/oauth2/v3/token", form, headers, READ_TIMEOUT_S)
        if response.status in (400, 401, 403):
            raise LineUnauthorizedError(
                f"LINE issued no stateless token (status {response.status}): "
                "check CHANNEL_ID and CHANNEL_SECRET in the secret"
            )
        answer = _answer_of(response)
        try:
            return str(answer["access_token"]), float(answer["expires_in"])
        except (KeyError, TypeError, ValueError) as error:
            raise LineUnavailableError("LINE answered without a stateless token") from error


def _took_too_long(error: HTTPError) -> bool:
    """For urllib3 a refused connection is a time-out too; here it is not."""
    return isinstance(error, TimeoutError) and not isinstance(error, NewConnectionError)


def _answer_of(response: "BaseHTTPResponse", mode: Mode | None = None) -> dict[str, Any]:
    """The body of a 2xx, or of a 409 to a retry key (already accepted). Any other status raises the error it means."""
    try:
        answer = json.loads(response.data or b"{}")
    except ValueError:
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    status = response.status
    if 200 <= status < 300 or (status == ALREADY_ACCEPTED and mode is not None):
        return answer
    request_id = response.headers.get("x-line-request-id")
    if not 400 <= status < 500 or request_id is None:  # something between LINE and Kairan answers without LINE's header
        raise LineUnavailableError(f"LINE answered {status} (request {request_id})")
    message = str(answer.get("message") or response.reason or "no message")
    if status == 401:
        raise LineUnauthorizedError(
            f"LINE refused the channel access token (request {request_id}): issue a new one and run `kairan connect`"
        )
    if status == 429:
        kind = QuotaReachedError if message.startswith(MONTHLY_LIMIT) else RateLimitedError
        raise kind(f"LINE answered 429: {message}")
    details = [detail for detail in _list(answer.get("details")) if isinstance(detail, dict)]
    properties = tuple(str(detail["property"]) for detail in details if detail.get("property"))
    raise rejected(Refusal(status, _in_lines_words(message, details), properties, request_id), mode)


def _in_lines_words(message: str, details: Sequence[Mapping[str, Any]]) -> str:
    """`The request body has 1 error(s): messages[0].text: May not be empty`"""
    faults = [
        ": ".join(str(detail[part]) for part in ("property", "message") if detail.get(part)) for detail in details
    ]
    return ": ".join(filter(None, (message, "; ".join(filter(None, faults)))))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
