"""The ledger in DynamoDB: one item per batch, stored for two months."""

from datetime import timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from kairan import aws
from kairan.clock import Clock, SystemClock, from_epoch_ms
from kairan.contract import LEDGER_RETENTION_DAYS
from kairan.errors import BatchInProgressError, InvalidInputError, Violation
from kairan.sending import record_format
from kairan.sending.batch import BatchId
from kairan.sending.ledger import BatchRecord, summary

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

STORED_FOR = timedelta(days=LEDGER_RETENTION_DAYS)


class DynamoDbLedger:
    """The ledger's table.

    An item has `delivery_id` (the key), `version`, `writer`, `lease_until` (ms), `expires_at` (s, TTL) and `record`
    (see `record_format`). For people who read the table, it also has `mode` and the number of recipients in each state.
    """

    def __init__(self, table_name: str, *, clock: Clock | None = None) -> None:
        self._table_name = table_name
        self._clock = clock or SystemClock()

    def load(self, batch_id: BatchId) -> BatchRecord | None:
        with aws.unavailable("the ledger could not be read"):
            answer = aws.client("dynamodb").get_item(
                TableName=self._table_name, Key={"delivery_id": {"S": batch_id}}, ConsistentRead=True
            )
        if (item := answer.get("Item")) is None:
            return None
        lease = item.get("lease_until")
        return record_format.parse(
            item["record"]["B"],
            batch_id=batch_id,
            version=int(item["version"]["N"]),
            lease_until=None if lease is None else from_epoch_ms(int(lease["N"])),
        )

    def save(self, record: BatchRecord, *, writer: str) -> None:
        version = record.version + 1
        item: dict[str, AttributeValueTypeDef] = {
            "delivery_id": {"S": record.batch_id},
            "version": {"N": str(version)},
            "writer": {"S": writer},
            "expires_at": {"N": str(int((self._clock.now() + STORED_FOR).timestamp()))},
            "record": {"B": record_format.dump(record)},
            "mode": {"S": record.mode},
            **{state.value: {"N": str(number)} for state, number in summary(record).items()},
        }
        if record.lease_until is not None:
            item["lease_until"] = {"N": str(int(record.lease_until.timestamp() * 1000))}
        version_matches = "attribute_not_exists(delivery_id)" if record.version == 0 else "version = :read"
        values: dict[str, AttributeValueTypeDef] = {":new": {"N": str(version)}, ":writer": {"S": writer}}
        if record.version:
            values[":read"] = {"N": str(record.version)}
        with aws.unavailable("the ledger could not be written"):
            try:
                aws.client("dynamodb").put_item(
                    TableName=self._table_name,
                    Item=item,
                    ConditionExpression=f"{version_matches} OR (version = :new AND writer = :writer)",
                    ExpressionAttributeValues=values,
                )
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "ConditionalCheckFailedException":
                    raise BatchInProgressError(f"another invocation has taken batch {record.batch_id}") from error
                if code == "ValidationException":
                    raise InvalidInputError(
                        [Violation("", "the batch is too large to be recorded (400 KB)")]
                    ) from error
                raise
        record.version = version
