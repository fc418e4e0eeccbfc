"""What the LINE client makes of every answer there is, from a server that answers anything."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from kairan.errors import CredentialsMissingError, KairanError, QuotaReachedError, RateLimitedError
from kairan.messengers.line.client import RetryKey
from kairan.messengers.line.errors import (
    LineRejectedError,
    LineTimedOutError,
    LineUnauthorizedError,
    LineUnavailableError,
)
from kairan.messengers.line.http import HttpLineClient
from kairan.messengers.line.secret import LineCredentials
from kairan.messengers.port import Blame, Mode, Refusal

AKI, BEN = "U" + "a" * 32, "U" + "b" * 32
HELLO = {"type": "text", "text": "やあ"}
FROM_LINE = {"x-line-request-id": "r-0"}
KEY = RetryKey("123e4567-e89b-12d3-a456-426614174000")


@dataclass
class Anything:
    """A server on a loopback port that gives `answers` in turn (status, body, headers), and keeps what it was asked."""

    url: str = ""
    answers: list[tuple[int, bytes, dict[str, str]]] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)

    def will(self, status: int, body: object = b"{}", **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, data, {name.replace("_", "-"): value for name, value in headers.items()}))


@pytest.fixture
def server() -> Iterator[Anything]:
    anything = Anything()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            anything.asked.append((self.path, headers, body))
            status, data, extra = anything.answers.pop(0)
            self.send_response(status)
            for name, value in {"content-length": str(len(data)), **FROM_LINE, **extra}.items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    anything.url = f"http://127.0.0.1:{listening.server_port}"
    yield anything
    listening.shutdown()
    thread.join()
    listening.server_close()


class Credentials:
    """The first of `tokens`; the next ones after a refresh each."""

    def __init__(self, *tokens: str | None) -> None:
        self._tokens = list(tokens)

    def to_send_with(self) -> LineCredentials:
        return LineCredentials("channel-secret", self._tokens[0], "1234567890")

    def refresh(self) -> bool:
        if len(self._tokens) > 1:
            self._tokens.pop(0)
            return True
        return False


@pytest.fixture
def client(server: Anything) -> HttpLineClient:
    return HttpLineClient(Credentials("t"), api_url=server.url)


def push(client: HttpLineClient, **options: Any) -> object:
    return client.push(AKI, [HELLO], retry_key=KEY, **options)


ERRORS: list[tuple[int, object, type[KairanError]]] = [
    (302, b"", LineUnavailableError),
    (400, {"message": "The request body has 1 error(s)"}, LineRejectedError),
    (400, b"<html>", LineRejectedError),
    (400, [], LineRejectedError),
    (403, {"message": "Not available for your plan"}, LineRejectedError),
    (404, b"", LineRejectedError),
    (413, b"", LineRejectedError),
    (429, {"message": "You have reached your monthly limit."}, QuotaReachedError),
    (429, {"message": "The API rate limit has been exceeded. Try again later."}, RateLimitedError),
    (429, b"", RateLimitedError),
    (500, {"message": "Internal server error"}, LineUnavailableError),
    (502, b"<html>", LineUnavailableError),
    (503, b"", LineUnavailableError),
    (504, b"", LineUnavailableError),
]


@pytest.mark.parametrize(("status", "body", "error"), ERRORS, ids=lambda value: repr(value)[:40])
def test_every_status_is_one_error(
    server: Anything, client: HttpLineClient, status: int, body: object, error: type[KairanError]
) -> None:
    server.will(status, body, location="https://elsewhere.invalid/")

    with pytest.raises(KairanError) as raised:
        push(client)

    assert type(raised.value) is error
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 429])
@pytest.mark.parametrize("body", [b"<html>blocked</html>", b'{"message": "Forbidden"}'])
def test_an_answer_without_lines_own_header_comes_from_something_in_between(
    server: Anything, client: HttpLineClient, status: int, body: bytes
) -> None:
    server.will(status, body, x_line_request_id="")

    with pytest.raises(LineUnavailableError):
        push(client)


def test_lines_own_words_about_a_violation_are_kept(server: Anything, client: HttpLineClient) -> None:
    details = [{"message": "May not be empty", "property": "messages[0].text"}, {"message": "no property"}, "odd"]
    server.will(400, {"message": "The request body has 1 error(s)", "details": details}, x_line_request_id="r-1")

    with pytest.raises(LineRejectedError) as raised:
        push(client)

    words = "The request body has 1 error(s): messages[0].text: May not be empty; no property"
    assert raised.value.refusal == Refusal(400, words, ("messages[0].text",), "r-1")
    assert str(raised.value) == f"LINE answered 400: {words}"
    assert raised.value.blame is Blame.CONTENT


def test_a_place_among_many_recipients_blames_its_person(server: Anything, client: HttpLineClient) -> None:
    server.will(400, {"message": "The property, to[1], in the request body is invalid (line: -, column: -)"})

    with pytest.raises(LineRejectedError) as raised:
        client.multicast([AKI, BEN], [HELLO], retry_key=KEY)

    assert (raised.value.blame, raised.value.people) == (Blame.PEOPLE, (1,))


@pytest.mark.parametrize("body", [b"{}", b"", b"not json", b"[]"])
def test_an_accepted_request_is_accepted_whatever_its_body(
    server: Anything, client: HttpLineClient, body: bytes
) -> None:
    server.will(200, body, x_line_request_id="r-1")

    accepted = client.multicast([AKI], [HELLO], retry_key=KEY)

    assert (accepted.request_id, accepted.repeated, accepted.sent_messages) == ("r-1", False, ())


def test_a_409_to_a_retry_key_is_the_request_that_was_accepted_before(server: Anything, client: HttpLineClient) -> None:
    server.will(409, {"message": "…"}, x_line_request_id="r-2", x_line_accepted_request_id="r-1")

    accepted = client.multicast([AKI], [HELLO], retry_key=KEY)

    assert (accepted.request_id, accepted.repeated) == ("r-1", True)


def test_a_409_without_a_retry_key_is_a_refusal(server: Anything, client: HttpLineClient) -> None:
    server.will(409, {"message": "Conflict"})

    with pytest.raises(LineRejectedError):
        client.validate(Mode.EACH, [HELLO])


def test_a_request_carries_its_key_its_token_and_its_messages(server: Anything, client: HttpLineClient) -> None:
    server.will(200)

    push(client, notification_disabled=True)

    [(path, headers, body)] = server.asked
    assert path == "/v2/bot/message/push"
    assert headers["x-line-retry-key"] == KEY
    assert headers["authorization"] == "Bearer t"
    assert json.loads(body) == {"to": AKI, "messages": [HELLO], "notificationDisabled": True}


def test_after_a_401_the_new_token_is_tried_once_under_the_same_key(server: Anything) -> None:
    server.will(401)
    server.will(200)

    push(HttpLineClient(Credentials("old", "new"), api_url=server.url))

    assert [headers["authorization"] for _, headers, _ in server.asked] == ["Bearer old", "Bearer new"]
    assert {headers["x-line-retry-key"] for _, headers, _ in server.asked} == {KEY}


@pytest.mark.parametrize(("tokens", "requests"), [(("old",), 1), (("old", "new"), 2)])
def test_a_401_that_no_other_token_cures_is_unauthorized(
    server: Anything, tokens: tuple[str, ...], requests: int
) -> None:
    server.will(401)
    server.will(401)

    with pytest.raises(LineUnauthorizedError):
        push(HttpLineClient(Credentials(*tokens), api_url=server.url))

    assert len(server.asked) == requests


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (400, {"error": "invalid_client"}, LineUnauthorizedError),
        (200, {}, LineUnavailableError),
        (200, {"access_token": "t", "expires_in": "soon"}, LineUnavailableError),
        (500, b"", LineUnavailableError),
        (429, b"", RateLimitedError),
    ],
)
def test_without_a_stateless_token_nothing_is_sent(
    server: Anything, status: int, body: object, error: type[KairanError]
) -> None:
    server.will(status, body)

    with pytest.raises(error):
        push(HttpLineClient(Credentials(None), api_url=server.url))

    assert [path for path, _, _ in server.asked] == ["/oauth2/v3/token"]


def test_a_stateless_token_that_no_header_can_hold_is_not_shown(server: Anything) -> None:
    server.will(200, {"access_token": "half\nhalf", "expires_in": 900})

    with pytest.raises(CredentialsMissingError) as refused:
        push(HttpLineClient(Credentials(None), api_url=server.url))

    assert str(refused.value) == "the access token cannot be written into a header"
    assert [path for path, _, _ in server.asked] == ["/oauth2/v3/token"]


def answers_nothing(connection: socket.socket) -> None:
    while connection.recv(65536):
        """Listen until the other has had enough."""


def hangs_up(connection: socket.socket) -> None:
    connection.recv(65536)


def breaks_off(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{")


def talks_nonsense(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"\x00\x01 good day\r\n\r\n")


@pytest.mark.parametrize("manner", [answers_nothing, hangs_up, breaks_off, talks_nonsense])
def test_a_server_that_does_not_answer_properly_in_time_is_unavailable(manner: Callable[[socket.socket], None]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _ = listening.accept()
            with connection:
                manner(connection)

        threading.Thread(target=serve, daemon=True).start()
        client = HttpLineClient(Credentials("t"), api_url=f"http://127.0.0.1:{listening.getsockname()[1]}")
        began = time.monotonic()

        with pytest.raises(LineUnavailableError) as raised:
            push(client, timeout_s=0.5)

        assert type(raised.value) is (LineTimedOutError if manner is answers_nothing else LineUnavailableError)
        assert time.monotonic() - began < 2
        assert AKI not in str(raised.value)


def test_a_refused_connection_is_no_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    client = HttpLineClient(Credentials("t"), api_url=f"http://127.0.0.1:{port}")

    with pytest.raises(LineUnavailableError) as raised:
        push(client)

    assert type(raised.value) is LineUnavailableError
