"""The queues of LINE's events: one for the inbox to read, and one for the events that it gave up."""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from kairan.contract import DEAD_LETTERS_RETENTION_DAYS, WEBHOOK_MAX_BODY_BYTES

RETENTION = Duration.days(DEAD_LETTERS_RETENTION_DAYS)
SAFETY_NET_RECEIVES = 300
"""SQS gives up an event after this many receives, for the case that the inbox function cannot run at all.

It is far above the number of `WAITS_S` in `kairan.inbox.batch`. The function counts attempts itself, and an event that
waits behind a failing one of the same person is received without an attempt.
"""


class EventQueue(sqs.Queue):
    """A FIFO queue, so that one person's events stay in order. Its high-throughput mode keeps people independent.

    SQS itself puts events that it gives up into `dead_letters`, so both queues take the largest event.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        visibility_timeout: Duration | None = None,
        dead_letters: "EventQueue | None" = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            fifo=True,
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP,
            fifo_throughput_limit=sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=RETENTION,
            max_message_size_bytes=WEBHOOK_MAX_BODY_BYTES,
            visibility_timeout=visibility_timeout,
            dead_letter_queue=sqs.DeadLetterQueue(queue=dead_letters, max_receive_count=SAFETY_NET_RECEIVES)
            if dead_letters is not None
            else None,
        )
