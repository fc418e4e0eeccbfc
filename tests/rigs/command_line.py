"""LINE and a screen, as small as they can be."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import urllib3

from cli.line import Account, Webhook, WebhookTest
from kairan.errors import KairanError
from kairan.messengers.line.errors import LineUnauthorizedError

SECRET_NAME = "LINE_secrets"
WEBHOOK_URL = "https://api.example.com/live/webhook"
PLACEHOLDERS = {"CHANNEL_ACCESS_TOKEN": "INSERT_CHANNEL_ACCESS_TOKEN", "CHANNEL_SECRET": "INSERT_CHANNEL_SECRET"}
ACCOUNT = Account(name="Neko Shop", basic_id="@neko")
WORKING = WebhookTest(success=True, status=200, reason="OK", detail="200")


@dataclass
class FakeLineChannel:
    """One channel. `refuses` maps a call's name to what it raises."""

    tokens: set[str]
    tests: list[WebhookTest] = field(default_factory=lambda: [WORKING])
    in_use: bool = True
    refuses: dict[str, KairanError] = field(default_factory=dict)
    webhook_url: str | None = None
    calls: list[str] = field(default_factory=list)

    def issue_stateless_token(self, channel_id: str, channel_secret: str) -> str:
        self._called("issue_stateless_token")
        token = f"stateless-{channel_id}"
        self.tokens.add(token)
        return token

    def account(self, token: str) -> Account:
        self._called("account", token)
        return ACCOUNT

    def set_webhook(self, token: str, url: str) -> None:
        self._called("set_webhook", token)
        self.webhook_url = url

    def webhook(self, token: str) -> Webhook:
        self._called("webhook", token)
        return Webhook(self.webhook_url, self.in_use)

    def test_webhook(self, token: str, url: str) -> WebhookTest:
        self._called("test_webhook", token)
        return self.tests.pop(0)

    def _called(self, call: str, token: str | None = None) -> None:
        self.calls.append(call)
        if call in self.refuses:
            raise self.refuses[call]
        if token is not None and token not in self.tokens:
            raise LineUnauthorizedError("LINE answered 401: Authentication failed")


@dataclass
class RecordedReport:
    lines: list[tuple[str, str]] = field(default_factory=list)

    def done(self, text: str) -> None:
        self.lines.append(("done", text))

    def warning(self, text: str) -> None:
        self.lines.append(("warning", text))

    def note(self, text: str) -> None:
        self.lines.append(("note", text))

    def warnings(self) -> list[str]:
        return [text for kind, text in self.lines if kind == "warning"]


BOT = {
    "userId": "U00000000000000000000000000000001",
    "basicId": "@neko",
    "displayName": "Neko Shop",
    "chatMode": "bot",
    "markAsReadMode": "auto",
}


def webhook_test(status: int) -> dict[str, Any]:
    return {
        "success": status == 200,
        "timestamp": "2026-11-21T10:00:00.000Z",
        "statusCode": status,
        "reason": "OK" if status == 200 else "ERROR_STATUS_CODE",
        "detail": str(status),
    }


@dataclass
class Request:
    method: str
    url: str
    headers: dict[str, str]
    body: Any


@dataclass
class Wire:
    """LINE where urllib3 would open a connection: answers with `status` and what `routes` holds for the path, else
    `answer`."""

    answer: Any = field(default_factory=dict)
    routes: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    broken: Exception | None = None
    requests: list[Request] = field(default_factory=list)

    def request(self, method: str, url: str, **given: Any) -> urllib3.HTTPResponse:
        body = json.loads(given["body"]) if given.get("body") else given.get("fields")
        self.requests.append(Request(method, url, dict(given["headers"]), body))
        if self.broken:
            raise self.broken
        answer = self.routes.get(urlsplit(url).path, self.answer)
        return urllib3.HTTPResponse(
            body=answer if isinstance(answer, bytes) else json.dumps(answer).encode(),
            status=self.status,
            headers={"content-type": "application/json"},
        )
