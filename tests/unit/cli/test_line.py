"""line-bot-sdk against a LINE that stands where urllib3 would open a connection."""

from collections.abc import Callable

import pytest
import urllib3
from urllib3.exceptions import MaxRetryError

from cli.line import Account, SdkLineChannel, Webhook, WebhookTest
from kairan.errors import KairanError, RateLimitedError
from kairan.messengers.line.errors import LineRejectedError, LineUnauthorizedError, LineUnavailableError
from tests.rigs.command_line import BOT, Wire, webhook_test

LINE = "https://line.example"
URL = "https://api.example.com/live/webhook"


def test_the_account_of_a_token(wire: Wire) -> None:
    wire.answer = BOT

    account = SdkLineChannel(f"{LINE}/").account("token")

    assert account == Account(name="Neko Shop", basic_id="@neko")
    [request] = wire.requests
    assert (request.method, request.url) == ("GET", f"{LINE}/v2/bot/info")
    assert request.headers["Authorization"] == "Bearer token"


def test_the_webhook_url_is_set(wire: Wire) -> None:
    SdkLineChannel(LINE).set_webhook("token", URL)

    [request] = wire.requests
    assert (request.method, request.url) == ("PUT", f"{LINE}/v2/bot/channel/webhook/endpoint")
    assert request.body == {"endpoint": URL}


@pytest.mark.parametrize("active", [True, False])
def test_the_webhook_url_that_is_set_and_whether_webhooks_are_on(wire: Wire, active: bool) -> None:
    wire.answer = {"endpoint": URL, "active": active}

    assert SdkLineChannel(LINE).webhook("token") == Webhook(URL, in_use=active)


def test_a_channel_without_a_webhook_url_has_none(wire: Wire) -> None:
    wire.status, wire.answer = 404, {"message": "Webhook endpoint not found"}

    assert SdkLineChannel(LINE).webhook("token") == Webhook(None, in_use=False)


def test_an_empty_webhook_url_is_none(wire: Wire) -> None:
    wire.answer = {"endpoint": "", "active": False}

    assert SdkLineChannel(LINE).webhook("token") == Webhook(None, in_use=False)


def test_the_webhook_is_tested(wire: Wire) -> None:
    wire.answer = webhook_test(400)

    test = SdkLineChannel(LINE).test_webhook("token", URL)

    assert test == WebhookTest(success=False, status=400, reason="ERROR_STATUS_CODE", detail="400")
    assert wire.requests[0].body == {"endpoint": URL}


def test_a_stateless_token_is_issued_from_channel_id_and_secret(wire: Wire) -> None:
    wire.answer = {"token_type": "Bearer", "access_token": "stateless", "expires_in": 900}

    token = SdkLineChannel(LINE).issue_stateless_token("1234567890", "secret")

    assert token == "stateless"
    [request] = wire.requests
    assert request.url == f"{LINE}/oauth2/v3/token"
    assert dict(request.body) == {
        "grant_type": "client_credentials",
        "client_id": "1234567890",
        "client_secret": "secret",
    }


def account(line: SdkLineChannel) -> object:
    return line.account("token")


def issue(line: SdkLineChannel) -> object:
    return line.issue_stateless_token("1234567890", "secret")


@pytest.mark.parametrize("call", [account, issue])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, LineRejectedError),
        (401, LineUnauthorizedError),
        (403, LineRejectedError),
        (404, LineRejectedError),
        (429, RateLimitedError),
        (500, LineUnavailableError),
        (503, LineUnavailableError),
    ],
)
def test_a_refusal_becomes_an_error_by_its_status(
    wire: Wire, call: Callable[[SdkLineChannel], object], status: int, kind: type[KairanError]
) -> None:
    wire.status, wire.answer = status, {"message": "No."}

    with pytest.raises(kind):
        call(SdkLineChannel(LINE))


def test_lines_own_words_are_kept(wire: Wire) -> None:
    wire.status, wire.answer = 400, {"error": "invalid_request", "error_description": "invalid client_id"}

    with pytest.raises(LineRejectedError, match="invalid client_id"):
        issue(SdkLineChannel(LINE))


def test_no_connection_is_no_answer(wire: Wire) -> None:
    wire.broken = MaxRetryError(urllib3.connectionpool.HTTPConnectionPool("line.example"), "/v2/bot/info")

    with pytest.raises(LineUnavailableError, match="did not answer"):
        account(SdkLineChannel(LINE))


@pytest.mark.parametrize("answer", [{"unexpected": True}, b"<html>", []])
def test_an_answer_of_another_form_is_no_answer(wire: Wire, answer: object) -> None:
    wire.answer = answer

    with pytest.raises(LineUnavailableError):
        account(SdkLineChannel(LINE))
