"""The command line from outside: arguments in; text and an exit code out."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
import typer
from botocore.client import BaseClient

from cli.main import app, main
from cli.screen import results
from tests.rigs.command_line import BOT, PLACEHOLDERS, WEBHOOK_URL, Wire, webhook_test
from tests.rigs.dead_letters import CAMPAIGN, DIRECT, USER, DeadLetterQueues

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
TOKEN = "long-lived/token+1="
COMMANDS = [
    (),
    ("connect",),
    ("dead-letters",),
    ("dead-letters", "list"),
    ("dead-letters", "redrive"),
    ("dead-letters", "keep"),
]


class Answer(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def kairan(capsys: pytest.CaptureFixture[str]) -> "Run":
    return Run(capsys)


class Run:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Answer:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = self._capsys.readouterr()
        assert "Traceback" not in out + err
        return Answer(int(ended.value.code or 0), out, err)


@pytest.fixture
def queues(stack: None, outputs: dict[str, str]) -> DeadLetterQueues:
    return DeadLetterQueues(boto3.client("sqs"), outputs, failed_at=datetime.now(UTC) - timedelta(days=3, hours=1))


def test_it_tells_its_version(kairan: Run) -> None:
    answer = kairan("--version")

    assert answer.code == 0
    assert answer.out.startswith("kairan 0.")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(kairan: Run, command: tuple[str, ...]) -> None:
    answer = kairan(*command, "--help")

    assert answer.code == 0
    assert "Example" in answer.out


def test_all_commands_are_tested_for_help() -> None:
    assert set(every_command(typer.main.get_command(app))) == set(COMMANDS)


def every_command(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from every_command(inner, (*path, name))


def test_help_loads_neither_the_sdk_of_line_nor_that_of_aws() -> None:
    script = (
        "import sys\nfrom cli.main import main\n"
        "try: main(['connect', '--help'])\nexcept SystemExit: pass\n"
        "print(sorted({'linebot', 'boto3', 'botocore'} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_a_wrong_option_is_code_2(kairan: Run) -> None:
    answer = kairan("connect", "--channel-secret", "never-as-an-argument")

    assert answer.code == 2
    assert "No such option" in answer.err


def test_a_stack_that_is_not_there_is_a_sentence_and_code_1(kairan: Run, stack: None) -> None:
    answer = kairan("dead-letters", "list", "--stack", "other")

    assert answer.code == 1
    assert "There is no stack other in us-east-1." in answer.err


def test_what_nobody_expected_is_a_sentence_too(kairan: Run, stack: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseClient, "_make_api_call", unexpected)

    answer = kairan("dead-letters", "list")

    assert answer.code == 1
    assert "RuntimeError: bug [/]" in answer.err
    assert "KAIRAN_TRACE=1" in answer.err


def unexpected(*_: object) -> None:
    raise RuntimeError("bug [/]")


# connect


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    (tmp_path / "secret").write_text(SECRET, encoding="utf-8")
    (tmp_path / "token").write_text(TOKEN, encoding="utf-8")
    return (
        *("--channel-secret-file", str(tmp_path / "secret")),
        *("--channel-access-token-file", str(tmp_path / "token")),
    )


def line_answers(wire: Wire, *, webhook_status: int = 200, webhook_url: str = WEBHOOK_URL) -> None:
    wire.routes = {
        "/v2/bot/info": BOT,
        "/v2/bot/channel/webhook/endpoint": {"endpoint": webhook_url, "active": False},
        "/v2/bot/channel/webhook/test": webhook_test(webhook_status),
    }


def test_connect_stores_what_line_accepts_and_shows_no_credential(
    kairan: Run, stack: None, secret_value: Callable[[], Any], wire: Wire, files: tuple[str, ...]
) -> None:
    line_answers(wire)

    answer = kairan("connect", *files, "--line-api-url", "https://line.example")

    assert answer.code == 0
    assert "Neko Shop (@neko)" in answer.err
    assert "Use webhook" in answer.err
    assert "Webhook redelivery" in answer.err
    assert secret_value() == {"CHANNEL_ACCESS_TOKEN": TOKEN, "CHANNEL_SECRET": SECRET}
    assert {request.url.split("/v2")[0] for request in wire.requests} == {"https://line.example"}
    assert TOKEN not in answer.out + answer.err
    assert SECRET not in answer.out + answer.err


def test_connect_goes_to_line_itself_by_default(kairan: Run, stack: None, wire: Wire, files: tuple[str, ...]) -> None:
    line_answers(wire)

    kairan("connect", *files)

    assert {request.url.split("/v2")[0] for request in wire.requests} == {"https://api.line.me"}


def test_connect_gives_advice_when_the_webhook_does_not_work(
    kairan: Run, stack: None, wire: Wire, files: tuple[str, ...]
) -> None:
    line_answers(wire, webhook_status=400)

    answer = kairan("connect", *files)

    assert answer.code == 1
    assert "did not accept the signature" in answer.err


def test_connect_asks_without_showing_the_answers(
    kairan: Run, stack: None, secret_value: Callable[[], Any], wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    line_answers(wire)
    answers = [SECRET, TOKEN]
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda *_: answers.pop(0))

    answer = kairan("connect")

    assert answer.code == 0
    assert secret_value() == {"CHANNEL_ACCESS_TOKEN": TOKEN, "CHANNEL_SECRET": SECRET}
    assert SECRET not in answer.out + answer.err


OTHER_URL = "https://bot.example.com/line"


def urls_set(wire: Wire) -> list[str]:
    return [request.body["endpoint"] for request in wire.requests if request.method == "PUT"]


def test_connect_in_a_script_stops_before_it_replaces_another_webhook_url(
    kairan: Run, stack: None, secret_value: Callable[[], Any], wire: Wire, files: tuple[str, ...]
) -> None:
    line_answers(wire, webhook_url=OTHER_URL)

    answer = kairan("connect", *files)

    assert answer.code == 1
    assert OTHER_URL in answer.err
    assert "--replace-webhook" in answer.err
    assert urls_set(wire) == []
    assert secret_value() == PLACEHOLDERS


def test_connect_in_a_script_replaces_it_when_told_so(
    kairan: Run, stack: None, wire: Wire, files: tuple[str, ...]
) -> None:
    line_answers(wire, webhook_url=OTHER_URL)

    answer = kairan("connect", *files, "--replace-webhook")

    assert answer.code == 0
    assert OTHER_URL in answer.err
    assert urls_set(wire) == [WEBHOOK_URL]


@pytest.mark.parametrize(("said", "code", "urls"), [(True, 0, [WEBHOOK_URL]), (False, 1, [])])
def test_connect_at_a_terminal_asks_before_it_replaces_another_webhook_url(
    kairan: Run,
    stack: None,
    wire: Wire,
    files: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
    said: bool,
    code: int,
    urls: list[str],
) -> None:
    line_answers(wire, webhook_url=OTHER_URL)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: said)

    answer = kairan("connect", *files)

    assert answer.code == code
    assert OTHER_URL in answer.err
    assert urls_set(wire) == urls


def test_connect_that_is_interrupted_at_the_prompt_changes_nothing(
    kairan: Run, stack: None, secret_value: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", interrupted)

    answer = kairan("connect")

    assert answer.code == 130
    assert secret_value() == PLACEHOLDERS


def interrupted(*_: object) -> str:
    raise KeyboardInterrupt


# dead letters


def test_empty_queues_are_said_to_be_empty(kairan: Run, stack: None) -> None:
    answer = kairan("dead-letters", "list")

    assert answer.code == 0
    assert answer.out.count("none") == 3


def test_list_shows_both_queues_and_nobody(
    kairan: Run, queues: DeadLetterQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "width", 200)
    queues.bury_event("01EVENT")
    queues.fail_send(DIRECT)

    answer = kairan("dead-letters", "list")

    assert "follow  01EVENT" in answer.out
    assert "store_unavailable" in answer.out
    assert "send_text  direct invoke" in answer.out
    assert USER not in answer.out
    assert "private words" not in answer.out


def test_list_shows_how_old_a_letter_is_and_how_long_it_stays(
    kairan: Run, queues: DeadLetterQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "width", 200)
    queues.fail_send(DIRECT)
    queues.park(CAMPAIGN)

    answer = kairan("dead-letters", "list", "--queue", "sends")

    rows = [[cell.strip() for cell in line.split("│")[2:4]] for line in answer.out.splitlines() if "send_text" in line]
    assert rows[0] == ["3 d", "13"]
    assert rows[1][1] == "44"


def test_keep_gives_the_letters_of_both_queues_another_fortnight(kairan: Run, queues: DeadLetterQueues) -> None:
    queues.bury_event("01EVENT")
    queues.fail_send(DIRECT)

    answer = kairan("dead-letters", "keep")

    assert answer.code == 0
    assert "Events that could not be handled: 1 kept" in answer.err
    assert "Sends that failed: 1 kept" in answer.err


def test_a_redrive_of_what_can_never_succeed_is_told_as_refused(kairan: Run, queues: DeadLetterQueues) -> None:
    queues.bury_event("01EVENT", code="malformed_event")

    answer = kairan("dead-letters", "redrive", "--queue", "inbox")

    assert answer.code == 1
    assert "0 sent on, 1 refused, 0 left" in answer.err
    assert "--refused" in answer.err
    assert kairan("dead-letters", "redrive", "--queue", "inbox", "--refused").code == 0


def test_list_shows_brackets_as_they_are(
    kairan: Run, queues: DeadLetterQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "width", 200)
    queues.fail_send({**CAMPAIGN, "CampaignId": "[red]sale[/]"})

    answer = kairan("dead-letters", "list", "--queue", "sends")

    assert "campaign [red]sale[/]" in answer.out


def test_list_tells_when_there_is_more(kairan: Run, queues: DeadLetterQueues) -> None:
    for number in range(3):
        queues.bury_event(f"01EVENT{number}", user=f"U{number}")

    answer = kairan("dead-letters", "list", "--queue", "inbox", "--limit", "2")

    assert "2 of about 3" in answer.out
    assert "Sends" not in answer.out


def test_a_dry_run_says_what_would_be_left_and_changes_nothing(
    kairan: Run, queues: DeadLetterQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "width", 250)
    queues.bury_event("01EVENT")
    queues.fail_send(None)

    answer = kairan("dead-letters", "redrive", "--dry-run")

    assert answer.code == 0
    assert "came without the event" in answer.out
    assert len(queues.waiting("InboxDeadLetterQueueUrl")) == 1
    assert queues.waiting("InboxQueueUrl") == []


def test_a_redrive_that_leaves_something_says_what_and_ends_with_code_1(kairan: Run, queues: DeadLetterQueues) -> None:
    queues.bury_event("01EVENT")
    queues.fail_send(None)

    answer = kairan("dead-letters", "redrive")

    assert answer.code == 1
    assert "1 sent on, 0 left" in answer.err
    assert "0 sent on, 1 left" in answer.err
    assert "came without the event" in answer.err


def test_a_redrive_that_is_interrupted_sums_up_and_ends_with_code_130(
    kairan: Run, queues: DeadLetterQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues.bury_event("01EVENT")
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def interrupt(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "SendMessage":
            raise KeyboardInterrupt
        return call(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", interrupt)

    answer = kairan("dead-letters", "redrive", "--queue", "inbox")

    assert answer.code == 130
    assert "0 sent on" in answer.err
    assert len(queues.waiting("InboxDeadLetterQueueUrl")) == 1


# calls that another tool did not take

TWO_EVENTS = (
    '{"events": [{"type": "follow", "source": {"userId": "'
    + USER
    + '"}}, {"type": "message", "text": "private words"}]}'
)


@pytest.mark.usefixtures("targets")
def test_list_shows_the_calls_of_each_tool_and_nobody(
    kairan: Run, queues: DeadLetterQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "width", 200)
    queues.bury_call("call-1", TWO_EVENTS)

    answer = kairan("dead-letters", "list")

    assert answer.code == 0
    assert "Calls that bot.example did not take: none" in answer.out
    assert "Calls that crm.example did not take" in answer.out
    assert "follow, message  call-1" in answer.out
    assert "target_unavailable" in answer.out
    for hidden in (USER, "private words", "private signature"):
        assert hidden not in answer.out


@pytest.mark.usefixtures("targets")
@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ('{"events": []}', "no events  call-1"),
        ('{"events": 5}', "unreadable  call-1"),
        ("no JSON", "unreadable  call-1"),
        ("\ud83d", "large call  call-1"),
    ],
)
def test_list_shows_a_call_of_any_form(
    kairan: Run, queues: DeadLetterQueues, monkeypatch: pytest.MonkeyPatch, body: str, shown: str
) -> None:
    monkeypatch.setattr(results, "width", 200)
    queues.bury_call("call-1", body, has_reason=False)

    answer = kairan("dead-letters", "list", "--queue", "forwards")

    assert shown in answer.out
    assert "before it could say why" in answer.out
    assert "Events that" not in answer.out


@pytest.mark.usefixtures("targets")
def test_a_redrive_puts_a_call_back_into_the_queue_of_its_tool_as_it_was(kairan: Run, queues: DeadLetterQueues) -> None:
    queues.bury_call("call-1", TWO_EVENTS)
    bot, crm = queues.outputs["ForwardQueueUrls"].split()
    dead = queues.outputs["ForwardDeadLetterQueueUrls"].split()[1]
    [before] = queues.waiting_in(dead)

    answer = kairan("dead-letters", "redrive", "--queue", "forwards")

    assert answer.code == 0
    assert "Calls that crm.example did not take: 1 sent on, 0 left" in answer.err
    [after] = queues.waiting_in(crm)
    assert after["Body"] == before["Body"]
    assert after["Attributes"]["MessageGroupId"] == USER
    assert after["Attributes"]["MessageDeduplicationId"] not in ("call-1", before["MessageId"])
    assert (queues.waiting_in(bot), queues.waiting_in(dead)) == ([], [])


@pytest.mark.usefixtures("targets")
def test_a_call_that_could_not_be_read_is_redriven_only_when_a_person_says_so(
    kairan: Run, queues: DeadLetterQueues
) -> None:
    queues.bury_call("call-1", "{}", code="malformed_event")

    assert kairan("dead-letters", "redrive", "--queue", "forwards").code == 1
    assert kairan("dead-letters", "redrive", "--queue", "forwards", "--refused").code == 0


@pytest.mark.usefixtures("targets")
def test_keep_gives_calls_another_fortnight(kairan: Run, queues: DeadLetterQueues) -> None:
    queues.bury_call("call-1", "{}")

    answer = kairan("dead-letters", "keep", "--queue", "forwards")

    assert answer.code == 0
    assert "Calls that crm.example did not take: 1 kept" in answer.err


def test_a_stack_that_passes_no_calls_on_says_so(kairan: Run, stack: None) -> None:
    answer = kairan("dead-letters", "list", "--queue", "forwards")

    assert answer.code == 1
    assert "passes no webhook calls on" in answer.err
    assert "forward_webhooks_to" in answer.err
