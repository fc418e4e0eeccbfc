"""The ledger in DynamoDB: one item per delivery, kept for 30 days."""

from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from kairan import aws
from kairan.clock import Clock, SystemClock, from_epoch_ms
from kairan.delivery import record_format
from kairan.delivery.ledger import DeliveryRecord, summary
from kairan.delivery.model import DeliveryId
from kairan.errors import DeliveryInProgressError, Fault, InvalidEventError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

KEPT_FOR = timedelta(days=30)


class DynamoDbLedger:
    """Item: `delivery_id` (key), `version`, `writer`, `lease_until` (ms), `expires_at` (s, TTL), `record` (see `record_format`),
    and for people who look at it, `mode` and how many recipients are in each state."""

    def __init__(self, table_name: str, *, clock: Clock | None = None) -> None:
        self._table_name = table_name
        self._clock = clock or SystemClock()

    def load(self, delivery_id: DeliveryId) -> DeliveryRecord | None:
        with aws.unavailable("the ledger could not be read"):
            answer = aws.client("dynamodb").get_item(
                TableName=self._table_name, Key={"delivery_id": {"S": delivery_id}}, ConsistentRead=True
            )
        if (item := answer.get("Item")) is None:
            return None
        lease = item.get("lease_until")
        return record_format.parse(
            item["record"]["B"],
            delivery_id=delivery_id,
            version=int(item["version"]["N"]),
            lease_until=None if lease is None else from_epoch_ms(int(lease["N"])),
        )

    def save(self, record: DeliveryRecord, *, writer: str) -> None:
        version = record.version + 1
        item: dict[str, AttributeValueTypeDef] = {
            "delivery_id": {"S": record.delivery_id},
            "version": {"N": str(version)},
            "writer": {"S": writer},
            "expires_at": {"N": str(int((self._clock.now() + KEPT_FOR).timestamp()))},
            "record": {"B": record_format.dump(record)},
            "mode": {"S": record.mode},
            **{state.value: {"N": str(number)} for state, number in summary(record).items()},
        }
        if record.lease_until is not None:
            item["lease_until"] = {"N": str(int(record.lease_until.timestamp() * 1000))}
        unread = "attribute_not_exists(delivery_id)" if record.version == 0 else "version = :read"
        values: dict[str, AttributeValueTypeDef] = {":new": {"N": str(version)}, ":writer": {"S": writer}}
        if record.version:
            values[":read"] = {"N": str(record.version)}
        with aws.unavailable("the ledger could not be written"):
            try:
                aws.client("dynamodb").put_item(
                    TableName=self._table_name,
                    Item=item,
                    ConditionExpression=f"{unread} OR (version = :new AND writer = :writer)",
                    ExpressionAttributeValues=values,
                )
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "ConditionalCheckFailedException":
                    raise DeliveryInProgressError(
                        f"delivery {record.delivery_id} is in another invocation's hands"
                    ) from error
                if code == "ValidationException":
                    raise InvalidEventError([Fault("", "the delivery is too large to be recorded (400 KB)")]) from error
                raise
        record.version = version
