"""The ledger's contract: the fake and DynamoDB keep the same promises."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber

from kairan import aws
from kairan.delivery.dynamodb import DynamoDbLedger
from kairan.delivery.ledger import DeliveryRecord, Ledger, State
from kairan.delivery.model import DeliveryId, Outcome, Refusal
from kairan.errors import DeliveryInProgressError, InvalidEventError, StoreUnavailableError
from kairan.line.ids import UserId
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.line import people, text

ID = DeliveryId("0b8e9c1c-5f2f-5b52-9d0e-3a1b7c3b9f11")
NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TABLE = "deliveries"


@pytest.fixture
def dynamodb(moto: None) -> DynamoDbLedger:
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "delivery_id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "delivery_id", "KeyType": "HASH"}],
    )
    return DynamoDbLedger(TABLE)


@pytest.fixture(params=["fake", "dynamodb"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "fake":
        return FakeLedger()
    found: Ledger = request.getfixturevalue("dynamodb")
    return found


def record(number: int = 3) -> DeliveryRecord:
    users = [UserId(person) for person in people(number)]
    made = DeliveryRecord(
        delivery_id=ID,
        fingerprint="f",
        mode="push",
        messages=(text("お知らせ {{Attributes.name}}"),),
        notification_disabled=True,
        people=tuple((f"endpoint-{place}", user) for place, user in enumerate(users)),
        settled={"endpoint-9": Outcome("skipped", "empty_text")},
    )
    made.plan([user] for user in users)
    return made


def test_what_was_never_saved_is_not_there(ledger: Ledger) -> None:
    assert ledger.load(ID) is None


def test_a_record_comes_back_as_it_was_saved(ledger: Ledger) -> None:
    saved = record()
    saved.take_lease(NOW, NOW + timedelta(seconds=50))
    first, second, third = saved.requests
    saved.accept(first, "request-1")
    saved.refuse(second, "invalid_user_id", "request-2", Refusal(400, "The property, to, is invalid", ("to",)))
    saved.leave(third, uncertain=True)

    ledger.save(saved, writer="w")

    loaded = ledger.load(ID)
    assert loaded == saved
    assert [request.state for request in loaded.requests.values()] == [State.SENT, State.FAILED, State.OPEN]


def test_what_line_says_of_the_messages_to_one_chat_is_kept(ledger: Ledger) -> None:
    saved = record(1)
    saved.take_lease(NOW, NOW + timedelta(seconds=50))
    (key,) = saved.requests
    saved.accept(key, "request-1", ({"id": "1", "quoteToken": "q"},))

    ledger.save(saved, writer="w")

    loaded = ledger.load(ID)
    assert loaded == saved
    assert loaded.outcomes()["endpoint-0"].sent_messages == ({"id": "1", "quoteToken": "q"},)


def test_of_two_first_writes_one_wins(ledger: Ledger) -> None:
    ledger.save(record(), writer="one")

    with pytest.raises(DeliveryInProgressError):
        ledger.save(record(), writer="two")


def test_a_write_over_a_version_that_was_not_read_is_refused(ledger: Ledger) -> None:
    ledger.save(record(), writer="one")
    mine, theirs = ledger.load(ID), ledger.load(ID)
    assert mine is not None
    assert theirs is not None
    ledger.save(theirs, writer="two")

    with pytest.raises(DeliveryInProgressError):
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
        DynamoDbLedger(TABLE).load(ID)
    with pytest.raises(StoreUnavailableError, match=code):
        DynamoDbLedger(TABLE).save(record(), writer="w")


def test_a_record_over_dynamodbs_item_size_is_refused_for_good(stubbed: Stubber) -> None:
    stubbed.add_client_error("put_item", "ValidationException", "Item size has exceeded the maximum allowed size")

    with pytest.raises(InvalidEventError, match="too large"):
        DynamoDbLedger(TABLE).save(record(), writer="w")


def test_a_table_out_of_reach_is_retryable(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unreachable:
        def get_item(self, **_: object) -> None:
            raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")

    monkeypatch.setattr(aws, "client", lambda _: Unreachable())

    with pytest.raises(StoreUnavailableError, match="EndpointConnectionError"):
        DynamoDbLedger(TABLE).load(ID)


def test_five_hundred_recipients_fit_with_room_to_spare(dynamodb: DynamoDbLedger) -> None:
    saved = record(500)
    saved.take_lease(NOW, NOW + timedelta(seconds=50))
    for place, key in enumerate(list(saved.requests)):
        saved.accept(key, f"5aa2e4a7-6b5f-4d3c-9c59-{place:012d}")

    dynamodb.save(saved, writer="w")

    item = boto3.client("dynamodb").get_item(TableName=TABLE, Key={"delivery_id": {"S": ID}})["Item"]
    assert len(item["record"]["B"]) < 40_000
    assert item["sent"] == {"N": "500"}


def test_an_item_goes_after_thirty_days(dynamodb: DynamoDbLedger) -> None:
    DynamoDbLedger(TABLE, clock=FakeClock(NOW)).save(record(), writer="w")

    item = boto3.client("dynamodb").get_item(TableName=TABLE, Key={"delivery_id": {"S": ID}})["Item"]
    assert item["expires_at"] == {"N": str(int((NOW + timedelta(days=30)).timestamp()))}


def test_a_record_is_read_as_it_was_last_written(stubbed: Stubber) -> None:
    stubbed.add_response(
        "get_item", {}, {"TableName": TABLE, "Key": {"delivery_id": {"S": ID}}, "ConsistentRead": True}
    )

    assert DynamoDbLedger(TABLE).load(ID) is None
