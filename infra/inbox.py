"""The function that handles LINE's events, a batch of its queue at a time."""

from aws_cdk import Duration
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from infra.event_queue import EventQueue
from infra.python_function import FunctionDefaults, PythonFunction
from kairan.contract import InboxEnvironment

TIMEOUT_S = 30
MEMORY_MB = 512
BATCH = 10
"""A FIFO queue hands over at most this many messages at once."""
CONCURRENCY = 50
"""Batches at a time. In a flood of events, the rest of the account's concurrency is for the webhook and the senders."""
VISIBILITY_TIMEOUT = Duration.seconds(6 * TIMEOUT_S)
"""For the queue. AWS advises this for a queue that a function reads ("Configuring a queue to use with Lambda")."""


class Inbox(PythonFunction):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        environment: InboxEnvironment,
        queue: EventQueue,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            folder="inbox",
            description="Updates the audience by LINE's events, one person's events in order",
            defaults=defaults,
            timeout_s=TIMEOUT_S,
            memory_mb=MEMORY_MB,
            environment=environment,
        )
        self.add_event_source(
            event_sources.SqsEventSource(
                queue, batch_size=BATCH, max_concurrency=CONCURRENCY, report_batch_item_failures=True
            )
        )
