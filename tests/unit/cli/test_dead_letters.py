"""Both queues are moto's; Lambda is a fake that takes invocations."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cli.dead_letters.inbox import InboxBox
from cli.dead_letters.letter import Box, Letter
from cli.dead_letters.queue import DeadLetterQueue
from cli.dead_letters.redrive import Redriven, redrive
from cli.dead_letters.sends import SendBox
from cli.errors import CommandError
from kairan.delivery.callers import repeatable
from tests.unit.cli.conftest import SEND_TEXT

USER = "U" + "a" * 32
ARN = f"arn:aws:lambda:us-east-1:123456789012:function:{SEND_TEXT}:$LATEST"
REQUEST_ID = "11111111-2222-3333-4444-555555555555"
CAMPAIGN = {
    "Data": "private words",
    "ApplicationId": "app",
    "CampaignId": "spring-sale",
    "TreatmentId": "0",
    "ActivityId": "act",
    "ScheduledTime": "2026-11-21T10:00:00.000Z",
    "Endpoints": {"e1": {"ChannelType": "CUSTOM", "Address": USER}},
}
DIRECT = {"to": USER, "data": "private words"}


@dataclass
class Stack:
    """The queues of a stack, from outside."""

    sqs: Any
    outputs: dict[str, str]

    def bury_event(self, event_id: str, *, user: str = USER, told: bool = True) -> None:
        event = {"type": "follow", "webhookEventId": event_id, "source": {"type": "user", "userId": user}}
        attributes = {
            "error_code": {"DataType": "String", "StringValue": "store_unavailable"},
            "event_id": {"DataType": "String", "StringValue": event_id},
            "tries": {"DataType": "Number", "StringValue": "5"},
        }
        self.sqs.send_message(
            QueueUrl=self.outputs["InboxDeadLetterQueueUrl"],
            MessageBody=json.dumps({"destination": "U1", "event": event}),
            MessageGroupId=user,
            MessageDeduplicationId=event_id,
            MessageAttributes=attributes if told else {},
        )

    def fail_send(self, payload: object, **changes: Any) -> None:
        record = {
            "version": "1.0",
            "timestamp": "2026-11-21T10:00:05.123Z",
            "requestContext": {
                "requestId": REQUEST_ID,
                "functionArn": ARN,
                "condition": "RetriesExhausted",
                "approximateInvokeCount": 3,
            },
            "requestPayload": payload,
            "responsePayload": {
                "errorType": "RetryableError",
                "errorMessage": f"RetryableError line_unavailable: LINE answered 500 for {USER}",
                "stackTrace": ["secret paths"],
            },
        }
        self.sqs.send_message(
            QueueUrl=self.outputs["SendFailuresQueueUrl"], MessageBody=json.dumps({**record, **changes})
        )

    def waiting(self, output: str) -> list[dict[str, Any]]:
        """What anybody can receive now, put back."""
        url = self.outputs[output]
        found = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageSystemAttributeNames=["All"]
        )
        return list(found.get("Messages", []))

    def inbox_box(self) -> InboxBox:
        dead = DeadLetterQueue(self.sqs, self.outputs["InboxDeadLetterQueueUrl"])
        return InboxBox(dead, self.sqs, self.outputs["InboxQueueUrl"])

    def send_box(self, functions: "FakeLambda | None" = None) -> SendBox:
        dead = DeadLetterQueue(self.sqs, self.outputs["SendFailuresQueueUrl"])
        client: Any = functions or FakeLambda()
        return SendBox(dead, client, self.outputs)


class ResourceNotFoundError(ClientError):
    pass


@dataclass
class FakeLambda:
    """Takes asynchronous invocations; `refuses` is the code of the error it raises instead."""

    refuses: str | None = None
    invoked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    on_invoke: Callable[[], None] = lambda: None

    class exceptions:
        ResourceNotFoundException = ResourceNotFoundError

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: str) -> dict[str, Any]:
        self.on_invoke()
        if self.refuses:
            kind = ResourceNotFoundError if self.refuses == "ResourceNotFoundException" else ClientError
            raise kind({"Error": {"Code": self.refuses, "Message": "No."}}, "Invoke")
        assert InvocationType == "Event"
        self.invoked.append((FunctionName, json.loads(Payload)))
        return {"StatusCode": 202}


@pytest.fixture
def queues(outputs: dict[str, str]) -> Stack:
    return Stack(boto3.client("sqs"), outputs)


def read_all(box: Box, limit: int | None = None) -> list[Letter]:
    with box.queue.received(limit) as messages:
        return [box.read(message) for message in messages]


# what a letter shows


def test_a_dead_event_shows_what_it_is_and_why_it_died(queues: Stack) -> None:
    queues.bury_event("01EVENT")

    [letter] = read_all(queues.inbox_box())

    assert (letter.what, letter.error, letter.tries) == ("follow  01EVENT", "store_unavailable", 5)


def test_an_event_that_the_queue_itself_moved_is_shown_without_a_reason(queues: Stack) -> None:
    queues.bury_event("01EVENT", told=False)

    [letter] = read_all(queues.inbox_box())

    assert letter.what == "follow  01EVENT"
    assert letter.tries is None
    assert "before it could say why" in letter.error


def test_an_event_that_nobody_could_read_can_still_be_sent_again(queues: Stack) -> None:
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
    queues: Stack, payload: dict[str, Any], origin: str
) -> None:
    queues.fail_send(payload)

    [letter] = read_all(queues.send_box())

    assert letter.what == f"send_text  {origin}"
    assert letter.tries == 3
    assert f"{letter.at:%H:%M:%S}" == "10:00:05"


def test_a_failed_send_shows_the_code_of_the_error_and_nobody(queues: Stack) -> None:
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
                "responsePayload": {"errorType": "MonthlyQuotaError", "errorMessage": "the limit is reached"},
            },
            "monthly_quota: the limit is reached",
        ),
    ],
)
def test_every_kind_of_record_shows_its_error(queues: Stack, changes: dict[str, Any], error: str) -> None:
    queues.fail_send(DIRECT, **changes)

    [letter] = read_all(queues.send_box())

    assert letter.error == error


def test_what_a_record_says_cannot_play_with_the_terminal(queues: Stack) -> None:
    queues.fail_send({**CAMPAIGN, "CampaignId": "\x1b[31mred\nline"})

    [letter] = read_all(queues.send_box())

    assert letter.what.isprintable()


# looking consumes nothing


def test_looking_leaves_everything_where_it_is(queues: Stack) -> None:
    for number in range(3):
        queues.fail_send({**DIRECT, "retry_key": str(number)})

    assert len(read_all(queues.send_box())) == 3
    assert len(read_all(queues.send_box())) == 3


def look_and_interrupt(box: Box) -> None:
    with box.queue.received() as messages:
        next(messages)
        raise KeyboardInterrupt


def test_looking_is_bounded(queues: Stack) -> None:
    for number in range(12):
        queues.fail_send({**DIRECT, "retry_key": str(number)})

    assert len(read_all(queues.send_box(), limit=11)) == 11


def test_an_interrupted_look_puts_everything_back(queues: Stack) -> None:
    queues.fail_send(DIRECT)
    box = queues.send_box()

    with pytest.raises(KeyboardInterrupt):
        look_and_interrupt(box)

    assert len(queues.waiting("SendFailuresQueueUrl")) == 1


# doing it again


def test_an_event_goes_back_to_the_inbox_in_its_group_under_a_fresh_deduplication_id(queues: Stack) -> None:
    queues.bury_event("01EVENT")
    outcome = Redriven()

    redrive(queues.inbox_box(), outcome)

    [message] = queues.waiting("InboxQueueUrl")
    assert json.loads(message["Body"])["event"]["webhookEventId"] == "01EVENT"
    assert message["Attributes"]["MessageGroupId"] == USER
    assert message["Attributes"]["MessageDeduplicationId"] != "01EVENT"
    assert queues.waiting("InboxDeadLetterQueueUrl") == []
    assert (outcome.sent, outcome.left) == (1, [])


def test_events_of_a_person_go_back_in_their_order(queues: Stack) -> None:
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


def test_a_send_is_invoked_again_as_the_same_delivery(queues: Stack) -> None:
    queues.fail_send(DIRECT)
    functions = FakeLambda()
    outcome = Redriven()

    redrive(queues.send_box(functions), outcome)

    assert functions.invoked == [(ARN, repeatable(DIRECT, REQUEST_ID))]
    assert "retry_key" in functions.invoked[0][1]
    assert queues.waiting("SendFailuresQueueUrl") == []
    assert outcome.sent == 1


@pytest.mark.parametrize("payload", [None, '{"to": "U'])
def test_a_record_without_its_event_is_left_with_the_reason(queues: Stack, payload: object) -> None:
    queues.fail_send(payload)
    functions = FakeLambda()
    outcome = Redriven()

    redrive(queues.send_box(functions), outcome)

    [(_, reason)] = outcome.left
    assert "came without the event" in reason
    assert functions.invoked == []
    assert len(queues.waiting("SendFailuresQueueUrl")) == 1


@pytest.mark.parametrize("body", ["not json", "[]", '{"requestContext": {}}'])
def test_a_message_that_is_no_record_is_left(queues: Stack, body: str) -> None:
    queues.sqs.send_message(QueueUrl=queues.outputs["SendFailuresQueueUrl"], MessageBody=body)
    outcome = Redriven()

    redrive(queues.send_box(), outcome)

    assert outcome.sent == 0
    assert len(outcome.left) == 1
    assert len(queues.waiting("SendFailuresQueueUrl")) == 1


def test_a_function_that_is_not_of_the_stack_is_never_invoked(queues: Stack) -> None:
    other = "arn:aws:lambda:us-east-1:123456789012:function:payroll"
    queues.fail_send(DIRECT, requestContext={"requestId": REQUEST_ID, "functionArn": other})
    functions = FakeLambda()
    outcome = Redriven()

    redrive(queues.send_box(functions), outcome)

    assert functions.invoked == []
    assert "not a sender of this stack" in outcome.left[0][1]


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "RequestTooLargeException"])
def test_a_send_that_lambda_refuses_is_left_and_the_others_go_on(queues: Stack, code: str) -> None:
    queues.fail_send(DIRECT)
    queues.fail_send(CAMPAIGN)
    functions = FakeLambda(refuses=code)
    outcome = Redriven()

    redrive(queues.send_box(functions), outcome)

    assert len(outcome.left) == 2
    assert len(queues.waiting("SendFailuresQueueUrl")) == 2


def test_an_aws_that_refuses_everything_stops_and_loses_nothing(queues: Stack) -> None:
    queues.fail_send(DIRECT)
    outcome = Redriven()

    with pytest.raises(CommandError, match="did not allow Invoke"):
        redrive(queues.send_box(FakeLambda(refuses="AccessDeniedException")), outcome)

    assert outcome.sent == 0
    assert len(queues.waiting("SendFailuresQueueUrl")) == 1


def test_an_interruption_loses_nothing_and_tells_what_was_done(queues: Stack) -> None:
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


def test_a_send_that_fails_again_at_once_is_not_sent_for_ever(queues: Stack) -> None:
    queues.fail_send(DIRECT)
    functions = FakeLambda()
    functions.on_invoke = lambda: queues.fail_send(repeatable(DIRECT, REQUEST_ID))
    outcome = Redriven()

    redrive(queues.send_box(functions), outcome)

    assert outcome.sent == 1
    assert [reason for _, reason in outcome.left] == ["it failed again"]
    assert len(queues.waiting("SendFailuresQueueUrl")) == 1


def test_a_redrive_keeps_to_its_limit(queues: Stack) -> None:
    for number in range(4):
        queues.bury_event(f"01EVENT{number}", user=f"U{number}")
    outcome = Redriven()

    redrive(queues.inbox_box(), outcome, limit=3)

    assert outcome.sent == 3
    assert len(queues.waiting("InboxDeadLetterQueueUrl")) == 1
