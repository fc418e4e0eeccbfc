"""What another tool gets of a call, and what becomes of each of its answers, from a server that answers anything."""

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kairan import __version__
from kairan.errors import TargetUnavailableError
from kairan.inbox.forwarding import Call
from kairan.inbox.http import HttpTarget

BODY = '{"destination": "U0",  "events":[]}\n 回覧 '.encode() + b"\xff\x00"
CALL = Call(BODY, "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=", "application/json; charset=utf-8")


@dataclass
class Tool:
    """Answers with `status`, `location` and `answer`, after `delay_s`."""

    url: str = ""
    status: int = 200
    answer: bytes = b"{}"
    location: str = ""
    delay_s: float = 0
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    connections: int = 0


@pytest.fixture
def tool() -> Iterator[Tool]:
    tool = Tool()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            tool.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            tool.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            time.sleep(tool.delay_s)
            self.send_response(tool.status)
            if tool.location:
                self.send_header("location", tool.location)
            self.send_header("content-length", str(len(tool.answer)))
            self.end_headers()
            self.wfile.write(tool.answer)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    tool.url = f"http://127.0.0.1:{listening.server_port}"
    yield tool
    listening.shutdown()
    thread.join()
    listening.server_close()


def test_the_call_arrives_byte_for_byte_with_its_signature_and_its_content_type(tool: Tool) -> None:
    HttpTarget(f"{tool.url}/bot/line/?key=a%20b&x").post(CALL)

    [(path, headers, body)] = tool.asked
    assert body == BODY
    assert path == "/bot/line/?key=a%20b&x"
    del headers["host"], headers["accept-encoding"]
    assert headers == {
        "content-type": "application/json; charset=utf-8",
        "x-line-signature": "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=",
        "content-length": str(len(BODY)),
        "user-agent": f"kairan/{__version__}",
        "x-kairan-forwarded": "1",
    }


def test_an_address_without_a_path_is_the_root(tool: Tool) -> None:
    HttpTarget(tool.url).post(CALL)

    assert tool.asked[0][0] == "/"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_success(tool: Tool, status: int) -> None:
    tool.status, tool.answer = status, b"" if status == 204 else b"<html>"

    HttpTarget(tool.url).post(CALL)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
def test_any_other_answer_is_none_and_no_redirect_is_followed(tool: Tool, status: int) -> None:
    tool.status, tool.location = status, f"{tool.url}/elsewhere"

    with pytest.raises(TargetUnavailableError, match=f"it answered {status}"):
        HttpTarget(tool.url).post(CALL)

    assert [path for path, _, _ in tool.asked] == ["/"]


def test_a_tool_that_is_slow_is_given_up_and_asked_once(tool: Tool) -> None:
    tool.delay_s = 5

    with pytest.raises(TargetUnavailableError, match="no answer: ReadTimeoutError"):
        HttpTarget(tool.url, timeout_s=0.2).post(CALL)

    assert len(tool.asked) == 1


def test_a_tool_that_is_not_there_is_told_without_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/secret-path"

    with pytest.raises(TargetUnavailableError, match=r"^no answer: NewConnectionError$"):
        HttpTarget(url).post(CALL)


def test_calls_share_a_connection(tool: Tool) -> None:
    target = HttpTarget(tool.url)

    for _ in range(3):
        target.post(CALL)

    assert (len(tool.asked), tool.connections) == (3, 1)
