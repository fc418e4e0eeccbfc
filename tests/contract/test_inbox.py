"""The inbox's adapters against SQS and DynamoDB as moto plays them; processed events keep the same promises in
memory."""

import json
from collections.abc import Callable
from datetime import timedelta

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import ANY, Stubber

from kairan import aws
from kairan.errors import StoreUnavailableError
from kairan.inbox.dynamodb import REMEMBERED_FOR, DynamoDbProcessedEvents
from kairan.inbox.processed import Attempt, ProcessedEvents
from kairan.inbox.queue import Arrival, Entry, InboxReader, Received, entries_of
from kairan.inbox.sqs import BATCH_BYTES, QUICK, SqsEventQueue, SqsRetries
from kairan.messengers.line.events import Event
from kairan.messengers.line.inbound import inbound
from tests.fakes.clock import FakeClock
from tests.fakes.inbox import FakeProcessedEvents
from tests.rigs.tables import create_table

TABLE = "events-seen"
ARRIVAL = Arrival("line", "line", "Ubot", received_at=FakeClock().now())
READER = InboxReader({"line": inbound}, messenger="line", account="line")


@pytest.fixture
def queue_url(moto: None) -> str:
    return boto3.client("sqs").create_queue(
        QueueName="inbox.fifo",
        Attributes={
            "FifoQueue": "true",
            "DeduplicationScope": "messageGroup",
            "FifoThroughputLimit": "perMessageGroupId",
            "VisibilityTimeout": "360",
        },
    )["QueueUrl"]


@pytest.fixture
def dead_letter_queue_url(moto: None) -> str:
    return boto3.client("sqs").create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]


def event(number: int, text: str = "こんにちは", user_id: str = "U1") -> Entry:
    raw = {"webhookEventId": f"event-{number}", "source": {"type": "user", "userId": user_id}, "text": text}
    return entries_of(ARRIVAL, [Event(raw)])[0]


def receive(queue_url: str) -> list[Received]:
    answer = boto3.client("sqs").receive_message(
        QueueUrl=queue_url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"]
    )
    return [
        Received(
            message_id=message["MessageId"],
            receipt_handle=message["ReceiptHandle"],
            receive_count=int(message["Attributes"]["ApproximateReceiveCount"]),
            entry=Entry(
                body=message["Body"],
                group_id=message["Attributes"]["MessageGroupId"],
                deduplication_id=message["Attributes"]["MessageDeduplicationId"],
            ),
        )
        for message in answer.get("Messages", [])
    ]


def drain(queue_url: str) -> list[Entry]:
    entries = []
    while messages := receive(queue_url):
        for message in messages:
            boto3.client("sqs").delete_message(QueueUrl=queue_url, ReceiptHandle=message.receipt_handle)
        entries += [message.entry for message in messages]
    return entries


def test_every_event_of_a_large_call_is_queued_in_order(queue_url: str) -> None:
    entries = [event(number) for number in range(100)]

    SqsEventQueue(queue_url).put(entries)

    assert drain(queue_url) == entries


def test_an_event_that_is_queued_twice_is_there_once(queue_url: str) -> None:
    SqsEventQueue(queue_url).put([event(1), event(2)])
    SqsEventQueue(queue_url).put([event(1), event(2), event(3)])

    assert drain(queue_url) == [event(1), event(2), event(3)]


def test_text_that_sqs_does_not_take_as_it_is_arrives_whole(queue_url: str) -> None:
    text = "control \x00\x01\x0b, half a pair \ud83d, no character \uffff, 回覧 🎌"

    SqsEventQueue(queue_url).put([event(1, text)])

    [entry] = drain(queue_url)
    assert READER.event_of(entry).raw["text"] == text


