"""Kairan's LINE client and LINE's own SDK against the simulated platform, which answers both as LINE does."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import linebot.v3.messaging as sdk  # type: ignore[import-untyped]
import linebot.v3.oauth as oauth  # type: ignore[import-untyped]
import pytest

from kairan.errors import QuotaReachedError, RateLimitedError
from kairan.messengers.line.client import LineClient, RetryKey
from kairan.messengers.line.errors import LineRejectedError, LineUnauthorizedError, LineUnavailableError
from kairan.messengers.line.http import HttpLineClient
from kairan.messengers.line.secret import LineCredentials
from kairan.messengers.port import Blame, Mode
from kairan.people import Profile
from local.waiting import until
from simulators.line.webhooks import HttpPost, WebhookResult
from tests.rigs.line_simulator import CREDENTIALS, LineSimulator, running_line_simulator

AKI = "U" + "a" * 32
BEN = "U" + "b" * 32
HELLO = {"type": "text", "text": "Hello"}
TEXT = sdk.TextMessage(text="Hello")
KEY = RetryKey("123e4567-e89b-12d3-a456-426614174000")
OTHER_KEY = RetryKey("123e4567-e89b-12d3-a456-426614174001")

TOKEN = LineCredentials(CREDENTIALS.channel_secret, CREDENTIALS.channel_access_token, CREDENTIALS.channel_id)
WRONG_TOKEN = LineCredentials(CREDENTIALS.channel_secret, "wrong", None)
STATELESS = LineCredentials(CREDENTIALS.channel_secret, None, CREDENTIALS.channel_id)
WRONG_SECRET = LineCredentials("wrong", None, CREDENTIALS.channel_id)


class Fixed:
    """Credentials that do not change."""

    def __init__(self, credentials: LineCredentials) -> None:
        self._credentials = credentials

    def to_send_with(self) -> LineCredentials:
        return self._credentials

    def refresh(self) -> bool:
        return False


@pytest.fixture(scope="module")
def running() -> Iterator[LineSimulator]:
    with running_line_simulator() as simulator:
        yield simulator


@pytest.fixture
def line(running: LineSimulator) -> LineSimulator:
    running.clock.ahead_s = 0
    running.call("POST", "/reset")
    return running


def kairan(line: LineSimulator, credentials: LineCredentials = TOKEN) -> LineClient:
    return HttpLineClient(Fixed(credentials), api_url=line.url)


@contextmanager
def official_client(line: LineSimulator) -> Iterator[sdk.ApiClient]:
    configuration = sdk.Configuration(host=line.url, access_token=CREDENTIALS.channel_access_token)
    with sdk.ApiClient(configuration) as client:
        yield client


@pytest.fixture
def official(line: LineSimulator) -> Iterator[sdk.MessagingApi]:
    with official_client(line) as client:
        yield sdk.MessagingApi(client)


# Kairan's client


def test_a_push_arrives(line: LineSimulator) -> None:
    line.friend(AKI)

    accepted = kairan(line).push(AKI, [HELLO], retry_key=KEY)

    assert accepted.request_id == line.requests()["requests"][-1]["requestId"]
    assert [sorted(sent) for sent in accepted.sent_messages] == [["id", "quoteToken"]]
    assert line.received(AKI) == [HELLO]


def test_a_repeat_counts_as_accepted_under_the_first_requests_id(line: LineSimulator) -> None:
    line.friend(AKI)
    client = kairan(line)

    first, again = (client.push(AKI, [HELLO], retry_key=KEY) for _ in range(2))

    assert (first.repeated, again.repeated) == (False, True)
    assert (again.request_id, again.sent_messages) == (first.request_id, first.sent_messages)
    assert line.received(AKI) == [HELLO]


def test_what_line_refuses_is_named_as_line_names_it(line: LineSimulator) -> None:
    with pytest.raises(LineRejectedError) as malformed_id:
        kairan(line).multicast([AKI, "not-an-id"], [HELLO], retry_key=KEY)
    with pytest.raises(LineRejectedError) as bad_message:
        kairan(line).push(AKI, [{"type": "text", "text": ""}], retry_key=KEY)

    assert (malformed_id.value.blame, malformed_id.value.people) == (Blame.PEOPLE, (1,))
    assert bad_message.value.blame is Blame.CONTENT
    assert bad_message.value.refusal.properties == ("messages[0].text",)
    assert bad_message.value.refusal.request_id == line.requests()["requests"][-1]["requestId"]


@pytest.mark.parametrize("credentials", [WRONG_TOKEN, WRONG_SECRET])
def test_wrong_credentials_are_unauthorized(line: LineSimulator, credentials: LineCredentials) -> None:
    with pytest.raises(LineUnauthorizedError):
        kairan(line, credentials).push(AKI, [HELLO], retry_key=KEY)


def test_a_stateless_token_sends_and_is_replaced_when_it_has_expired(line: LineSimulator) -> None:
    line.friend(AKI)
    client = kairan(line, STATELESS)
    client.push(AKI, [HELLO], retry_key=KEY)
    line.clock.ahead_s = 900

    client.push(AKI, [HELLO], retry_key=OTHER_KEY)

    tokens = [each for each in line.requests()["requests"] if each["path"] == "/oauth2/v3/token"]
    assert [each["status"] for each in tokens] == [200, 200]
    assert line.received(AKI) == [HELLO, HELLO]


def test_a_friend_has_a_profile_and_a_stranger_has_none(line: LineSimulator) -> None:
    line.friend(AKI, "Aki", language="ja")

    assert kairan(line).profile(AKI) == Profile("Aki", "ja")
    assert kairan(line).profile(BEN) is None


def test_a_rate_limit_differs_from_the_monthly_quota(line: LineSimulator) -> None:
    line.friend(AKI)
    client = kairan(line)
    line.change_settings(rates={"push": {"requests": 1, "seconds": 3600}})
    client.push(AKI, [HELLO], retry_key=KEY)
    with pytest.raises(RateLimitedError):
        client.push(AKI, [HELLO], retry_key=OTHER_KEY)
    line.change_settings(rates={"push": {"requests": 5}}, quota=1)

    with pytest.raises(QuotaReachedError):
        client.push(AKI, [HELLO], retry_key=OTHER_KEY)


def test_validate_judges_messages_and_sends_none(line: LineSimulator) -> None:
    line.friend(AKI)

    kairan(line).validate(Mode.TOGETHER, [HELLO])
    with pytest.raises(LineRejectedError) as refused:
        kairan(line).validate(Mode.TOGETHER, [{"type": "text"}])

    assert refused.value.refusal.properties == ("messages[0].text",)
    assert line.received(AKI) == []


@pytest.mark.parametrize(
    ("failure", "repeated"),
    [("error", False), ("error_after_accepting", True), ("cut", False), ("cut_after_accepting", True)],
)
def test_a_request_of_unknown_fate_is_sent_once_by_a_repeat(line: LineSimulator, failure: str, repeated: bool) -> None:
    line.friend(AKI)
    line.call("POST", "/faults", {"fault": failure, "count": 1})
    client = kairan(line)

    with pytest.raises(LineUnavailableError):
        client.multicast([AKI, BEN], [HELLO], retry_key=KEY)
    accepted = client.multicast([AKI, BEN], [HELLO], retry_key=KEY)

    assert (accepted.repeated, line.received(AKI)) == (repeated, [HELLO])


def test_a_request_that_comes_after_its_sender_has_gone_is_accepted_all_the_same(line: LineSimulator) -> None:
    line.friend(AKI)
    line.call("POST", "/faults", {"fault": "delay", "ms": 300, "count": 1})
    client = kairan(line)

    with pytest.raises(LineUnavailableError):
        client.push(AKI, [HELLO], retry_key=KEY, timeout_s=0.05)
    until(lambda: line.received(AKI) == [HELLO], what="the delayed message has not arrived")

    assert client.push(AKI, [HELLO], retry_key=KEY).repeated
    assert line.received(AKI) == [HELLO]


# LINE's SDK


def test_the_official_sdk_sends_and_reads(line: LineSimulator, official: sdk.MessagingApi) -> None:
    line.friend(AKI, "Aki", language="ja")

    pushed = official.push_message(sdk.PushMessageRequest(to=AKI, messages=[TEXT]), x_line_retry_key=KEY)
    official.multicast(sdk.MulticastRequest(to=[AKI], messages=[TEXT]))
    official.broadcast(sdk.BroadcastRequest(messages=[TEXT]))
    official.validate_push(sdk.ValidateMessageRequest(messages=[TEXT]))

    assert pushed.sent_messages[0].id
    assert line.received(AKI) == [HELLO] * 3
    assert official.get_profile(AKI).display_name == "Aki"
    assert official.get_followers().user_ids == [AKI]
    assert official.get_message_quota().type == "none"
    assert official.get_message_quota_consumption().total_usage == 3
    assert official.get_bot_info().chat_mode == "bot"
    assert official.show_loading_animation(sdk.ShowLoadingAnimationRequest(chatId=AKI)) is not None


def test_the_official_sdk_is_issued_a_stateless_token(line: LineSimulator) -> None:
    with oauth.ApiClient(oauth.Configuration(host=line.url)) as client:
        issued = oauth.ChannelAccessToken(client).issue_stateless_channel_token_by_client_secret(
            CREDENTIALS.channel_id, CREDENTIALS.channel_secret
        )

    assert (issued.token_type, issued.expires_in) == ("Bearer", 900)


def test_the_official_sdk_fetches_content(line: LineSimulator) -> None:
    line.friend(AKI)
    sent = line.call("POST", f"/people/{AKI}/messages", {"type": "image", "content": "aW1hZ2U="})

    with official_client(line) as client:
        content = sdk.MessagingApiBlob(client).get_message_content(sent["messageId"])

    assert bytes(content) == b"image"


def test_the_official_sdk_tests_the_webhook(official: sdk.MessagingApi) -> None:
    with BotServer() as bot:
        official.set_webhook_endpoint(sdk.SetWebhookEndpointRequest(endpoint=bot.url))
        tested = official.test_webhook_endpoint(sdk.TestWebhookEndpointRequest())

    assert (tested.success, tested.status_code, tested.reason) == (True, 200, "OK")
    assert bot.bodies[0]["events"] == []


# a bot server


def test_a_bot_server_that_is_late_is_given_up() -> None:
    release = threading.Event()
    with BotServer(before_answer=release.wait) as bot:
        result = HttpPost()(bot.url, b"{}", {}, 0.05)
        release.set()

    assert result == WebhookResult(None, "REQUEST_TIMEOUT", "Request timeout")


@pytest.mark.parametrize(("status", "reason"), [(204, "OK"), (302, "ERROR_STATUS_CODE"), (503, "ERROR_STATUS_CODE")])
def test_a_bot_server_is_judged_by_its_status(status: int, reason: str) -> None:
    with BotServer(status=status) as bot:
        assert HttpPost()(bot.url, b"{}", {}, 2) == WebhookResult(status, reason, str(status))


def test_a_bot_server_that_is_not_there_cannot_be_connected_to() -> None:
    with BotServer() as bot:
        pass

    assert HttpPost()(bot.url, b"{}", {}, 2) == WebhookResult(
        None, "COULD_NOT_CONNECT", f"Connection failed: {bot.url}"
    )


class BotServer:
    """A bot server on a loopback port, as a context manager."""

    def __init__(self, *, status: int = 200, before_answer: Callable[[], object] = lambda: None) -> None:
        bodies: list[Any] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                bodies.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                before_answer()
                self.send_response(status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Silent."""

        self.bodies = bodies
        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhook"

    def __enter__(self) -> "BotServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
