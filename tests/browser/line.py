"""The simulated platform as a program, and what an account and its people do there."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from local.line_simulator_client import LineSimulatorClient
from tests.rigs.programs import running
from tools.sample_bot import SampleBot

Json = dict[str, Any]

TOKEN = "the-token"
CREDENTIALS = {"LINE_CHANNEL_ID": "1234567890", "LINE_CHANNEL_SECRET": "secret", "LINE_CHANNEL_ACCESS_TOKEN": TOKEN}


class Line(LineSimulatorClient):
    def api(self, method: str, path: str, body: object = None) -> requests.Response:
        headers = {"authorization": f"Bearer {TOKEN}"}
        return self.session.request(method, f"{self.url}/v2/bot{path}", json=body, headers=headers)

    def use_webhook(self, url: str) -> None:
        self.api("PUT", "/channel/webhook/endpoint", {"endpoint": url}).raise_for_status()

    def push(self, to: str, *messages: Json) -> None:
        answer = self.api("POST", "/message/push", {"to": to, "messages": messages})
        assert answer.ok, answer.text

    def multicast(self, to: list[str], *messages: Json) -> None:
        answer = self.api("POST", "/message/multicast", {"to": to, "messages": messages})
        assert answer.ok, answer.text

    def person(self, user_id: str, name: str, *, follows: bool = True) -> None:
        self.add_person(name, userId=user_id)
        if follows:
            self.call("POST", f"/people/{user_id}/follow?wait=false")

    def begin_anew(self, bot: SampleBot) -> None:
        """Without people, and with a bot that has no events yet."""
        self.call("POST", "/reset")
        self.use_webhook(bot.webhook_url)
        bot.status = 200
        while not bot.events.empty():
            bot.events.get()


@contextmanager
def running_line(port: int = 0) -> Iterator[Line]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINE_")}
    command = [sys.executable, "-m", "simulators.line", "--port", str(port)]
    with running(command, {**environment, **CREDENTIALS}) as (url, _):
        yield Line(url)
