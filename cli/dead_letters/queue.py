"""Reads a dead-letter queue without consuming it: received letters are held for a while, then put back or deleted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cli.errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Message = Mapping[str, Any]

HOLD_S = 120
"""A received letter comes back by itself after this time, if this program dies before it puts it back."""
BATCH = 10
"""SQS takes and returns at most ten at a time."""


class DeadLetterQueue:
    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url
        self._held: dict[str, str] = {}

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
