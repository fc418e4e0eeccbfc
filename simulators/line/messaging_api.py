"""What each endpoint of the Messaging API does with a request that the gate in `app` let through.

Error bodies are those of LINE's reference where it shows them. The README lists what it leaves open.
"""

import base64
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from simulators.line import ids, limits
from simulators.line.api_request import ApiRequest, ApiResponse
from simulators.line.channel import BASIC_ID, DISPLAY_NAME, is_webhook_url
from simulators.line.error_response import ErrorResponse, invalid_body, invalid_property
from simulators.line.limits import (
    HOURLY_RATE,
    LOADING_RATE,
    MULTICAST_RATE,
    STANDARD_RATE,
    WEBHOOK_ENDPOINT_RATE,
    Rate,
)
from simulators.line.message_checks import message_violations
from simulators.line.property_checks import size_between
from simulators.line.received_media import PREPARED, ReceivedMedia
from simulators.line.state import State
from simulators.line.violations import MAY_NOT_BE_EMPTY, Violation
from simulators.line.webhooks import WebhookSender

Json = dict[str, Any]

STATELESS_TOKEN_PATH = "/oauth2/v3/token"


class MessagingApi:
    def __init__(self, state: State, webhooks: WebhookSender) -> None:
        self._state = state
        self._webhooks = webhooks

    def reply(self, request: ApiRequest) -> ApiResponse:
        body = request.json()
        token = body.get("replyToken")
        _refuse_violations(_absent(body, "replyToken"), _sending(body))
        if (user_id := self._state.reply_tokens.find(token)) is None:
            raise ErrorResponse(400, "Invalid reply token")
        self._state.reply_tokens.use(str(token))
        self._state.send("reply", [user_id], body["messages"], request.request_id, free=True)
        return ApiResponse(body={"sentMessages": self._state.sent_messages(body["messages"])})

    def push(self, request: ApiRequest) -> ApiResponse:
        return self._once(request, self._push)

    def _push(self, request: ApiRequest) -> Json:
        body = request.json()
        to = body.get("to")
        if to and not ids.is_chat_id(to):
            raise invalid_property("'to'")
        _refuse_violations(_absent(body, "to"), _sending(body), _aggregation_units(body))
        self._state.send("push", [str(to)], body["messages"], request.request_id)
        return {"sentMessages": self._state.sent_messages(body["messages"])}

    def multicast(self, request: ApiRequest) -> ApiResponse:
        return self._once(request, self._multicast)

    def _multicast(self, request: ApiRequest) -> Json:
        body = request.json()
        to = body.get("to")
        if to and not isinstance(to, list):
            raise invalid_property("'to'")
        for index, user_id in enumerate(to or ()):
            if not ids.is_user_id(user_id):
                raise invalid_property(f"to[{index}]")
        _refuse_violations(
            _absent(body, "to"), _too_many_recipients(to or ()), _sending(body), _aggregation_units(body)
        )
        self._state.send("multicast", to or (), body["messages"], request.request_id)
        return {}

    def broadcast(self, request: ApiRequest) -> ApiResponse:
        return self._once(request, self._broadcast)

    def _broadcast(self, request: ApiRequest) -> Json:
        body = request.json()
        _refuse_violations(_sending(body))
        friends = [person.user_id for person in self._state.friends()]
        self._state.send("broadcast", friends, body["messages"], request.request_id)
        return {}

    def narrowcast(self, _: ApiRequest) -> ApiResponse:
        raise ErrorResponse(403, "Access to this API is not available for your account")

    def validate(self, request: ApiRequest) -> ApiResponse:
        _refuse_violations(message_violations(request.json().get("messages")))
        return ApiResponse()

    def quota(self, _: ApiRequest) -> ApiResponse:
        quota = self._state.settings.quota
        return ApiResponse(body={"type": "none"} if quota is None else {"type": "limited", "value": quota})

    def consumption(self, _: ApiRequest) -> ApiResponse:
        return ApiResponse(body={"totalUsage": self._state.usage()})

    def profile(self, request: ApiRequest) -> ApiResponse:
        user_id = request.parameters["user_id"]
        if not ids.is_user_id(user_id):
            raise ErrorResponse(400, "The value for the 'userId' parameter is invalid")
        person = self._state.people.get(user_id)
        if person is None or not person.shows_profile:
            raise ErrorResponse(404, "Not found")
        return ApiResponse(body=person.profile())

    def bot_info(self, _: ApiRequest) -> ApiResponse:
        return ApiResponse(
            body={
                "userId": self._state.channel.bot_user_id,
                "basicId": BASIC_ID,
                "displayName": DISPLAY_NAME,
                "chatMode": "bot",
                "markAsReadMode": "auto",
            }
        )

    def follower_ids(self, request: ApiRequest) -> ApiResponse:
        limit = request.query_value("limit") or str(limits.FOLLOWERS_PAGE)
        if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= limits.MAX_FOLLOWERS_PAGE:
            raise ErrorResponse(400, "The value for the 'limit' parameter is invalid")
        start = _page_start(request.query_value("start"))
        friends = [person.user_id for person in self._state.friends()]
        end = start + int(limit)
        more = {"next": _continuation(end)} if end < len(friends) else {}
        return ApiResponse(body={"userIds": friends[start:end], **more})

    def set_webhook_endpoint(self, request: ApiRequest) -> ApiResponse:
        url = request.json().get("endpoint")
        if isinstance(url, str) and len(url) > limits.MAX_WEBHOOK_URL:
            raise invalid_body([Violation(("endpoint",), size_between(0, limits.MAX_WEBHOOK_URL))])
        if not is_webhook_url(url):
            raise ErrorResponse(400, "Invalid webhook endpoint URL")
        self._state.use_webhook(str(url))
        return ApiResponse()

    def webhook_endpoint(self, _: ApiRequest) -> ApiResponse:
        active = self._state.settings.webhook_active
        return ApiResponse(body={"endpoint": self._webhook_url(), "active": active})

    async def test_webhook_endpoint(self, request: ApiRequest) -> ApiResponse:
        url = (request.json() if request.body else {}).get("endpoint") or self._webhook_url()
        if not is_webhook_url(url):
            raise ErrorResponse(400, "Invalid webhook endpoint URL")
        return ApiResponse(body=await self._webhooks.test(url))

    def content(self, request: ApiRequest) -> ApiResponse:
        media = self._media(request)
        return ApiResponse(body=media.data, headers={"content-type": media.media_type})

    def transcoding(self, request: ApiRequest) -> ApiResponse:
        if self._media(request).kind not in PREPARED:
            raise ErrorResponse(400, "Transcoding status doesn't support this type of content")
        return ApiResponse(body={"status": "succeeded"})

    def start_loading(self, request: ApiRequest) -> ApiResponse:
        body = request.json()
        _refuse_violations(_absent(body, "chatId"))
        if not ids.is_user_id(body["chatId"]):
            raise invalid_property("'chatId'")
        seconds = body.get("loadingSeconds", 20)
        if isinstance(seconds, bool) or seconds not in limits.LOADING_SECONDS:
            raise invalid_body([Violation(("loadingSeconds",), "Must be a multiple of 5 from 5 to 60")])
        return ApiResponse(202)

    def issue_stateless_token(self, request: ApiRequest) -> ApiResponse:
        form = request.form()
        if form.get("grant_type") != "client_credentials":
            return _oauth_error("unsupported_grant_type", "The grant_type must be client_credentials")
        token = self._state.channel.issue_token(form.get("client_id", ""), form.get("client_secret", ""))
        if token is None:
            return _oauth_error("invalid_request", "Invalid 'client_credentials'.")
        lifetime_s = limits.STATELESS_TOKEN_LIFETIME_S
        return ApiResponse(body={"token_type": "Bearer", "access_token": token, "expires_in": lifetime_s})

    def _once(self, request: ApiRequest, send: Callable[[ApiRequest], Json]) -> ApiResponse:
        """Lets each retry key through once ("Retrying an API request")."""
        key = request.headers.get("x-line-retry-key")
        if key is None:
            return ApiResponse(body=send(request))
        if not ids.RETRY_KEY.fullmatch(key):
            raise ErrorResponse(400, "The header X-Line-Retry-Key is not a UUID in hexadecimal format")
        keys = self._state.retry_keys
        if (accepted := keys.find(key)) is not None:
            raise ErrorResponse(
                409,
                "The retry key is already accepted",
                headers={"x-line-accepted-request-id": accepted.request_id},
                more=dict(accepted.answer),
            )
        answer = send(request)
        keys.remember(key, request.request_id, answer)
        return ApiResponse(body=answer)

    def _webhook_url(self) -> str:
        if (url := self._state.channel.webhook_url) is None:
            raise ErrorResponse(404, "Webhook endpoint not found")
        return url

    def _media(self, request: ApiRequest) -> ReceivedMedia:
        media = self._state.media.get(request.parameters["message_id"])
        if media is None:
            raise ErrorResponse(404, "not found")
        if media.gone:
            raise ErrorResponse(410, "The content is gone")
        return media


