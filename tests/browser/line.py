"""The simulated platform as a program of its own, and what an account and its people do there."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import requests

from local.web import LoopbackSession
from tools.run import ROOT
from tools.sample_bot import SampleBot

Json = dict[str, Any]

TOKEN = "the-token"
CHANNEL = {"LINE_CHANNEL_ID": "1234567890", "LINE_CHANNEL_SECRET": "secret", "LINE_CHANNEL_ACCESS_TOKEN": TOKEN}


class Line:
    def __init__(self, url: str) -> None:
        self.url = url
        self.session = LoopbackSession()

    def api(self, method: str, path: str, body: object) -> requests.Response:
        return self.session.request(
            method, f"{self.url}/v2/bot{path}", json=body, headers={"authorization": f"Bearer {TOKEN}"}
        )

    def use_webhook(self, url: str) -> None:
        assert self.api("PUT", "/channel/webhook/endpoint", {"endpoint": url}).ok

    def push(self, to: str, *messages: Json) -> None:
        answer = self.api("POST", "/message/push", {"to": to, "messages": messages})
        assert answer.ok, answer.text

    def multicast(self, to: list[str], *messages: Json) -> None:
        answer = self.api("POST", "/message/multicast", {"to": to, "messages": messages})
        assert answer.ok, answer.text

    def control(self, method: str, path: str, body: object = None) -> Any:
        answer = self.session.request(method, f"{self.url}/_sim{path}", json=body)
        assert answer.ok, answer.text
        return answer.json()

    def person(self, user_id: str, name: str, *, follows: bool = True) -> str:
        self.control("POST", "/people", {"userId": user_id, "displayName": name})
        if follows:
            self.control("POST", f"/people/{user_id}/follow?wait=false")
        return user_id

    def begin_anew(self, bot: SampleBot) -> None:
        """With nobody, and with a bot that heard nothing yet."""
        self.control("POST", "/reset")
        self.use_webhook(bot.webhook_url)
        bot.status = 200
        while not bot.events.empty():
            bot.events.get()


@contextmanager
def running_line(port: int = 0) -> Iterator[Line]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINE_")}
    command = [sys.executable, "-m", "simulators.line", "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, env={**environment, **CHANNEL}, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr
            ready = process.stderr.readline()
            address = re.search(r"ready at (http://\S+)", ready)
            assert address, ready
            yield Line(address[1])
        finally:
            process.terminate()
            process.communicate(timeout=10)
