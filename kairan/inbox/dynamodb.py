"""Events seen, in DynamoDB. Item: `event_id` (key), `tries`, `seen_at`, `expires_at` (s, TTL)."""

from datetime import timedelta

from kairan import aws
from kairan.clock import Clock, SystemClock, iso
from kairan.inbox.seen import Try

REMEMBERED_FOR = timedelta(days=21)
"""Longer than an event can be on its way: 7 days until the webhook drops it, and 14 in the dead-letter queue."""


class DynamoDbEventsSeen:
    def __init__(self, table_name: str, *, clock: Clock | None = None) -> None:
        self._table_name = table_name
        self._clock = clock or SystemClock()

    def count_try(self, event_id: str) -> Try:
        with aws.unavailable("the events seen could not be read"):
            item = aws.client("dynamodb").update_item(
                TableName=self._table_name,
                Key={"event_id": {"S": event_id}},
                UpdateExpression="ADD tries :one SET expires_at = if_not_exists(expires_at, :expires_at)",
                ExpressionAttributeValues={":one": {"N": "1"}, ":expires_at": self._expires_at()},
                ReturnValues="ALL_NEW",
            )["Attributes"]
        return Try(number=int(item["tries"]["N"]), seen="seen_at" in item)

    def mark_seen(self, event_id: str) -> None:
        with aws.unavailable("the event could not be marked as seen"):
            aws.client("dynamodb").update_item(
                TableName=self._table_name,
                Key={"event_id": {"S": event_id}},
                UpdateExpression="SET seen_at = :now, expires_at = :expires_at",
                ExpressionAttributeValues={":now": {"S": iso(self._clock.now())}, ":expires_at": self._expires_at()},
            )

    def forget_tries(self, event_id: str) -> None:
        with aws.unavailable("the tries of the event could not be forgotten"):
            aws.client("dynamodb").update_item(
                TableName=self._table_name,
                Key={"event_id": {"S": event_id}},
                UpdateExpression="SET expires_at = :expires_at REMOVE tries",
                ExpressionAttributeValues={":expires_at": self._expires_at()},
            )

    def _expires_at(self) -> dict[str, str]:
        return {"N": str(int((self._clock.now() + REMEMBERED_FOR).timestamp()))}
