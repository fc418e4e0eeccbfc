"""The ledger's contract: the fake and DynamoDB keep the same promises."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from kairan import aws
from kairan.content import Audio, Content, Image, Native, Piece, Speech, Text, Video
from kairan.errors import BatchInProgressError, InvalidInputError, StoreUnavailableError
from kairan.messengers.line.messenger import CAPABILITIES
from kairan.messengers.port import Accepted, Mode, Refusal
from kairan.reasons import Reason
from kairan.sending.batch import BatchId
from kairan.sending.dynamodb import DynamoDbLedger
from kairan.sending.ledger import BatchRecord, Ledger, State
from kairan.sending.outcome import Outcome
from tests.cases.ledger_records import RECORDS
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.line import people, person
from tests.rigs.batches import BATCH_ID
from tests.rigs.tables import create_ledger

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LEASE_UNTIL = NOW + timedelta(seconds=50)
TABLE = "deliveries"
OF_EVERY_KIND: tuple[Content, ...] = (
    (Text("お知らせ {{Attributes.name}}"), Speech("おはよう {{Attributes.name}}", -1, 1.5, -0.1, 0.0)),
    (Image("https://m.example/a.jpg?v=1", "https://m.example/p.jpg?v=2", ("春 1.jpg", "p.jpg")),),
    (Audio("https://m.example/a.mp3?v=1", 1500, ("a.mp3",)), Audio("https://m.example/b.mp3?v=1", 1)),
    (Video("https://m.example/a.mp4?v=1", "https://m.example/p.jpg?v=2", "spring", ("a.mp4", "p.jpg")),),
    (Native("line", ({"type": "flex", "contents": {"a": [1, None, True, {"b": "🎌"}]}}, {"type": "text"})),),
    (Native("pigeon", ()),),
)
assert {type(piece) for content in OF_EVERY_KIND for piece in content} == set(get_args(Piece))


@pytest.fixture
def dynamodb(moto: None) -> DynamoDbLedger:
    create_ledger(TABLE)
    return DynamoDbLedger(TABLE)


@pytest.fixture(params=["fake", "dynamodb"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "fake":
        return FakeLedger()
    made: Ledger = request.getfixturevalue("dynamodb")
    return made


def record(number: int = 3, *, content: Content = OF_EVERY_KIND[0]) -> BatchRecord:
    chats = [person(user_id) for user_id in people(number)]
    made = BatchRecord(
        batch_id=BATCH_ID,
        fingerprint="f",
        mode=Mode.EACH,
        content=content,
        silent=True,
        people=tuple((f"endpoint-{place}", chat) for place, chat in enumerate(chats)),
        settled={"endpoint-9": Outcome("skipped", Reason.EMPTY_TEXT)},
    )
    made.plan([chat] for chat in chats)
    return made


def leased(number: int = 3) -> BatchRecord:
    made = record(number)
    made.take_lease(NOW, LEASE_UNTIL, key_memory=CAPABILITIES.remembers_key_for)
    return made


def item_of(batch_id: str) -> dict[str, Any]:
    answer = boto3.client("dynamodb").get_item(TableName=TABLE, Key={"delivery_id": {"S": batch_id}})
    return dict(answer["Item"])


def test_what_was_never_saved_is_not_there(ledger: Ledger) -> None:
    assert ledger.load(BATCH_ID) is None


def test_a_record_comes_back_as_it_was_saved(ledger: Ledger) -> None:
    saved = leased(4)
    first, second, third, fourth = saved.requests
    saved.accept(first, Accepted("request-1"))
    saved.refuse(
        second, Reason.INVALID_USER_ID, Refusal(400, "The property, to, is invalid", ("to",), request_id="request-2")
    )
    saved.leave(third, uncertain=True)
    saved.give_up(fourth)

    ledger.save(saved, writer="w")

    loaded = ledger.load(BATCH_ID)
    assert loaded == saved
    assert loaded.lease_until == LEASE_UNTIL
    assert [request.state for request in loaded.requests.values()] == [
        State.SENT,
        State.FAILED,
        State.OPEN,
        State.UNKNOWN,
    ]


@pytest.mark.parametrize("content", OF_EVERY_KIND)
def test_content_of_every_kind_comes_back(ledger: Ledger, content: Content) -> None:
    ledger.save(record(content=content), writer="w")

    loaded = ledger.load(BATCH_ID)
    assert loaded is not None
    assert loaded.content == content


def test_what_line_says_of_the_messages_to_one_chat_is_kept(ledger: Ledger) -> None:
    saved = leased(1)
    (key,) = saved.requests
    saved.accept(key, Accepted("request-1", sent_messages=({"id": "1", "quoteToken": "q"},)))

    ledger.save(saved, writer="w")

    loaded = ledger.load(BATCH_ID)
    assert loaded == saved
    assert loaded.outcomes()["endpoint-0"].sent_messages == ({"id": "1", "quoteToken": "q"},)


def test_of_two_first_writes_one_wins(ledger: Ledger) -> None:
    ledger.save(record(), writer="one")

    with pytest.raises(BatchInProgressError):
        ledger.save(record(), writer="two")


def test_a_write_over_a_version_that_was_not_read_is_refused(ledger: Ledger) -> None:
    ledger.save(record(), writer="one")
    mine, theirs = ledger.load(BATCH_ID), ledger.load(BATCH_ID)
    assert mine is not None
    assert theirs is not None
    ledger.save(theirs, writer="two")

    with pytest.raises(BatchInProgressError):
        ledger.save(mine, writer="one")


def test_a_write_whose_answer_was_lost_can_be_repeated(ledger: Ledger) -> None:
    first, again = record(), record()
    ledger.save(first, writer="one")

    ledger.save(again, writer="one")

    assert again.version == first.version == 1


@pytest.fixture
def stubbed(fresh_clients: None) -> Iterator[Stubber]:
    with Stubber(aws.client("dynamodb")) as stubber:
        yield stubber


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "ThrottlingException", "InternalServerError"]
)
def test_a_throttled_or_failing_table_is_retryable(stubbed: Stubber, code: str) -> None:
    stubbed.add_client_error("get_item", code)
    stubbed.add_client_error("put_item", code)

    with pytest.raises(StoreUnavailableError, match=code):
        DynamoDbLedger(TABLE).load(BATCH_ID)
    with pytest.raises(StoreUnavailableError, match=code):
        DynamoDbLedger(TABLE).save(record(), writer="w")


def test_a_record_over_dynamodbs_item_size_is_refused_for_good(stubbed: Stubber) -> None:
    stubbed.add_client_error("put_item", "ValidationException", "Item size has exceeded the maximum allowed size")

    with pytest.raises(InvalidInputError, match="too large"):
        DynamoDbLedger(TABLE).save(record(), writer="w")


def test_a_table_out_of_reach_is_retryable(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unreachable:
        def get_item(self, **_: object) -> None:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(aws, "client", lambda _: Unreachable())

    with pytest.raises(StoreUnavailableError, match="EndpointConnectionError"):
        DynamoDbLedger(TABLE).load(BATCH_ID)


def test_five_hundred_recipients_fit_with_room_to_spare(dynamodb: DynamoDbLedger) -> None:
    saved = leased(500)
    for place, key in enumerate(list(saved.requests)):
        saved.accept(key, Accepted(f"5aa2e4a7-6b5f-4d3c-9c59-{place:012d}"))

    dynamodb.save(saved, writer="w")

    item = item_of(BATCH_ID)
    assert len(item["record"]["B"]) < 40_000
    assert item["sent"] == {"N": "500"}


def test_an_item_says_to_a_reader_what_it_is_and_goes_after_thirty_days(moto: None) -> None:
    create_ledger(TABLE)
    saved = leased(4)
    first, second, *_ = saved.requests
    saved.accept(first, Accepted("request-1"))
    saved.give_up(second)

    DynamoDbLedger(TABLE, clock=FakeClock(NOW)).save(saved, writer="w")

    item = item_of(BATCH_ID)
    assert item.pop("record").keys() == {"B"}
    assert item == {
        "delivery_id": {"S": BATCH_ID},
        "version": {"N": "1"},
        "writer": {"S": "w"},
        "lease_until": {"N": str(int(LEASE_UNTIL.timestamp() * 1000))},
        "expires_at": {"N": str(int((NOW + timedelta(days=62)).timestamp()))},
        "mode": {"S": "push"},
        "planned": {"N": "0"},
        "open": {"N": "2"},
        "sent": {"N": "1"},
        "failed": {"N": "0"},
        "window_closed": {"N": "0"},
        "unknown": {"N": "1"},
    }


def test_a_record_is_read_as_it_was_last_written(stubbed: Stubber) -> None:
    stubbed.add_response(
        "get_item", {}, {"TableName": TABLE, "Key": {"delivery_id": {"S": BATCH_ID}}, "ConsistentRead": True}
    )

    assert DynamoDbLedger(TABLE).load(BATCH_ID) is None


# What release 0.1.0 left in deployed tables


def put_item_of_0_1_0(name: str, lease_until: datetime | None = None) -> BatchId:
    """As that release wrote it: no item of its has the attribute `unknown`."""
    earlier = RECORDS[name]
    lease = {} if lease_until is None else {"lease_until": {"N": str(int(lease_until.timestamp() * 1000))}}
    boto3.client("dynamodb").put_item(
        TableName=TABLE,
        Item={
            "delivery_id": {"S": earlier.batch_id},
            "version": {"N": str(earlier.version)},
            "writer": {"S": "of the earlier release"},
            "expires_at": {"N": str(int((NOW + timedelta(days=62)).timestamp()))},
            "record": {"B": earlier.record},
            "mode": {"S": "push"},
            **{state: {"N": "0"} for state in ("planned", "open", "sent", "failed", "window_closed")},
            **lease,
        },
    )
    return earlier.batch_id


@pytest.mark.parametrize("name", RECORDS)
def test_an_item_of_an_earlier_release_is_read_and_written_over(dynamodb: DynamoDbLedger, name: str) -> None:
    batch_id = put_item_of_0_1_0(name)

    read = dynamodb.load(batch_id)
    assert read is not None
    assert read.version == RECORDS[name].version
    assert {
        key: [outcome.outcome, outcome.reason, outcome.request_id] for key, outcome in read.outcomes().items()
    } == RECORDS[name].outcomes
    dynamodb.save(replace(read), writer="of this release")

    assert dynamodb.load(batch_id) == replace(read, version=read.version + 1)


def test_a_lease_of_an_earlier_release_is_respected(dynamodb: DynamoDbLedger) -> None:
    batch_id = put_item_of_0_1_0("shared text, fate unknown", lease_until=LEASE_UNTIL)

    read = dynamodb.load(batch_id)

    assert read is not None
    with pytest.raises(BatchInProgressError):
        read.take_lease(NOW, LEASE_UNTIL + timedelta(seconds=1), key_memory=CAPABILITIES.remembers_key_for)
