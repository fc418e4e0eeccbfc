"""The Messaging API over urllib3, which botocore has already loaded. One attempt per call.

Thread-safe; all calls share one connection pool of `connections`.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, TimeoutError

from kairan.clock import Clock
from kairan.errors import (
    LineRejectedError,
    LineTimedOutError,
    LineUnauthorizedError,
    LineUnavailableError,
    MonthlyQuotaError,
    RateLimitedError,
)
from kairan.line.client import Accepted, Message, Profile, ValidatedCall
from kairan.line.ids import RetryKey
from kairan.line.tokens import AccessTokens, Credentials

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 10.0
ALREADY_ACCEPTED = 409
"""The answer to a retry key whose request LINE took before ("Retry failed API requests")."""
MONTHLY_LIMIT = "You have reached your monthly limit."
"""How LINE words the one 429 that waiting does not cure ("Error responses")."""


class HttpLineClient:
    """`api_url` is `https://api.line.me`, or where a simulated platform listens."""

    def __init__(
        self, credentials: Credentials, *, api_url: str, connections: int = 1, clock: Clock | None = None
    ) -> None:
        self._base_path = urlsplit(api_url).path.rstrip("/")
        self._pool = urllib3.connection_from_url(api_url, maxsize=connections, block=True, retries=False)
        self._tokens = AccessTokens(credentials, self._issue_stateless_token, clock=clock)

    def push(
        self,
        to: str,
        messages: Sequence[Message],
        *,
        retry_key: RetryKey,
        notification_disabled: bool = False,
        timeout_s: float = READ_TIMEOUT_S,
    ) -> Accepted:
        body = {"to": to, "messages": messages, "notificationDisabled": notification_disabled}
        return self._send("/v2/bot/message/push", body, retry_key=retry_key, timeout_s=timeout_s)

    def multicast(
        self,
        to: Sequence[str],
        messages: Sequence[Message],
        *,
        retry_key: RetryKey,
        notification_disabled: bool = False,
        timeout_s: float = READ_TIMEOUT_S,
    ) -> Accepted:
        body = {"to": to, "messages": messages, "notificationDisabled": notification_disabled}
        return self._send("/v2/bot/message/multicast", body, retry_key=retry_key, timeout_s=timeout_s)

    def reply(self, reply_token: str, messages: Sequence[Message], *, notification_disabled: bool = False) -> Accepted:
        body = {"replyToken": reply_token, "messages": messages, "notificationDisabled": notification_disabled}
        return self._send("/v2/bot/message/reply", body)

    def validate(self, call: ValidatedCall, messages: Sequence[Message]) -> None:
        self._call("POST", f"/v2/bot/message/validate/{call}", {"messages": messages})

    def profile(self, user_id: str) -> Profile | None:
        try:
            _, answer = self._call("GET", f"/v2/bot/profile/{quote(user_id, safe='')}")
        except LineRejectedError as error:
            if error.status == 404:
                return None
            raise
        return Profile(
            display_name=answer.get("displayName"),
            language=answer.get("language"),
            picture_url=answer.get("pictureUrl"),
            status_message=answer.get("statusMessage"),
        )

    def _send(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        retry_key: RetryKey | None = None,
        timeout_s: float = READ_TIMEOUT_S,
    ) -> Accepted:
        response, answer = self._call("POST", path, body, retry_key=retry_key, timeout_s=timeout_s)
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
        retry_key: RetryKey | None = None,
        timeout_s: float = READ_TIMEOUT_S,
    ) -> tuple[urllib3.BaseHTTPResponse, dict[str, Any]]:
        data = None if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"content-type": "application/json"}
        if retry_key is not None:
            headers["x-line-retry-key"] = retry_key
        token = self._tokens.token()
        response = self._request(method, path, data, headers | {"authorization": f"Bearer {token}"}, timeout_s)
        if response.status == 401 and self._tokens.renew(token):
            token = self._tokens.token()
            response = self._request(method, path, data, headers | {"authorization": f"Bearer {token}"}, timeout_s)
        return response, _answer_of(response, has_retry_key=retry_key is not None)

    def _request(
        self, method: str, path: str, data: bytes | None, headers: Mapping[str, str], timeout_s: float
    ) -> urllib3.BaseHTTPResponse:
        timeout = urllib3.Timeout(total=timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s))
        try:
            return self._pool.urlopen(
                method, self._base_path + path, body=data, headers=headers, timeout=timeout, redirect=False
            )
        except HTTPError as error:  # none of its own words: a path may hold an id
            kind = LineTimedOutError if _took_too_long(error) else LineUnavailableError
            raise kind(f"no answer from LINE: {type(error).__name__}") from error

    def _issue_stateless_token(self, channel_id: str, channel_secret: str) -> tuple[str, float]:
        form = urlencode(
            {"grant_type": "client_credentials", "client_id": channel_id, "client_secret": channel_secret}
        ).encode()
        headers = {"content-type": "application/x-www-form-urlencoded"}
        response = self._request("POST", "/oauth2/v3/token", form, headers, READ_TIMEOUT_S)
        if response.status in (400, 401, 403):
            raise LineUnauthorizedError(
                f"LINE issued no stateless token (status {response.status}): check CHANNEL_ID and CHANNEL_SECRET in the secret"
            )
        answer = _answer_of(response)
        try:
            return str(answer["access_token"]), float(answer["expires_in"])
        except (KeyError, TypeError, ValueError) as error:
            raise LineUnavailableError("LINE answered without a stateless token") from error


def _took_too_long(error: HTTPError) -> bool:
    """In urllib3's tree a refused connection is a time-out too; here it is not."""
    return isinstance(error, TimeoutError) and not isinstance(error, NewConnectionError)


def _answer_of(response: urllib3.BaseHTTPResponse, *, has_retry_key: bool = False) -> dict[str, Any]:
    """The body of a 2xx, or of a 409 to a retry key (already accepted); raises what the status means otherwise."""
    try:
        answer = json.loads(response.data or b"{}")
    except ValueError:
        answer = {}
    if not isinstance(answer, dict):
        answer = {}
    status = response.status
    if 200 <= status < 300 or (status == ALREADY_ACCEPTED and has_retry_key):
        return answer
    message = str(answer.get("message") or response.reason or "no message")
    request_id = response.headers.get("x-line-request-id")
    if status == 401:
        raise LineUnauthorizedError(
            f"LINE refused the channel access token (request {request_id}): issue a new one and run `kairan connect`"
        )
    if status == 429:
        kind = MonthlyQuotaError if message.startswith(MONTHLY_LIMIT) else RateLimitedError
        raise kind(f"LINE answered 429: {message}")
    if not 400 <= status < 500:  # also a redirect, which LINE never answers: something stands in between
        raise LineUnavailableError(f"LINE answered {status} (request {request_id})")
    details = answer.get("details")
    properties = (
        [str(detail.get("property")) for detail in details if isinstance(detail, dict) and detail.get("property")]
        if isinstance(details, list)
        else []
    )
    raise LineRejectedError(status, message, properties=properties, request_id=request_id)
