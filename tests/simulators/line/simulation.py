"""The simulated platform without a network: tests call its ASGI application, and webhooks land in a list."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from simulators.line.app import create_app, new_state
from simulators.line.channel import ChannelCredentials
from simulators.line.connection import ABORT
from simulators.line.webhooks import WebhookResult, WebhookSender

CREDENTIALS = ChannelCredentials("1234567890", "8c570fa6dd201bb328f1c1eac23a96d8", "the-token")
WEBHOOK_URL = "https://example.com/webhook"
START = 1_790_000_000.0

AKI = "U" + "a" * 32
BEN = "U" + "b" * 32
CHO = "U" + "c" * 32
UNKNOWN = "U" + "0" * 32

HELLO = {"type": "text", "text": "Hello"}


def key(number: int) -> str:
    """A retry key."""
    return f"123e4567-e89b-12d3-a456-{number:012x}"


@dataclass(frozen=True)
class Response:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


CUT = Response(0, {}, b"")
"""The connection was ended without an answer."""


@dataclass
class Bot:
    """A bot server. It answers webhooks with `results`, one after the other, and repeats the last of them."""

    results: list[WebhookResult] = field(default_factory=lambda: [WebhookResult(200, "OK", "200")])
    posts: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)
    timeout_s: float = 0
    """The time limit of the last post."""

    def __call__(self, url: str, body: bytes, headers: dict[str, str], timeout_s: float) -> WebhookResult:
        self.posts.append((url, body, headers))
        self.timeout_s = timeout_s
        return self.results.pop(0) if len(self.results) > 1 else self.results[0]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for _, body, _ in self.posts for event in json.loads(body)["events"]]


class Simulation:
    def __init__(self) -> None:
        self.now = START
        self.bot = Bot()
        self.chance = 0.5
        self.waits: list[float] = []
        self.state = new_state(CREDENTIALS, lambda: self.now, self._sleep)
        self.webhooks = WebhookSender(self.state, post=self.bot, sleep=self._sleep, chance=lambda: self.chance)
        self._app = create_app(self.state, self.webhooks)
        self._runner = asyncio.Runner()

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def close(self) -> None:
        self._runner.run(self.webhooks.close())
        self._runner.close()

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = CREDENTIALS.channel_access_token,
        headers: Mapping[str, str] | None = None,
        raw: bytes | None = None,
    ) -> Response:
        all_headers = {"content-type": "application/json", **(headers or {})}
        if token is not None:
            all_headers["authorization"] = f"Bearer {token}"
        sent = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return self._runner.run(self._call(method, path, sent, all_headers))

    def get(self, path: str, **options: Any) -> Response:
        return self.call("GET", path, **options)

    def post(self, path: str, body: object = None, **options: Any) -> Response:
        return self.call("POST", path, body, **options)

    def put(self, path: str, body: object, **options: Any) -> Response:
        return self.call("PUT", path, body, **options)

    def send(self, call: str, body: object, *, retry_key: str | None = None) -> Response:
        headers = {} if retry_key is None else {"x-line-retry-key": retry_key}
        return self.post(f"/v2/bot/message/{call}", body, headers=headers)

    def person(self, user_id: str, *, follows: bool = True, **profile: str) -> str:
        created = self.post("/_sim/people", {"userId": user_id, "displayName": "A person", **profile})
        assert created.status == 201, created.json
        if follows:
            self.post(f"/_sim/people/{user_id}/follow")
        return user_id

    def write(self, user_id: str, message: Mapping[str, object] = HELLO, *, query: str = "") -> Response:
        return self.post(f"/_sim/people/{user_id}/messages{query}", message)

    def change_webhook(self, **settings: object) -> None:
        assert self.put("/_sim/settings", {"webhook": settings}).status == 200

    def received(self, user_id: str) -> list[dict[str, Any]]:
        """The message objects that a person received, in order."""
        listed = self.get(f"/_sim/people/{user_id}/received").json["messages"]
        return [entry["message"] for entry in listed]

    def usage(self) -> int:
        """The messages that count toward the monthly quota."""
        return int(self.get("/v2/bot/message/quota/consumption").json["totalUsage"])

    def use_webhook(self) -> None:
        assert self.put("/v2/bot/channel/webhook/endpoint", {"endpoint": WEBHOOK_URL}).status == 200

    def until_posted(self, count: int) -> None:
        """Lets work in the background go on until the bot server has this number of posts."""

        async def wait() -> None:
            while len(self.bot.posts) < count:
                await asyncio.sleep(0)

        self._runner.run(wait())

    async def _call(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Response:
        target, _, query = path.partition("?")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": target,
            "raw_path": target.encode(),
            "root_path": "",
            "query_string": query.encode(),
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 4800),
            "state": {ABORT: lambda: messages.append({"type": "http.disconnect"})},
        }
        chunks = [body[at : at + 65536] for at in range(0, len(body), 65536)] or [b""]
        messages: list[dict[str, object]] = [
            {"type": "http.request", "body": chunk, "more_body": index < len(chunks) - 1}
            for index, chunk in enumerate(chunks)
        ]
        sent: list[Any] = []

        async def receive() -> Any:
            """The request. After it the client stays, and sends nothing more."""
            if not messages:
                await asyncio.Event().wait()
            return messages.pop(0)

        async def send(message: Any) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        if not sent:
            return CUT
        start, *rest = sent
        return Response(
            start["status"],
            {name.decode(): value.decode() for name, value in start["headers"]},
            b"".join(message.get("body", b"") for message in rest),
        )
