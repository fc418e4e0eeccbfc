"""HTTP to this machine: past any proxy, and with a time limit."""

import os
from typing import Any

import requests
from requests import Response, Session

PATIENCE_S = 30.0


class LoopbackSession(Session):
    """A request is given up after `patience_s`, unless it names a `timeout` of its own."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        super().__init__()
        self.trust_env = False
        self._patience_s = patience_s

    def request(self, *arguments: Any, **options: Any) -> Response:
        return super().request(*arguments, **({"timeout": self._patience_s} | options))


def answers(url: str) -> bool:
    try:
        with LoopbackSession() as session:
            return session.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def bypass_proxies() -> None:
    """In this process and its children, requests to this machine do not go through a proxy."""
    for name in ("NO_PROXY", "no_proxy"):
        present = os.environ.get(name, "")
        os.environ[name] = ",".join(filter(None, [present, "127.0.0.1", "localhost"]))
