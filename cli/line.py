"""The LINE platform, as far as `kairan connect` needs it, through line-bot-sdk.

The SDK takes about a second to import, so it is imported at the first call.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from kairan.errors import RateLimitedError
from kairan.messengers.line.errors import LineRejectedError, LineUnauthorizedError, LineUnavailableError
from kairan.messengers.line.refusals import rejected
from kairan.messengers.port import Refusal

if TYPE_CHECKING:
    from linebot.v3.messaging import MessagingApi  # type: ignore[import-untyped]

TIMEOUT_S = 15.0


@dataclass(frozen=True)
class Account:
    """The LINE Official Account. Its basic id begins with `@`."""

    name: str
    basic_id: str


@dataclass(frozen=True)
class WebhookTest:
    """The result of LINE's call to the webhook ("Test webhook endpoint").

    - `reason`: `OK`, `COULD_NOT_CONNECT`, `REQUEST_TIMEOUT`, `ERROR_STATUS_CODE` or `UNCLASSIFIED`
    - `status`: the webhook's answer; 0 or less without one
    """

    success: bool
    status: int
    reason: str
    detail: str


@dataclass(frozen=True)
class Webhook:
    """The webhook of a channel at LINE. `url` is None before one was set. LINE sends events only if it is `in_use`."""

    url: str | None
    in_use: bool


class LineChannel(Protocol):
    """Calls raise LineUnauthorizedError, RateLimitedError, LineRejectedError or LineUnavailableError."""

    def issue_stateless_token(self, channel_id: str, channel_secret: str) -> str: ...

    def account(self, token: str) -> Account: ...

    def set_webhook(self, token: str, url: str) -> None: ...

    def webhook(self, token: str) -> Webhook: ...

    def test_webhook(self, token: str, url: str) -> WebhookTest: ...


class SdkLineChannel:
    """`api_url` is `https://api.line.me`, or the address of a simulated platform."""

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url.rstrip("/")

    def issue_stateless_token(self, channel_id: str, channel_secret: str) -> str:
        from linebot.v3.oauth import ApiClient, ChannelAccessToken, Configuration  # type: ignore[import-untyped]

        with ApiClient(Configuration(host=self._api_url)) as client:
            issue = ChannelAccessToken(client).issue_stateless_channel_token_by_client_secret
            return str(_answer(partial(issue, channel_id, channel_secret)).access_token)

    def account(self, token: str) -> Account:
        with self._api(token) as api:
            bot = _answer(api.get_bot_info)
        return Account(name=bot.display_name, basic_id=bot.basic_id)

    def set_webhook(self, token: str, url: str) -> None:
        from linebot.v3.messaging import SetWebhookEndpointRequest

        with self._api(token) as api:
            _answer(partial(api.set_webhook_endpoint, SetWebhookEndpointRequest(endpoint=url)))

    def webhook(self, token: str) -> Webhook:
        with self._api(token) as api:
            try:
                webhook = _answer(api.get_webhook_endpoint)
            except LineRejectedError as error:
                if error.refusal.status != 404:
                    raise
                return Webhook(url=None, in_use=False)
        return Webhook(url=webhook.endpoint or None, in_use=bool(webhook.active))

    def test_webhook(self, token: str, url: str) -> WebhookTest:
        from linebot.v3.messaging import TestWebhookEndpointRequest

        with self._api(token) as api:
            test = _answer(partial(api.test_webhook_endpoint, TestWebhookEndpointRequest(endpoint=url)))
        return WebhookTest(success=bool(test.success), status=test.status_code, reason=test.reason, detail=test.detail)

    @contextmanager
    def _api(self, token: str) -> Iterator["MessagingApi"]:
        from linebot.v3.messaging import ApiClient, Configuration, MessagingApi

        with ApiClient(Configuration(host=self._api_url, access_token=token)) as client:
            yield MessagingApi(client)


def _answer(call: Callable[..., Any]) -> Any:
    """Makes one call of the SDK. Its errors become ours, by status."""
    from linebot.v3.messaging.exceptions import ApiException as MessagingError  # type: ignore[import-untyped]
    from linebot.v3.oauth.exceptions import ApiException as OauthError  # type: ignore[import-untyped]
    from urllib3.exceptions import HTTPError

    try:
        return call(_request_timeout=TIMEOUT_S)
    except (MessagingError, OauthError) as error:
        raise _translated(int(error.status or 0), error.body) from error
    except HTTPError as error:
        raise LineUnavailableError(f"LINE did not answer: {type(error).__name__}") from error
    except ValueError as error:  # the SDK's models refused the answer
        raise LineUnavailableError("LINE's answer has an unexpected form") from error


def _translated(status: int, body: str | bytes | None) -> Exception:
    try:
        answer = json.loads(body or "{}")
    except ValueError:
        answer = {}
    message = "no message"
    if isinstance(answer, dict):
        message = str(answer.get("message") or answer.get("error_description") or answer.get("error") or message)
    if status == 401:
        return LineUnauthorizedError(f"LINE answered 401: {message}")
    if status == 429:
        return RateLimitedError(f"LINE answered 429: {message}")
    if 400 <= status < 500:
        return rejected(Refusal(status, message))
    return LineUnavailableError(f"LINE answered {status}" if status else "no secure connection to LINE")