Handler = Callable[[MessagingApi, ApiRequest], ApiResponse | Awaitable[ApiResponse]]


@dataclass(frozen=True)
class Endpoint:
    """One call of the Messaging API.

    `name` is also the name of its rate in `/_sim/settings`. A path may have parameters in braces. `retry_key` says
    whether the call takes one ("Retrying an API request").
    """

    name: str
    method: str
    path: str
    handle: Handler
    rate: Rate = STANDARD_RATE
    retry_key: bool = False


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("push", "POST", "/v2/bot/message/push", MessagingApi.push, retry_key=True),
    Endpoint("multicast", "POST", "/v2/bot/message/multicast", MessagingApi.multicast, MULTICAST_RATE, retry_key=True),
    Endpoint("reply", "POST", "/v2/bot/message/reply", MessagingApi.reply),
    Endpoint("broadcast", "POST", "/v2/bot/message/broadcast", MessagingApi.broadcast, HOURLY_RATE, retry_key=True),
    Endpoint("narrowcast", "POST", "/v2/bot/message/narrowcast", MessagingApi.narrowcast, HOURLY_RATE, retry_key=True),
    *(
        Endpoint(f"validate/{call}", "POST", f"/v2/bot/message/validate/{call}", MessagingApi.validate)
        for call in ("reply", "push", "multicast", "narrowcast", "broadcast")
    ),
    Endpoint("quota", "GET", "/v2/bot/message/quota", MessagingApi.quota),
    Endpoint("consumption", "GET", "/v2/bot/message/quota/consumption", MessagingApi.consumption),
    Endpoint("content", "GET", "/v2/bot/message/{message_id}/content", MessagingApi.content),
    Endpoint("transcoding", "GET", "/v2/bot/message/{message_id}/content/transcoding", MessagingApi.transcoding),
    Endpoint("profile", "GET", "/v2/bot/profile/{user_id}", MessagingApi.profile),
    Endpoint("followers", "GET", "/v2/bot/followers/ids", MessagingApi.follower_ids),
    Endpoint("info", "GET", "/v2/bot/info", MessagingApi.bot_info),
    Endpoint("loading", "POST", "/v2/bot/chat/loading/start", MessagingApi.start_loading, LOADING_RATE),
    Endpoint(
        "webhook/set",
        "PUT",
        "/v2/bot/channel/webhook/endpoint",
        MessagingApi.set_webhook_endpoint,
        WEBHOOK_ENDPOINT_RATE,
    ),
    Endpoint(
        "webhook/get", "GET", "/v2/bot/channel/webhook/endpoint", MessagingApi.webhook_endpoint, WEBHOOK_ENDPOINT_RATE
    ),
    Endpoint("webhook/test", "POST", "/v2/bot/channel/webhook/test", MessagingApi.test_webhook_endpoint, HOURLY_RATE),
    Endpoint("token", "POST", STATELESS_TOKEN_PATH, MessagingApi.issue_stateless_token),
)