def test_large_events_go_in_several_batches(queue_url: str) -> None:
    entries = [event(number, "x" * (BATCH_BYTES // 3)) for number in range(7)]

    SqsEventQueue(queue_url).put(entries)

    assert drain(queue_url) == entries


def test_an_event_that_is_too_large_is_reported_and_the_others_are_queued(queue_url: str) -> None:
    entries = [event(1), event(2, "x" * BATCH_BYTES), event(3)]

    with pytest.raises(StoreUnavailableError, match="1 of 3 events"):
        SqsEventQueue(queue_url).put(entries)

    assert drain(queue_url) == [event(1), event(3)]


def test_one_refused_entry_of_many_is_reported(fresh_clients: None) -> None:
    refused = {"Id": "1", "SenderFault": False, "Code": "InternalError"}
    with Stubber(aws.client("sqs", QUICK)) as stubber:
        for failed in ([], [refused]):
            stubber.add_response(
                "send_message_batch", {"Successful": [], "Failed": failed}, {"QueueUrl": "q", "Entries": ANY}
            )

        with pytest.raises(StoreUnavailableError, match="1 of 12 events"):
            SqsEventQueue("q").put([event(number) for number in range(12)])


def test_a_queue_that_does_not_answer_is_not_asked_again(fresh_clients: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def time_out(**batch: object) -> None:
        asked.append(batch)
        raise ReadTimeoutError(endpoint_url="https://sqs.invalid")

    monkeypatch.setattr(aws.client("sqs", QUICK), "send_message_batch", time_out)

    with pytest.raises(StoreUnavailableError, match="ReadTimeoutError"):
        SqsEventQueue("q").put([event(number) for number in range(12)])

    assert len(asked) == 1


def test_a_postponed_message_comes_back_with_the_later_ones_of_its_group(
    queue_url: str, dead_letter_queue_url: str
) -> None:
    SqsEventQueue(queue_url).put([event(number) for number in range(12)])
    taken = receive(queue_url)
    assert receive(queue_url) == []

    SqsRetries(queue_url, dead_letter_queue_url).postpone(taken, 0)

    assert [message.entry for message in receive(queue_url)] == [event(number) for number in range(10)]


def test_a_message_that_is_gone_cannot_be_postponed(queue_url: str, dead_letter_queue_url: str) -> None:
    gone = Received("m", "no receipt", 1, event(1))

    with pytest.raises(StoreUnavailableError, match="could not be postponed"):
        SqsRetries(queue_url, dead_letter_queue_url).postpone([gone], 2)


def test_a_dead_letter_carries_the_reason(queue_url: str, dead_letter_queue_url: str) -> None:
    SqsEventQueue(queue_url).put([event(1)])
    [taken] = receive(queue_url)
    retries = SqsRetries(queue_url, dead_letter_queue_url)

    retries.dead_letter(taken, event_id="event-1", code="line_rejected", attempts=1)
    retries.dead_letter(taken, event_id="event-1", code="line_rejected", attempts=2)

    [message] = boto3.client("sqs").receive_message(
        QueueUrl=dead_letter_queue_url,
        MaxNumberOfMessages=10,
        MessageAttributeNames=["All"],
        MessageSystemAttributeNames=["All"],
    )["Messages"]
    assert json.loads(message["Body"]) == json.loads(event(1).body)
    assert message["Attributes"]["MessageGroupId"] == "U1"
    assert {name: value["StringValue"] for name, value in message["MessageAttributes"].items()} == {
        "error_code": "line_rejected",
        "event_id": "event-1",
        "tries": "1",
    }


def test_an_event_that_was_sent_again_can_become_a_dead_letter_again(
    queue_url: str, dead_letter_queue_url: str
) -> None:
    retries = SqsRetries(queue_url, dead_letter_queue_url)

    retries.dead_letter(Received("first message", "r", 1, event(1)), event_id="event-1", code="rejected", attempts=1)
    retries.dead_letter(Received("second message", "r", 1, event(1)), event_id="event-1", code="rejected", attempts=1)

    assert len(drain(dead_letter_queue_url)) == 2


@pytest.fixture
def table(moto: None) -> None:
    create_table(TABLE, "event_id")


@pytest.fixture(params=["fake", "dynamodb"])
def processed(request: pytest.FixtureRequest) -> ProcessedEvents:
    if request.param == "fake":
        return FakeProcessedEvents()
    request.getfixturevalue("table")
    return DynamoDbProcessedEvents(TABLE, clock=FakeClock())


def test_attempts_are_counted_event_by_event(processed: ProcessedEvents) -> None:
    assert [processed.count_attempt("a") for _ in range(3)] == [Attempt(1), Attempt(2), Attempt(3)]
    assert processed.count_attempt("b") == Attempt(1)


def test_an_attempt_that_only_waited_counts_apart_from_the_others(processed: ProcessedEvents) -> None:
    for _ in range(3):
        processed.count_attempt("a")
        processed.count_wait("a")

    assert processed.count_attempt("a") == Attempt(1, waits=3)


def test_each_effect_is_remembered_by_its_name_and_the_event_is_not_done(processed: ProcessedEvents) -> None:
    processed.count_attempt("a")

    processed.mark_effect("a", "register")
    processed.mark_effect("a", "transcript")
    processed.mark_effect("a", "register")

    assert processed.count_attempt("a") == Attempt(2, effects_done=frozenset({"register", "transcript"}))
    assert processed.count_attempt("b") == Attempt(1)


def test_an_event_is_done_after_it_was_marked(processed: ProcessedEvents) -> None:
    processed.count_attempt("a")
    processed.mark_effect("a", "register")

    processed.mark_done("a")

    assert processed.count_attempt("a") == Attempt(2, is_done=True, effects_done=frozenset({"register"}))
    assert processed.count_attempt("b") == Attempt(1)


def test_forgotten_attempts_are_counted_from_the_beginning_and_what_was_done_stays_done(
    processed: ProcessedEvents,
) -> None:
    for event_id in ("half", "whole"):
        processed.count_attempt(event_id)
        processed.count_wait(event_id)
        processed.mark_effect(event_id, "register")
    processed.mark_done("whole")

    processed.forget_attempts("half")
    processed.forget_attempts("whole")

    assert processed.count_attempt("half") == Attempt(1, effects_done=frozenset({"register"}))
    assert processed.count_attempt("whole") == Attempt(1, is_done=True, effects_done=frozenset({"register"}))


def test_events_are_remembered_for_three_weeks_after_their_last_effect(table: None) -> None:
    clock = FakeClock()
    processed = DynamoDbProcessedEvents(TABLE, clock=clock)
    processed.count_attempt("a")
    clock.sleep(timedelta(days=1).total_seconds())
    processed.mark_effect("a", "register")
    clock.sleep(timedelta(days=1).total_seconds())

    processed.mark_done("a")
    processed.count_attempt("a")

    [item] = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    assert item == {
        "event_id": {"S": "a"},
        "tries": {"N": "2"},
        "effects": {"SS": ["register"]},
        "seen_at": {"S": "2026-11-23T09:00:00.000Z"},
        "expires_at": {"N": str(int((clock.now() + REMEMBERED_FOR).timestamp()))},
    }
    assert timedelta(days=21) == REMEMBERED_FOR


def test_an_event_that_release_0_1_0_has_seen_is_done(table: None) -> None:
    item = {"event_id": {"S": "a"}, "tries": {"N": "1"}, "seen_at": {"S": "2026-11-20T09:00:00.000Z"}}
    boto3.client("dynamodb").put_item(TableName=TABLE, Item=item)

    assert DynamoDbProcessedEvents(TABLE, clock=FakeClock()).count_attempt("a") == Attempt(2, is_done=True)


@pytest.mark.parametrize(
    "ask",
    [
        lambda processed: processed.count_attempt("a"),
        lambda processed: processed.count_wait("a"),
        lambda processed: processed.mark_effect("a", "register"),
        lambda processed: processed.mark_done("a"),
        lambda processed: processed.forget_attempts("a"),
    ],
    ids=["count_attempt", "count_wait", "mark_effect", "mark_done", "forget_attempts"],
)
def test_a_throttled_table_is_retryable(fresh_clients: None, ask: Callable[[ProcessedEvents], object]) -> None:
    with Stubber(aws.client("dynamodb")) as stubber:
        stubber.add_client_error("update_item", "ThrottlingException")

        with pytest.raises(StoreUnavailableError, match="ThrottlingException"):
            ask(DynamoDbProcessedEvents(TABLE))
