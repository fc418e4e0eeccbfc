"""The simulated LINE platform listening on a loopback port of its own, in a thread."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests
import uvicorn

from simulators.line.app import create_app, new_platform
from simulators.line.channel import Credentials
from simulators.line.connection import Connection
from simulators.line.webhooks import WebhookSender

CREDENTIALS = Credentials("1234567890", "8c570fa6dd201bb328f1c1eac23a96d8", "the-token")


@dataclass
class RunningPlatform:
    url: str
    passed_s: float = 0
    """What a test adds to the platform's clock."""

    def now(self) -> float:
        return time.time() + self.passed_s

    def control(self, method: str, path: str, body: object = None) -> Any:
        answer = requests.request(method, f"{self.url}/_sim{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def friend(self, user_id: str, **profile: str) -> str:
        self.control("POST", "/people", {"userId": user_id, "displayName": "Somebody", **profile})
        self.control("POST", f"/people/{user_id}/follow")
        return user_id

    def received(self, user_id: str) -> list[Any]:
        return [entry["message"] for entry in self.control("GET", f"/people/{user_id}/received")["messages"]]


@contextmanager
def running_platform() -> Iterator[RunningPlatform]:
    listening = socket.create_server(("127.0.0.1", 0))
    running = RunningPlatform(f"http://127.0.0.1:{listening.getsockname()[1]}")
    platform = new_platform(CREDENTIALS, running.now)
    config = uvicorn.Config(
        create_app(platform, WebhookSender(platform)),
        http=Connection,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), name="line-platform")
    thread.start()
    try:
        running.control("GET", "/health")
        yield running
    finally:
        server.should_exit = True
        thread.join()
        listening.close()
