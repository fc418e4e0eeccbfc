"""Processed events in DynamoDB.

An item has `event_id` (the key), `tries` and `waits` (attempts), `effects` (those that are done), `seen_at` (all are
done), and `expires_at` (seconds, TTL).
"""

from datetime import timedelta

from kairan import aws
from kairan.clock import Clock, SystemClock, iso
from kairan.inbox.processed import Attempt

REMEMBERED_FOR = timedelta(days=21)
"""An event may arrive this late: the webhook drops it after 7 days, and the dead-letter queue stores it for 14."""


class DynamoDbProcessedEvents:
    def __init__(self, table_name: str, *, clock: Clock | None = None) -> None:
        self._table_name = table_name
        self._clock = clock or SystemClock()

    def count_attempt(self, event_id: str) -> Attempt:
        with aws.unavailable("the processed events could not be read"):
            item = aws.client("dynamodb").update_item(
                TableName=self._table_name,
                Key={"event_id": {"S": event_id}},
                UpdateExpression="ADD tries :one SET expires_at = if_not_exists(expires_at, :expires_at)",
                ExpressionAttributeValues={":one": {"N": "1"}, ":expires_at": self._expires_at()},
                ReturnValues="ALL_NEW",
            )["Attributes"]
        return Attempt(
            number=int(item["tries"]["N"]),
            is_done="seen_at" in item,
            effects_done=frozenset(item["effects"]["SS"]) if "effects" in item else frozenset(),
            waits=int(item["waits"]["N"]) if "waits" in item else 0,
        )

    def count_wait(self, event_id: str) -> None:
        with aws.unavailable("the wait of the event could not be counted"):
            aws.client("dynamodb").update_item(
                TableName=self._table_name,
                Key={"event_id": {"S": event_id}},
                UpdateExpression="ADD waits :one, tries :minus_one SET expires_at = :expires_at",
                ExpressionAttributeValues={
                    ":one": {"N": "1"},
                    ":minus_one": {"N": "-1"},
                    ":expires_at": self._expires_at(),
                },
            )

    def mark_effect(self, event_id: str, effect: str) -> None:
        with aws.unavailable("the effect could not be marked as done"):
            aws.client("dynamodb").update_item(
                TableName=self._table_name,
                Key={"event_id": {"S": event_id}},
                UpdateExpression="ADD effects :effect SET expires_at = :expires_at",
                ExpressionAttributeValues={":effect": {"SS": [effect]}, ":expires_at": self._expires_at()},
            )

    def mark_done(self, event_id: str) -> None:
        with aws.unavailable("the event could not be marked as done"):
            aws.client("dynamodb").update_item(
                TableName=self._table_name,
                Key={"event_id": {"S": event_id}},
                UpdateExpression="SET seen_at = :now, expires_at = :expires_at",
                ExpressionAttributeValues={":now": {"S": iso(self._clock.now())}, ":expires_at": self._expires_at()},
            )

    def forget_attempts(self, event_id: str) -> None:
        with aws.unavailable("the tries of the event could not be forgotten"):
            aws.client("dynamodb").update_item(
                TableName=self._table_name,
                Key={"event_id": {"S": event_id}},
                UpdateExpression="SET expires_at = :expires_at REMOVE tries, waits",
                ExpressionAttributeValues={":expires_at": self._expires_at()},
            )

    def _expires_at(self) -> dict[str, str]:
        return {"N": str(int((self._clock.now() + REMEMBERED_FOR).timestamp()))}
