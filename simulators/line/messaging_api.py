"""What each endpoint of the Messaging API does, once the gate in `app` has let a request through.

Error bodies are those of LINE's reference where it shows them; the README lists what it leaves open.
"""

import base64
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from simulators.line import ids, limits
from simulators.line.call import Answer, Call
from simulators.line.channel import BASIC_ID, DISPLAY_NAME, is_webhook_url
from simulators.line.checks import size_between
from simulators.line.content import PREPARED, Content
from simulators.line.faults import MAY_NOT_BE_EMPTY, Fault, Refusal, invalid_body, invalid_property
from simulators.line.limits import (
    HOURLY_RATE,
    LOADING_RATE,
    MULTICAST_RATE,
    STANDARD_RATE,
    WEBHOOK_ENDPOINT_RATE,
    Rate,
)
from simulators.line.messages import message_faults
from simulators.line.platform import Platform
from simulators.line.webhooks import WebhookSender

Json = dict[str, Any]

STATELESS_TOKEN_PATH = "/oauth2/v3/token"


class MessagingApi:
    def __init__(self, platform: Platform, webhooks: WebhookSender) -> None:
        self._platform = platform
        self._webhooks = webhooks

    def reply(self, call: Call) -> Answer:
        body = call.json()
        token = body.get("replyToken")
        _refuse_faults(_absent(body, "replyToken"), _sending(body))
        if (user_id := self._platform.reply_tokens.find(token)) is None:
            raise Refusal(400, "Invalid reply token")
        self._platform.reply_tokens.use(str(token))
        self._platform.send("reply", [user_id], body["messages"], call.request_id, free=True)
        return Answer(body={"sentMessages": self._platform.sent_messages(body["messages"])})

    def push(self, call: Call) -> Answer:
        return self._once(call, self._push)

    def _push(self, call: Call) -> Json:
        body = call.json()
        to = body.get("to")
        if to and not ids.is_chat_id(to):
            raise invalid_property("'to'")
        _refuse_faults(_absent(body, "to"), _sending(body), _aggregation_units(body))
        self._platform.send("push", [str(to)], body["messages"], call.request_id)
        return {"sentMessages": self._platform.sent_messages(body["messages"])}

    def multicast(self, call: Call) -> Answer:
        return self._once(call, self._multicast)

    def _multicast(self, call: Call) -> Json:
        body = call.json()
        to = body.get("to")
        if to and not isinstance(to, list):
            raise invalid_property("'to'")
        for index, user_id in enumerate(to or ()):
            if not ids.is_user_id(user_id):
                raise invalid_property(f"to[{index}]")
        _refuse_faults(_absent(body, "to"), _too_many_recipients(to or ()), _sending(body), _aggregation_units(body))
        self._platform.send("multicast", to or (), body["messages"], call.request_id)
        return {}

    def broadcast(self, call: Call) -> Answer:
        return self._once(call, self._broadcast)

    def _broadcast(self, call: Call) -> Json:
        body = call.json()
        _refuse_faults(_sending(body))
        friends = [person.user_id for person in self._platform.friends()]
        self._platform.send("broadcast", friends, body["messages"], call.request_id)
        return {}

    def narrowcast(self, _: Call) -> Answer:
        raise Refusal(403, "Access to this API is not available for your account")

    def validate(self, call: Call) -> Answer:
        _refuse_faults(message_faults(call.json().get("messages")))
        return Answer()

    def quota(self, _: Call) -> Answer:
        quota = self._platform.settings.quota
        return Answer(body={"type": "none"} if quota is None else {"type": "limited", "value": quota})

    def consumption(self, _: Call) -> Answer:
        return Answer(body={"totalUsage": self._platform.usage()})

    def profile(self, call: Call) -> Answer:
        user_id = call.parameters["user_id"]
        if not ids.is_user_id(user_id):
            raise Refusal(400, "The value for the 'userId' parameter is invalid")
        person = self._platform.people.get(user_id)
        if person is None or not person.is_friend:
            raise Refusal(404, "Not found")
        return Answer(body=person.profile())

    def bot_info(self, _: Call) -> Answer:
        return Answer(
            body={
                "userId": self._platform.channel.bot_user_id,
                "basicId": BASIC_ID,
                "displayName": DISPLAY_NAME,
                "chatMode": "bot",
                "markAsReadMode": "auto",
            }
        )

    def follower_ids(self, call: Call) -> Answer:
        limit = call.query_value("limit") or str(limits.FOLLOWERS_PAGE)
        if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= limits.MAX_FOLLOWERS_PAGE:
            raise Refusal(400, "The value for the 'limit' parameter is invalid")
        start = _page_start(call.query_value("start"))
        friends = [person.user_id for person in self._platform.friends()]
        end = start + int(limit)
        more = {"next": _continuation(end)} if end < len(friends) else {}
        return Answer(body={"userIds": friends[start:end], **more})

    def set_webhook_endpoint(self, call: Call) -> Answer:
        url = call.json().get("endpoint")
        if isinstance(url, str) and len(url) > limits.MAX_WEBHOOK_URL:
            raise invalid_body([Fault(("endpoint",), size_between(0, limits.MAX_WEBHOOK_URL))])
        if not is_webhook_url(url):
            raise Refusal(400, "Invalid webhook endpoint URL")
        self._platform.use_webhook(str(url))
        return Answer()

    def webhook_endpoint(self, _: Call) -> Answer:
        active = self._platform.settings.webhook_active
        return Answer(body={"endpoint": self._webhook_url(), "active": active})

    async def test_webhook_endpoint(self, call: Call) -> Answer:
        url = (call.json() if call.body else {}).get("endpoint") or self._webhook_url()
        if not is_webhook_url(url):
            raise Refusal(400, "Invalid webhook endpoint URL")
        return Answer(body=await self._webhooks.test(url))

    def content(self, call: Call) -> Answer:
        content = self._content(call)
        return Answer(body=content.data, headers={"content-type": content.media_type})

    def transcoding(self, call: Call) -> Answer:
        if self._content(call).kind not in PREPARED:
            raise Refusal(400, "Transcoding status doesn't support this type of content")
        return Answer(body={"status": "succeeded"})

    def start_loading(self, call: Call) -> Answer:
        body = call.json()
        _refuse_faults(_absent(body, "chatId"))
        if not ids.is_user_id(body["chatId"]):
            raise invalid_property("'chatId'")
        seconds = body.get("loadingSeconds", 20)
        if isinstance(seconds, bool) or seconds not in limits.LOADING_SECONDS:
            raise invalid_body([Fault(("loadingSeconds",), "Must be a multiple of 5 from 5 to 60")])
        return Answer(202)

    def issue_stateless_token(self, call: Call) -> Answer:
        form = call.form()
        if form.get("grant_type") != "client_credentials":
            return _oauth_error("unsupported_grant_type", "The grant_type must be client_credentials")
        token = self._platform.channel.issue_token(form.get("client_id", ""), form.get("client_secret", ""))
        if token is None:
            return _oauth_error("invalid_request", "Invalid 'client_credentials'.")
        lifetime_s = limits.STATELESS_TOKEN_LIFETIME_S
        return Answer(body={"token_type": "Bearer", "access_token": token, "expires_in": lifetime_s})

    def _once(self, call: Call, send: Callable[[Call], Json]) -> Answer:
        """Let a request with a retry key through unless one with the same key was accepted ("Retrying an API request")."""
        key = call.headers.get("x-line-retry-key")
        if key is None:
            return Answer(body=send(call))
        if not ids.RETRY_KEY.fullmatch(key):
            raise Refusal(400, "The header X-Line-Retry-Key is not a UUID in hexadecimal format")
        keys = self._platform.retry_keys
        if (before := keys.find(key)) is not None:
            raise Refusal(
                409,
                "The retry key is already accepted",
                headers={"x-line-accepted-request-id": before.request_id},
                more=dict(before.answer),
            )
        answer = send(call)
        keys.remember(key, call.request_id, answer)
        return Answer(body=answer)

    def _webhook_url(self) -> str:
        if (url := self._platform.channel.webhook_url) is None:
            raise Refusal(404, "Webhook endpoint not found")
        return url

    def _content(self, call: Call) -> Content:
        content = self._platform.contents.get(call.parameters["message_id"])
        if content is None:
            raise Refusal(404, "not found")
        if content.gone:
            raise Refusal(410, "The content is gone")
        return content


