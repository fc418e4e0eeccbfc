"""Reads a dead-letter queue without consuming it: received letters are held for a while, then put back or deleted."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

from cli.errors import aws_errors
from kairan.clock import from_epoch_ms
from kairan.contract import DEAD_LETTERS_RETENTION_DAYS

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageAttributeValueTypeDef

Message = Mapping[str, Any]

HOLD_S = 120
"""A received letter comes back by itself after this time, if this program dies before it puts it back."""
BATCH = 10
"""SQS takes and returns at most ten at a time."""


FIRST_SENT = "first_sent_at"
"""The attribute of a kept letter with the time (ms) at which it first came into the queue."""
KEPT_BY = "kept_by"
"""The attribute of a kept letter that names the run of `keep`, which thus keeps no letter twice."""


class LetterStore(Protocol):
    """Where letters lie: a dead-letter queue, or parked batches."""

    def depth(self) -> int: ...

    def received(self, limit: int | None = None) -> AbstractContextManager[Iterator[Message]]: ...

    def delete(self, message: Message) -> None: ...

    def expires_at(self, message: Message) -> datetime: ...


def sent_at(message: Message) -> datetime:
    """When the letter came to where it lies now."""
    return from_epoch_ms(int(message["Attributes"]["SentTimestamp"]))


def attributes_of(message: Message) -> dict[str, str]:
    return {name: value["StringValue"] for name, value in message.get("MessageAttributes", {}).items()}


class DeadLetterQueue:
    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url
        self._held: dict[str, str] = {}
        self._run = uuid4().hex

    def depth(self) -> int:
        """The approximate number of waiting letters."""
        with aws_errors():
            answer = self._client.get_queue_attributes(
                QueueUrl=self._url, AttributeNames=["ApproximateNumberOfMessages"]
            )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    @contextmanager
    def received(self, limit: int | None = None) -> Iterator[Iterator[Message]]:
        """Each letter once, the oldest first as far as SQS has an order. At the end, letters that stay are put back.

        While a FIFO queue's first ten letters of a group are held, it returns no more of that group.
        """
        try:
            yield self._receive(limit)
        finally:
            self._put_back()

    def delete(self, message: Message) -> None:
        with aws_errors():
            self._client.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        del self._held[message["MessageId"]]

    def expires_at(self, message: Message) -> datetime:
        return sent_at(message) + timedelta(days=DEAD_LETTERS_RETENTION_DAYS)

    def keep(self, message: Message) -> bool:
        """Puts the letter into the queue again, where its retention begins anew, and deletes the old one.

        False for a letter that this object has already kept.
        """
        attributes = attributes_of(message)
        if attributes.get(KEPT_BY) == self._run:
            return False
        first_sent = attributes.get(FIRST_SENT) or message["Attributes"]["SentTimestamp"]
        attributes_sent: dict[str, MessageAttributeValueTypeDef] = {
            name: {"DataType": value["DataType"], "StringValue": value["StringValue"]}
            for name, value in message.get("MessageAttributes", {}).items()
        }
        attributes_sent |= {
            FIRST_SENT: {"DataType": "Number", "StringValue": first_sent},
            KEPT_BY: {"DataType": "String", "StringValue": self._run},
        }
        fifo: dict[str, Any] = (
            {
                "MessageGroupId": message["Attributes"]["MessageGroupId"],
                "MessageDeduplicationId": f"keep-{message['MessageId']}",
            }
            if "MessageGroupId" in message["Attributes"]
            else {}
        )
        with aws_errors():
            self._client.send_message(
                QueueUrl=self._url, MessageBody=message["Body"], MessageAttributes=attributes_sent, **fifo
            )
        self.delete(message)
        return True

    def _receive(self, limit: int | None) -> Iterator[Message]:
        seen: set[str] = set()
        while limit is None or len(seen) < limit:
            with aws_errors():
                batch = self._client.receive_message(
                    QueueUrl=self._url,
                    MaxNumberOfMessages=BATCH if limit is None else min(BATCH, limit - len(seen)),
                    VisibilityTimeout=HOLD_S,
                    WaitTimeSeconds=1,  # unlike 0, this asks every server of the queue
                    MessageSystemAttributeNames=["All"],
                    MessageAttributeNames=["All"],
                ).get("Messages", [])
            self._held |= {message["MessageId"]: message["ReceiptHandle"] for message in batch}
            fresh = [message for message in batch if message["MessageId"] not in seen]
            if not fresh:
                return
            seen |= {message["MessageId"] for message in fresh}
            yield from fresh

    def _put_back(self) -> None:
        handles = list(self._held.values())
        self._held.clear()
        for start in range(0, len(handles), BATCH):
            with aws_errors():
                self._client.change_message_visibility_batch(
                    QueueUrl=self._url,
                    Entries=[
                        {"Id": str(index), "ReceiptHandle": handle, "VisibilityTimeout": 0}
                        for index, handle in enumerate(handles[start : start + BATCH])
                    ],
                )
