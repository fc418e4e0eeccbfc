import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from cli.connect import TURN_ON_REDELIVERY, TURN_ON_WEBHOOK, Connection, advice, connect
from cli.credentials import Answers
from cli.errors import CommandError
from cli.line import WebhookTest
from cli.secret import ChannelSecret
from kairan.messengers.line.errors import LineUnavailableError
from tests.rigs.command_line import (
    ACCOUNT,
    PLACEHOLDERS,
    SECRET_NAME,
    WEBHOOK_URL,
    WORKING,
    FakeLineChannel,
    RecordedReport,
)

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
TOKEN = "long-lived/token+1="
SLOW = WebhookTest(success=False, status=0, reason="REQUEST_TIMEOUT", detail="Request timeout")
FORBIDDEN = WebhookTest(success=False, status=400, reason="ERROR_STATUS_CODE", detail="400")

Read = Callable[[], dict[str, Any]]


def run(answers: Answers, line: FakeLineChannel, report: RecordedReport | None = None, **options: Any) -> Connection:
    secret = ChannelSecret(boto3.client("secretsmanager"), SECRET_NAME)
    return connect(
        answers, secret=secret, line=line, webhook_url=WEBHOOK_URL, report=report or RecordedReport(), **options
    )


def test_a_channel_is_connected(secret_value: Read) -> None:
    line = FakeLineChannel(tokens={TOKEN})

    connection = run(Answers(channel_secret=SECRET, channel_access_token=TOKEN), line)

    assert connection == Connection(account=ACCOUNT, webhook_in_use=True, test=WORKING)
    assert secret_value() == {"CHANNEL_ACCESS_TOKEN": TOKEN, "CHANNEL_SECRET": SECRET}
    assert line.webhook_url == WEBHOOK_URL


def test_a_token_that_line_refuses_is_neither_stored_nor_shown(secret_value: Read) -> None:
    line = FakeLineChannel(tokens=set())

    with pytest.raises(CommandError, match="401") as refused:
        run(Answers(channel_secret=SECRET, channel_access_token=TOKEN), line)

    assert refused.value.fix is not None
    assert "Channel access token" in refused.value.fix
    assert TOKEN not in f"{refused.value} {refused.value.fix}"
    assert SECRET not in f"{refused.value} {refused.value.fix}"
    assert secret_value() == PLACEHOLDERS
    assert line.webhook_url is None


OTHER_URL = "https://bot.example.com/line"


def test_a_webhook_url_of_another_tool_is_shown_and_replaced_when_that_is_allowed(secret_value: Read) -> None:
    line, report = FakeLineChannel(tokens={TOKEN}, webhook_url=OTHER_URL), RecordedReport()

    run(
        Answers(channel_secret=SECRET, channel_access_token=TOKEN),
        line,
        report,
        may_replace=lambda url: url == OTHER_URL,
    )

    assert ("note", f"The webhook URL at LINE is {OTHER_URL}") in report.lines
    assert line.webhook_url == WEBHOOK_URL


@pytest.mark.parametrize("may_replace", [None, lambda _: False], ids=["no one to ask", "no"])
def test_a_webhook_url_of_another_tool_is_not_replaced_without_a_yes_and_nothing_is_written(
    secret_value: Read, may_replace: Callable[[str], bool] | None
) -> None:
    line = FakeLineChannel(tokens={TOKEN}, webhook_url=OTHER_URL)

    with pytest.raises(CommandError) as refused:
        run(Answers(channel_secret=SECRET, channel_access_token=TOKEN), line, may_replace=may_replace)

    assert "forward_webhooks_to" in (refused.value.fix or "")
    assert ("--replace-webhook" in (refused.value.fix or "")) == (may_replace is None)
    assert line.webhook_url == OTHER_URL
    assert secret_value() == PLACEHOLDERS


@pytest.mark.parametrize("url", [None, WEBHOOK_URL])
def test_no_webhook_url_and_our_own_are_no_question(secret_value: Read, url: str | None) -> None:
    line = FakeLineChannel(tokens={TOKEN}, webhook_url=url)

    run(Answers(channel_secret=SECRET, channel_access_token=TOKEN), line, may_replace=None)

    assert line.webhook_url == WEBHOOK_URL


def test_a_line_that_does_not_tell_the_webhook_url_stops_before_anything_is_written(secret_value: Read) -> None:
    line = FakeLineChannel(tokens={TOKEN}, refuses={"webhook": LineUnavailableError("LINE did not answer")})

    with pytest.raises(CommandError, match="which webhook URL is set"):
        run(Answers(channel_secret=SECRET, channel_access_token=TOKEN), line)

    assert line.webhook_url is None
    assert secret_value() == PLACEHOLDERS


@pytest.mark.parametrize("as_bytes", [False, True])
def test_a_secret_with_a_byte_order_mark_is_read_and_written_anew_without_it(
    secret_value: Read, as_bytes: bool
) -> None:
    text = "\ufeff" + json.dumps({"CHANNEL_SECRET": SECRET, "CHANNEL_ACCESS_TOKEN": "old", "OTHER": "stays"})
    stored: dict[str, Any] = {"SecretBinary": text.encode()} if as_bytes else {"SecretString": text}
    boto3.client("secretsmanager").put_secret_value(SecretId=SECRET_NAME, **stored)

    run(Answers(channel_access_token=TOKEN), FakeLineChannel(tokens={TOKEN}))

    assert secret_value() == {"CHANNEL_SECRET": SECRET, "CHANNEL_ACCESS_TOKEN": TOKEN, "OTHER": "stays"}