Handler = Callable[[MessagingApi, Call], Answer | Awaitable[Answer]]


@dataclass(frozen=True)
class Endpoint:
    """`name` is what `/_sim/settings` calls its rate; a path may have parameters in braces; `retry_key` says whether the call
    takes one ("Retrying an API request")."""

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


def _refuse_faults(*groups: Iterator[Fault] | tuple[Fault, ...]) -> None:
    if faults := [fault for group in groups for fault in group]:
        raise invalid_body(faults)


def _absent(body: Json, prop: str) -> Iterator[Fault]:
    if not body.get(prop):
        yield Fault((prop,), MAY_NOT_BE_EMPTY)


def _sending(body: Json) -> Iterator[Fault]:
    """What all calls that send have in common."""
    yield from message_faults(body.get("messages"))
    if not isinstance(body.get("notificationDisabled", False), bool):
        yield Fault(("notificationDisabled",), "Must be true or false")


def _too_many_recipients(to: Any) -> Iterator[Fault]:
    if len(to) > limits.MAX_MULTICAST_RECIPIENTS:
        yield Fault(("to",), size_between(1, limits.MAX_MULTICAST_RECIPIENTS))


def _aggregation_units(body: Json) -> Iterator[Fault]:
    units = body.get("customAggregationUnits")
    if units is None:
        return
    if not isinstance(units, list) or len(units) > limits.MAX_AGGREGATION_UNITS:
        yield Fault(("customAggregationUnits",), size_between(0, limits.MAX_AGGREGATION_UNITS))
        return
    for index, unit in enumerate(units):
        if not isinstance(unit, str) or not limits.AGGREGATION_UNIT.fullmatch(unit):
            yield Fault(("customAggregationUnits", index), "Must be 1 to 30 of the characters a-z, A-Z, 0-9 and _")


def _continuation(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def _page_start(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except ValueError as error:
        raise Refusal(400, "The value for the 'start' parameter is invalid") from error


def _oauth_error(error: str, description: str) -> Answer:
    return Answer(400, {"error": error, "error_description": description})
