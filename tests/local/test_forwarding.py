"""A cloud that passes webhook calls on to two other tools: one that works, and one that is slow and answers 500."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kairan.messengers.line.signature import is_signed, sign
from tests.local.cloud import Cloud, Running, eventually, free_port_base
from tests.local.webhook_calls import VERIFY, follow_event

SLOW_S = 4.0
"""Longer than LINE gives a webhook."""


@dataclass
class Tool:
    """Another tool with a webhook. It keeps the calls that it answers with 200."""

    url: str = ""
    status: int = 200
    delay_s: float = 0
    took: list[tuple[str, bytes, str | None, str | None]] = field(default_factory=list)
    """Path, body, signature, content type."""
    refused: int = 0

    def bodies(self) -> list[bytes]:
        return [body for _, body, _, _ in list(self.took)]


@contextmanager
def listening(tool: Tool) -> Iterator[Tool]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = tool.status
            time.sleep(tool.delay_s)
            if status == 200:
                tool.took.append((self.path, body, self.headers["x-line-signature"], self.headers["content-type"]))
            else:
                tool.refused += 1
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    tool.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield tool
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def bot() -> Iterator[Tool]:
    with listening(Tool()) as tool:
        yield tool


@pytest.fixture
def broken() -> Iterator[Tool]:
    with listening(Tool(status=500, delay_s=SLOW_S)) as tool:
        yield tool


def test_calls_are_passed_on_as_they_came_and_a_broken_tool_delays_no_one(
    cloud: Cloud, bot: Tool, broken: Tool
) -> None:
    """One story, because a deployment takes half a minute."""
    targets = f"forward_webhooks_to={bot.url}/line/,{broken.url}/hook?key=a%20b"
    cloud.up("--port-base", str(free_port_base()), "-c", targets)
    running = Running(cloud)
    secret = running.secret["CHANNEL_SECRET"]
    eventually(lambda: VERIFY_OF_LINE in map(events_of, bot.bodies()), "LINE's own test was not passed on")

    # what people do at LINE reaches the inbox and the tool that works
    aiko, ben = running.friend("Aiko"), running.friend("Ben")
    for number in range(5):
        running.line.write(aiko, f"{number} こんにちは 🎌")
    running.line.write(ben, "やあ")
    eventually(lambda: len(texts_of(bot, aiko)) == 5 and len(texts_of(bot, ben)) == 1, f"{bot.bodies()}")

    assert texts_of(bot, aiko) == [f"{number} こんにちは 🎌" for number in range(5)]
    for path, body, signature, content_type in bot.took:
        assert (path, content_type) == ("/line/", "application/json; charset=utf-8")
        assert is_signed(secret, body, signature or "")

    # bodies that no JSON writer would make again, and one that is too large for the queue
    odd = b'{ "destination" : "U0",\n\n  "events": [], "x": "\\u3042 \xe3\x81\x82", "n": 1.0e2 }\n'
    large = VERIFY + b" " * 300_000
    unreadable = b'{"events": '
    for body, status in ((odd, 200), (large, 200), (unreadable, 400)):
        begun = time.monotonic()
        assert running.post_webhook(body).status_code == status
        assert time.monotonic() - begun < SLOW_S
    eventually(lambda: {odd, large, unreadable} <= set(bot.bodies()), "not all calls were passed on")
    assert {sign(secret, body) for body in (odd, large, unreadable)} <= {signature for _, _, signature, _ in bot.took}

    # a call that LINE did not sign goes no further
    forged = json.dumps({"destination": "U0", "events": [follow_event(aiko, "01FORGED", timestamp_ms=0)]}).encode()
    assert running.post_webhook(forged, "AAAA").status_code == 400

    # the broken tool got nothing so far, and everything once it works
    eventually(lambda: broken.refused > 0, "the broken tool was not asked")
    assert broken.took == []
    broken.status, broken.delay_s = 200, 0
    eventually(lambda: sorted(broken.bodies()) == sorted(bot.bodies()), "it did not get all calls", timeout_s=120)
    assert texts_of(broken, aiko) == texts_of(bot, aiko)
    assert {path for path, *_ in broken.took} == {"/hook?key=a%20b"}
    assert forged not in bot.bodies()
    letters = cloud.kairan("dead-letters", "list", "--local", "--queue", "forwards")
    assert letters.out.count("Calls that 127.0.0.1 did not take: none") == 2


VERIFY_OF_LINE: list[object] = []


def events_of(body: bytes) -> object:
    try:
        return json.loads(body)["events"]
    except ValueError:
        return None


def texts_of(tool: Tool, user_id: str) -> list[str]:
    """What a person wrote, in the order in which the tool got it."""
    return [
        event["message"]["text"]
        for events in map(events_of, tool.bodies())
        if isinstance(events, list)
        for event in events
        if event["type"] == "message" and event["source"]["userId"] == user_id
    ]