def test_running_again_without_answers_keeps_the_secret_and_sets_the_webhook_again(secret_value: Read) -> None:
    run(Answers(channel_secret=SECRET, channel_access_token=TOKEN), FakeLineChannel(tokens={TOKEN}))
    line = FakeLineChannel(tokens={TOKEN})

    run(Answers(), line)

    assert secret_value() == {"CHANNEL_ACCESS_TOKEN": TOKEN, "CHANNEL_SECRET": SECRET}
    assert line.webhook_url == WEBHOOK_URL


def test_an_unchanged_secret_gets_no_new_version(secret_value: Read) -> None:
    run(Answers(channel_secret=SECRET, channel_access_token=TOKEN), FakeLineChannel(tokens={TOKEN}))
    client = boto3.client("secretsmanager")
    before = client.get_secret_value(SecretId=SECRET_NAME)["VersionId"]

    run(Answers(channel_secret=SECRET), FakeLineChannel(tokens={TOKEN}))

    assert client.get_secret_value(SecretId=SECRET_NAME)["VersionId"] == before


def test_other_keys_of_the_secret_stay(secret_value: Read) -> None:
    ChannelSecret(boto3.client("secretsmanager"), SECRET_NAME).write({**PLACEHOLDERS, "OTHER": "kept"})

    run(Answers(channel_secret=SECRET, channel_access_token=TOKEN), FakeLineChannel(tokens={TOKEN}))

    assert secret_value()["OTHER"] == "kept"


def test_with_a_channel_id_line_issues_the_token_and_none_is_kept(secret_value: Read) -> None:
    ChannelSecret(boto3.client("secretsmanager"), SECRET_NAME).write(
        {"CHANNEL_ACCESS_TOKEN": "old", "YOUR_CHANNEL_ACCESS_TOKEN": "older"}
    )
    line = FakeLineChannel(tokens=set())

    connection = run(Answers(channel_secret=SECRET, channel_id="1234567890"), line)

    assert secret_value() == {"CHANNEL_SECRET": SECRET, "CHANNEL_ID": "1234567890"}
    assert connection.account == ACCOUNT


def test_a_secret_that_is_not_json_is_not_overwritten(secret_value: Read) -> None:
    client = boto3.client("secretsmanager")
    client.put_secret_value(SecretId=SECRET_NAME, SecretString="somebody else's")

    with pytest.raises(CommandError, match="not a JSON object"):
        run(Answers(channel_secret=SECRET, channel_access_token=TOKEN), FakeLineChannel(tokens={TOKEN}))

    assert client.get_secret_value(SecretId=SECRET_NAME)["SecretString"] == "somebody else's"


def test_a_webhook_that_was_slow_once_is_tested_once_more(secret_value: Read) -> None:
    line = FakeLineChannel(tokens={TOKEN}, tests=[SLOW, WORKING])

    connection = run(Answers(channel_secret=SECRET, channel_access_token=TOKEN), line)

    assert connection.test == WORKING


def test_a_webhook_that_fails_the_test_is_told_and_the_rest_is_done(secret_value: Read) -> None:
    report = RecordedReport()

    connection = run(
        Answers(channel_secret=SECRET, channel_access_token=TOKEN),
        FakeLineChannel(tokens={TOKEN}, tests=[FORBIDDEN]),
        report,
    )

    assert connection.test == FORBIDDEN
    assert secret_value()["CHANNEL_ACCESS_TOKEN"] == TOKEN
    assert any("ERROR_STATUS_CODE, status 400" in text for text in report.warnings())


def test_a_line_that_does_not_answer_stops_before_anything_is_written(secret_value: Read) -> None:
    line = FakeLineChannel(tokens={TOKEN}, refuses={"account": LineUnavailableError("LINE did not answer")})

    with pytest.raises(CommandError, match="did not answer"):
        run(Answers(channel_secret=SECRET, channel_access_token=TOKEN), line)

    assert secret_value() == PLACEHOLDERS


def test_where_a_refusal_is_a_warning_the_secret_is_filled_all_the_same(secret_value: Read) -> None:
    report = RecordedReport()

    connection = run(
        Answers(channel_secret="any", channel_access_token="any"),
        FakeLineChannel(tokens=set()),
        report,
        refusal_is_warning=True,
    )

    assert connection == Connection()
    assert secret_value() == {"CHANNEL_ACCESS_TOKEN": "any", "CHANNEL_SECRET": "any"}
    assert any("401" in text for text in report.warnings())


@pytest.mark.parametrize(
    ("in_use", "reminders"), [(True, [TURN_ON_REDELIVERY]), (False, [TURN_ON_WEBHOOK, TURN_ON_REDELIVERY])]
)
def test_what_only_a_person_can_turn_on_is_remembered(in_use: bool, reminders: list[str]) -> None:
    assert Connection(webhook_in_use=in_use).reminders() == reminders


@pytest.mark.parametrize(
    ("reason", "status", "word"),
    [
        ("ERROR_STATUS_CODE", 400, "channel secret"),
        ("ERROR_STATUS_CODE", 403, "Deploy"),
        ("ERROR_STATUS_CODE", 503, "queue"),
        ("ERROR_STATUS_CODE", 502, "log"),
        ("REQUEST_TIMEOUT", 0, "too long"),
        ("COULD_NOT_CONNECT", 0, "internet"),
        ("UNCLASSIFIED", 0, "log"),
    ],
)
def test_every_way_a_webhook_fails_has_its_advice(reason: str, status: int, word: str) -> None:
    assert word in advice(WebhookTest(success=False, status=status, reason=reason, detail=""))
