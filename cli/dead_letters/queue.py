"""A dead-letter queue, read without consuming it: what is received is held for a while, and put back or deleted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cli.errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

Message = Mapping[str, Any]

HOLD_S = 120
"""What is received comes back by itself after this time, should nobody be left to put it back."""
BATCH = 10
"""SQS takes and gives at most ten at a time."""


class DeadLetterQueue:
    def __init__(self, client: "SQSClient", url: str) -> None:
        self._client = client
        self._url = url
        self._held: dict[str, str] = {}

    def depth(self) -> int:
        """About how many letters wait."""
        with aws_errors():
            answer = self._client.get_queue_attributes(
                QueueUrl=self._url, AttributeNames=["ApproximateNumberOfMessages"]
            )
        return int(answer["Attributes"]["ApproximateNumberOfMessages"])

    @contextmanager
    def received(self, limit: int | None = None) -> Iterator[Iterator[Message]]:
        """Each letter once, the oldest first as far as SQS keeps an order. Those not deleted are put back at the end.

        A FIFO queue gives no more of a group than the first ten while those are held.
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
                    WaitTimeSeconds=1,  # asks every server of the queue, which 0 does not
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