def _refuse_violations(*groups: Iterator[Violation] | tuple[Violation, ...]) -> None:
    if violations := [violation for group in groups for violation in group]:
        raise invalid_body(violations)


def _absent(body: Json, prop: str) -> Iterator[Violation]:
    if not body.get(prop):
        yield Violation((prop,), MAY_NOT_BE_EMPTY)


def _sending(body: Json) -> Iterator[Violation]:
    """What all calls that send messages have in common."""
    yield from message_violations(body.get("messages"))
    if not isinstance(body.get("notificationDisabled", False), bool):
        yield Violation(("notificationDisabled",), "Must be true or false")


def _too_many_recipients(to: Any) -> Iterator[Violation]:
    if len(to) > limits.MAX_MULTICAST_RECIPIENTS:
        yield Violation(("to",), size_between(1, limits.MAX_MULTICAST_RECIPIENTS))


def _aggregation_units(body: Json) -> Iterator[Violation]:
    units = body.get("customAggregationUnits")
    if units is None:
        return
    if not isinstance(units, list) or len(units) > limits.MAX_AGGREGATION_UNITS:
        yield Violation(("customAggregationUnits",), size_between(0, limits.MAX_AGGREGATION_UNITS))
        return
    for index, unit in enumerate(units):
        if not isinstance(unit, str) or not limits.AGGREGATION_UNIT.fullmatch(unit):
            yield Violation(("customAggregationUnits", index), "Must be 1 to 30 of the characters a-z, A-Z, 0-9 and _")


def _continuation(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def _page_start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError as error:
        raise ErrorResponse(400, "The value for the 'start' parameter is invalid") from error


def _oauth_error(error: str, description: str) -> ApiResponse:
    return ApiResponse(400, {"error": error, "error_description": description})
