"""The inbox in SQS: a FIFO queue, and a FIFO dead-letter queue beside it. Calls to pass on have the same two."""

from collections.abc import Iterator, Sequence

from botocore.config import Config
from botocore.exceptions import ClientError

from kairan import aws
from kairan.errors import StoreUnavailableError
from kairan.inbox.queue import Entry, Received
from kairan.observability import logger

BATCH_ENTRIES = 10
BATCH_BYTES = 1_048_576
"""SQS's limits for one message and for a batch (Amazon SQS Developer Guide, "Message quotas")."""

QUICK = Config(
    connect_timeout=0.5, read_timeout=0.9, retries={"mode": "standard", "total_max_attempts": 2}, max_pool_connections=2
)
"""LINE gives up a webhook call after two seconds. The second attempt replaces a connection that died while idle."""


class SqsEventQueue:
    """`name` is the queue's name in messages: `the inbox queue`."""

    def __init__(self, queue_url: str, *, name: str = "the inbox queue") -> None:
        self._queue_url = queue_url
        self._name = name

    def put(self, entries: Sequence[Entry]) -> None:
        failed = 0
        for batch in batches(entries):
            with aws.unavailable(f"{self._name} does not answer"):
                failed += self._send(batch)
        if failed:
            raise StoreUnavailableError(f"{failed} of {len(entries)} events could not be queued")

    def _send(self, batch: Sequence[Entry]) -> int:
        """How many entries the queue refused. After a refused batch the next one is still sent."""
        try:
            answer = aws.client("sqs", QUICK).send_message_batch(
                QueueUrl=self._queue_url,
                Entries=[
                    {
                        "Id": str(index),
                        "MessageBody": entry.body,
                        "MessageGroupId": entry.group_id,
                        "MessageDeduplicationId": entry.deduplication_id,
                    }
                    for index, entry in enumerate(batch)
                ],
            )
        except ClientError as error:
            logger.error(f"{self._name} refused a batch", code=error.response["Error"]["Code"], events=len(batch))
            return len(batch)
        for refused in answer.get("Failed", ()):
            logger.error(f"{self._name} refused an event", code=refused["Code"])
        return len(answer.get("Failed", ()))


def batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """In order, each as large as SQS takes. An entry over the limit is alone, so that SQS refuses nothing else."""
    start = size = 0
    for index, entry in enumerate(entries):
        length = len(entry.body)  # bodies are ASCII
        if index > start and (index - start == BATCH_ENTRIES or size + length > BATCH_BYTES):
            yield entries[start:index]
            start, size = index, 0
        size += length
    if start < len(entries):
        yield entries[start:]


class SqsRetries:
    def __init__(self, queue_url: str, dead_letter_queue_url: str) -> None:
        self._queue_url = queue_url
        self._dead_letter_queue_url = dead_letter_queue_url

    def postpone(self, messages: Sequence[Received], delay_s: int) -> None:
        for start in range(0, len(messages), BATCH_ENTRIES):
            with aws.unavailable("the queue does not answer"):
                answer = aws.client("sqs").change_message_visibility_batch(
                    QueueUrl=self._queue_url,
                    Entries=[
                        {"Id": str(index), "ReceiptHandle": message.receipt_handle, "VisibilityTimeout": delay_s}
                        for index, message in enumerate(messages[start : start + BATCH_ENTRIES])
                    ],
                )
            if refused := answer.get("Failed"):
                raise StoreUnavailableError(f"{len(refused)} events could not be postponed: {refused[0]['Code']}")

    def dead_letter(self, message: Received, *, event_id: str, code: str, attempts: int) -> None:
        """The deduplication id is the message's: an event that was sent again may become a dead letter again."""
        with aws.unavailable("the dead-letter queue does not answer"):
            aws.client("sqs").send_message(
                QueueUrl=self._dead_letter_queue_url,
                MessageBody=message.entry.body,
                MessageGroupId=message.entry.group_id,
                MessageDeduplicationId=message.message_id,
                MessageAttributes={
                    "error_code": {"DataType": "String", "StringValue": code},
                    "event_id": {"DataType": "String", "StringValue": event_id},
                    "tries": {"DataType": "Number", "StringValue": str(attempts)},
                },
            )
