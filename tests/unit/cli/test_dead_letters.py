"""Both queues are moto's; Lambda is a fake that takes invocations."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from cli.dead_letters.letter import Box, Letter
from cli.dead_letters.queue import DeadLetterQueue, sent_at
from cli.dead_letters.redrive import Redriven, redrive
from cli.errors import CommandError
from kairan.callers.call import repeatable
from kairan.contract import Sender
from tests.rigs.dead_letters import ARN, CAMPAIGN, DIRECT, REQUEST_ID, USER, DeadLetterQueues, FakeLambda, arn_of


@pytest.fixture
def queues(outputs: dict[str, str]) -> DeadLetterQueues:
    return DeadLetterQueues(boto3.client("sqs"), outputs)


def read_all(box: Box, limit: int | None = None) -> list[Letter]:
    with box.queue.received(limit) as messages:
        return [box.read(message) for message in messages]


# what a letter shows


def test_a_dead_event_shows_what_it_is_and_why_it_died(queues: DeadLetterQueues) -> None:
    queues.bury_event("01EVENT")

    [letter] = read_all(queues.inbox_box())

    assert (letter.what, letter.error, letter.tries) == ("follow  01EVENT", "store_unavailable", 5)


def test_an_event_that_the_queue_itself_moved_is_shown_without_a_reason(queues: DeadLetterQueues) -> None:
    queues.bury_event("01EVENT", has_reason=False)

    [letter] = read_all(queues.inbox_box())

    assert letter.what == "follow  01EVENT"
    assert letter.tries is None
    assert "before it could say why" in letter.error


def test_an_event_that_nobody_could_read_can_still_be_sent_again(queues: DeadLetterQueues) -> None:
    queues.sqs.send_message(
        QueueUrl=queues.outputs["InboxDeadLetterQueueUrl"],
        MessageBody="[]",
        MessageGroupId="x",
        MessageDeduplicationId="x",
    )
    outcome = Redriven()

    redrive(queues.inbox_box(), outcome)

    assert outcome.sent == 1
    assert [message["Body"] for message in queues.waiting("InboxQueueUrl")] == ["[]"]


@pytest.mark.parametrize(
    ("payload", "origin"),
    [
        ({"batch": {"id": "spring-1", "content": "Hello", "recipients": [{"to": USER}]}}, "batch spring-1"),
        ({"batch": {"key": "batches/spring-1"}}, "batch batches/spring-1"),
        (CAMPAIGN, "campaign spring-sale"),
        ({**CAMPAIGN, "CampaignId": None, "JourneyId": "welcome"}, "journey welcome"),
        (
            {"InvocationMetadata": {"CampaignContext": {"CampaignId": "c1"}}, "Items": {"CustomerProfiles": []}},
            "Connect campaign c1",
        ),
        (DIRECT, "direct invoke"),
    ],
)
def test_a_failed_send_shows_its_sender_and_where_it_came_from(
    queues: DeadLetterQueues, payload: dict[str, Any], origin: str
) -> None:
    queues.fail_send(payload)

    [letter] = read_all(queues.send_box())

    assert letter.what == f"send_text  {origin}"
    assert letter.tries == 3
    assert f"{letter.at:%H:%M:%S}" == "10:00:05"


def test_a_failed_send_shows_the_code_of_the_error_and_nobody(queues: DeadLetterQueues) -> None:
    queues.fail_send(CAMPAIGN)

    [letter] = read_all(queues.send_box())

    assert letter.error == "line_unavailable: LINE answered 500 for (someone)"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        (
            {
                "responsePayload": {
                    "errorType": "Sandbox.Timedout",
                    "errorMessage": "Task timed out after 50.00 seconds",
                }
            },
            "Sandbox.Timedout: Task timed out after 50.00 seconds",
        ),
        ({"responsePayload": None}, "RetriesExhausted"),
        (
            {
                "requestContext": {"requestId": REQUEST_ID, "functionArn": ARN, "condition": "monthly_quota"},
                "responsePayload": {"errorType": "QuotaReachedError", "errorMessage": "the limit is reached"},
            },
            "monthly_quota: the limit is reached",
        ),
    ],
)
def test_every_kind_of_record_shows_its_error(queues: DeadLetterQueues, changes: dict[str, Any], error: str) -> None:
    queues.fail_send(DIRECT, **changes)

    [letter] = read_all(queues.send_box())

    assert letter.error == error


def test_what_a_record_says_cannot_play_with_the_terminal(queues: DeadLetterQueues) -> None:
    queues.fail_send({**CAMPAIGN, "CampaignId": "\x1b[31mred\nline"})

    [letter] = read_all(queues.send_box())

    assert letter.what.isprintable()


# looking consumes nothing


def test_looking_leaves_everything_where_it_is(queues: DeadLetterQueues) -> None:
    for number in range(3):
        queues.fail_send({**DIRECT, "retry_key": str(number)})

    assert len(read_all(queues.send_box())) == 3
    assert len(read_all(queues.send_box())) == 3


def look_and_interrupt(box: Box) -> None:
    with box.queue.received() as messages:
        next(messages)
        raise KeyboardInterrupt


def test_looking_is_bounded(queues: DeadLetterQueues) -> None:
    for number in range(12):
        queues.fail_send({**DIRECT, "retry_key": str(number)})

    assert len(read_all(queues.send_box(), limit=11)) == 11


def test_an_interrupted_look_puts_everything_back(queues: DeadLetterQueues) -> None:
    queues.fail_send(DIRECT)
    box = queues.send_box()

    with pytest.raises(KeyboardInterrupt):
        look_and_interrupt(box)

    assert len(queues.waiting("SendFailuresQueueUrl")) == 1


# doing it again


def test_an_event_goes_back_to_the_inbox_in_its_group_under_a_fresh_deduplication_id(queues: DeadLetterQueues) -> None:
    queues.bury_event("01EVENT")
    outcome = Redriven()

    redrive(queues.inbox_box(), outcome)

    [message] = queues.waiting("InboxQueueUrl")
    assert json.loads(message["Body"])["event"]["webhookEventId"] == "01EVENT"
    assert message["Attributes"]["MessageGroupId"] == USER
    assert message["Attributes"]["MessageDeduplicationId"] != "01EVENT"
    assert queues.waiting("InboxDeadLetterQueueUrl") == []
    assert (outcome.sent, outcome.left) == (1, [])


def test_events_of_a_person_go_back_in_their_order(queues: DeadLetterQueues) -> None:
    for number in range(15):
        queues.bury_event(f"01EVENT{number:02}")
    seen: list[str] = []
    box = queues.inbox_box()
    send_again = box.send_again

    def watched(letter: Letter) -> None:
        seen.append(letter.subject)
        send_again(letter)

    box.send_again = watched  # type: ignore[method-assign]
    redrive(box, Redriven())

    assert seen == [f"01EVENT{number:02}" for number in range(15)]


def test_a_send_is_invoked_again_as_the_same_batch(queues: DeadLetterQueues) -> None:
    queues.fail_send(DIRECT)
    functions = FakeLambda()
    outcome = Redriven()

    redrive(queues.send_box(functions), outcome)

    assert functions.invoked == [(ARN, repeatable(DIRECT, REQUEST_ID) | {"reopen": True})]
    assert "retry_key" in functions.invoked[0][1]
    assert queues.waiting("SendFailuresQueueUrl") == []
    assert outcome.sent == 1


@pytest.mark.parametrize("sender", Sender)
def test_the_sends_of_every_sender_can_be_done_again(queues: DeadLetterQueues, sender: Sender) -> None:
    queues.fail_send(DIRECT, requestContext={"requestId": REQUEST_ID, "functionArn": arn_of(sender)})
    functions = FakeLambda()

    [letter] = read_all(queues.send_box(functions))
    redrive(queues.send_box(functions), Redriven())

    assert letter.what == f"{sender}  direct invoke"
    assert functions.invoked == [(arn_of(sender), repeatable(DIRECT, REQUEST_ID) | {"reopen": True})]


@pytest.mark.parametrize("payload", [None, '{"to": "U'])
def test_a_record_without_its_event_is_left_with_the_reason(queues: DeadLetterQueues, payload: object) -> None:
    queues.fail_send(payload)
    functions = FakeLambda()
    outcome = Redriven()

    redrive(queues.send_box(functions), outcome)

    [(_, reason)] = outcome.left
    assert "came without the event" in reason
    assert functions.invoked == []
    assert len(queues.waiting("SendFailuresQueueUrl")) == 1


@pytest.mark.parametrize("body", ["not json", "[]", '{"requestContext": {}}'])
def test_a_message_that_is_no_record_is_left(queues: DeadLetterQueues, body: str) -> None:
    queues.sqs.send_message(QueueUrl=queues.outputs["SendFailuresQueueUrl"], MessageBody=body)
    outcome = Redriven()

    redrive(queues.send_box(), outcome)

    assert outcome.sent == 0
    assert len(outcome.left) == 1
    assert len(queues.waiting("SendFailuresQueueUrl")) == 1


def test_a_function_that_is_not_of_the_stack_is_never_invoked(queues: DeadLetterQueues) -> None:
    other = "arn:aws:lambda:us-east-1:123456789012:function:payroll"
    queues.fail_send(DIRECT, requestContext={"requestId": REQUEST_ID, "functionArn": other})
    functions = FakeLambda()
    outcome = Redriven()

    redrive(queues.send_box(functions), outcome)

    assert functions.invoked == []
    assert "not a sender of this stack" in outcome.left[0][1]


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "RequestTooLargeException"])
def test_a_send_that_lambda_refuses_is_left_and_the_others_go_on(queues: DeadLetterQueues, code: str) -> None:
    queues.fail_send(DIRECT)
    queues.fail_send(CAMPAIGN)
    functions = FakeLambda(refuses=code)
    outcome = Redriven()

    redrive(queues.send_box(functions), outcome)

    assert len(outcome.left) == 2
    assert len(queues.waiting("SendFailuresQueueUrl")) == 2


def test_an_aws_that_refuses_everything_stops_and_loses_nothing(queues: DeadLetterQueues) -> None:
    queues.fail_send(DIRECT)
    outcome = Redriven()

    with pytest.raises(CommandError, match="did not allow Invoke"):
        redrive(queues.send_box(FakeLambda(refuses="AccessDeniedException")), outcome)

    assert outcome.sent == 0
    assert len(queues.waiting("SendFailuresQueueUrl")) == 1


def test_an_interruption_loses_nothing_and_tells_what_was_done(queues: DeadLetterQueues) -> None:
    queues.fail_send(DIRECT)
    queues.fail_send(CAMPAIGN)
    steps = interrupt_at(2)
    functions = FakeLambda(on_invoke=lambda: next(steps))
    outcome = Redriven()

    with pytest.raises(KeyboardInterrupt):
        redrive(queues.send_box(functions), outcome)

    assert outcome.sent == 1
    assert len(queues.waiting("SendFailuresQueueUrl")) == 1


def interrupt_at(step: int) -> Iterator[None]:
    for _ in range(step - 1):
        yield
    raise KeyboardInterrupt


def test_a_send_that_fails_again_at_once_is_not_sent_for_ever(queues: DeadLetterQueues) -> None:
    queues.fail_send(DIRECT)
    functions = FakeLambda()
    functions.on_invoke = lambda: queues.fail_send(repeatable(DIRECT, REQUEST_ID))
    outcome = Redriven()

    redrive(queues.send_box(functions), outcome)

    assert outcome.sent == 1
    assert [reason for _, reason in outcome.left] == ["it failed again"]
    assert len(queues.waiting("SendFailuresQueueUrl")) == 1


def test_a_redrive_keeps_to_its_limit(queues: DeadLetterQueues) -> None:
    for number in range(4):
        queues.bury_event(f"01EVENT{number}", user=f"U{number}")
    outcome = Redriven()

    redrive(queues.inbox_box(), outcome, limit=3)

    assert outcome.sent == 3
    assert len(queues.waiting("InboxDeadLetterQueueUrl")) == 1


# parked batches


@pytest.mark.parametrize("sender", Sender)
def test_the_parked_batches_of_every_sender_can_be_done_again_in_the_next_month(
    queues: DeadLetterQueues, sender: Sender
) -> None:
    queues.park(DIRECT, sender=sender)
    queues.clock.sleep(timedelta(days=32).total_seconds())
    functions = FakeLambda()
    outcome = Redriven()

    [letter] = read_all(queues.parked_box())
    redrive(queues.parked_box(functions), outcome)

    assert (letter.what, letter.error) == (f"{sender}  direct invoke", "monthly_quota: the limit is reached")
    assert functions.invoked == [(arn_of(sender), repeatable(DIRECT, REQUEST_ID) | {"reopen": True})]
    assert (outcome.sent, outcome.refused, outcome.left, queues.parked()) == (1, [], [], 0)


def test_a_parked_batch_is_deleted_after_45_days(queues: DeadLetterQueues) -> None:
    queues.park(DIRECT)
    box = queues.parked_box()

    with box.queue.received() as messages:
        [message] = messages

    assert box.queue.expires_at(message) - sent_at(message) == timedelta(days=45)


def test_a_send_that_the_ledger_may_have_forgotten_is_left(queues: DeadLetterQueues) -> None:
    """Without its record everyone would get the message again."""
    queues.fail_send(DIRECT)
    queues.clock.sleep(timedelta(days=61).total_seconds())
    functions = FakeLambda()
    outcome = Redriven()

    redrive(queues.send_box(functions), outcome)

    [(_, reason)] = outcome.left
    assert "the ledger may have forgotten" in reason
    assert functions.invoked == []


# what was refused


REFUSED = {"errorType": "RejectedError", "errorMessage": "RejectedError invalid_event: Data: must be text"}


def test_a_send_whose_request_was_wrong_is_refused_and_stays(queues: DeadLetterQueues) -> None:
    queues.fail_send(DIRECT, responsePayload=REFUSED)
    functions = FakeLambda()
    outcome = Redriven()

    redrive(queues.send_box(functions), outcome)

    assert [letter.error for letter in outcome.refused] == ["invalid_event: Data: must be text"]
    assert (outcome.sent, outcome.left, functions.invoked) == (0, [], [])
    assert len(queues.waiting("SendFailuresQueueUrl")) == 1


def test_a_send_that_was_refused_is_done_again_when_a_person_says_so(queues: DeadLetterQueues) -> None:
    queues.fail_send(DIRECT, responsePayload=REFUSED)
    functions = FakeLambda()
    outcome = Redriven()

    redrive(queues.send_box(functions), outcome, also_refused=True)

    assert (outcome.sent, outcome.refused, len(functions.invoked)) == (1, [], 1)


@pytest.mark.parametrize(("code", "refused"), [("malformed_event", True), ("store_unavailable", False)])
def test_an_event_that_can_never_succeed_is_refused(queues: DeadLetterQueues, code: str, refused: bool) -> None:
    queues.bury_event("01EVENT", code=code)
    outcome = Redriven()

    redrive(queues.inbox_box(), outcome)

    assert (outcome.sent, len(outcome.refused)) == (int(not refused), int(refused))
    assert len(queues.waiting("InboxDeadLetterQueueUrl")) == int(refused)


# keeping


def keep_all(box: Box) -> int:
    assert isinstance(box.queue, DeadLetterQueue)
    with box.queue.received() as messages:
        return sum(map(box.queue.keep, messages))


def test_kept_events_begin_anew_in_their_order_and_show_when_they_first_failed(queues: DeadLetterQueues) -> None:
    for number in range(12):
        queues.bury_event(f"01EVENT{number:02}")
    before = read_all(queues.inbox_box())

    assert keep_all(queues.inbox_box()) == 12

    after = read_all(queues.inbox_box())
    assert [(letter.what, letter.error, letter.tries, letter.at) for letter in after] == [
        (letter.what, letter.error, letter.tries, letter.at) for letter in before
    ]
    assert {message["MessageId"] for message in queues.waiting("InboxDeadLetterQueueUrl")}.isdisjoint(
        letter.again["MessageDeduplicationId"].removeprefix("redrive-") for letter in before
    )


def test_kept_sends_begin_anew_as_the_same_batch(queues: DeadLetterQueues) -> None:
    queues.fail_send(DIRECT)
    [before] = queues.waiting("SendFailuresQueueUrl")

    assert keep_all(queues.send_box()) == 1
    assert keep_all(queues.send_box()) == 1

    [after] = queues.waiting("SendFailuresQueueUrl")
    assert (after["Body"], after["MessageId"] == before["MessageId"]) == (before["Body"], False)


def test_a_letter_leaves_its_place_only_when_it_has_its_new_one(
    queues: DeadLetterQueues, monkeypatch: pytest.MonkeyPatch
) -> None:
    queues.fail_send(DIRECT)
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def interrupt(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if operation == "DeleteMessage":
            raise KeyboardInterrupt
        return call(client, operation, parameters)

    monkeypatch.setattr(BaseClient, "_make_api_call", interrupt)

    with pytest.raises(KeyboardInterrupt):
        keep_all(queues.send_box())

    assert len(queues.waiting("SendFailuresQueueUrl")) == 2
