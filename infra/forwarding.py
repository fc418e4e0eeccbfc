"""Passes webhook calls on to other tools: for each target a queue and a dead-letter queue, and one function for all."""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import urlsplit

from aws_cdk import Duration
from aws_cdk import aws_lambda_event_sources as event_sources
from constructs import Construct

from infra.campaigns import Campaigns
from infra.event_queue import EventQueue
from infra.python_function import FunctionDefaults, PythonFunction
from infra.webhook import Webhook
from kairan.contract import ForwardEnvironment, Output

TIMEOUT_S = 60
"""For ten calls of one person, one after the other, to a tool that takes some seconds for each."""
MEMORY_MB = 512
BATCH = 10
"""A FIFO queue hands over at most this many messages at once. Calls of different people are posted at the same time."""
CONCURRENCY = 5
"""Batches of one target at a time. A slow target must not take the account's concurrency from the webhook."""
VISIBILITY_TIMEOUT = Duration.seconds(6 * TIMEOUT_S)


class TargetQueues(NamedTuple):
    url: str
    queue: EventQueue
    dead_letters: EventQueue


class Forwarding(Construct):
    """The queues' ids are made of the target's address, so no other target's queue changes when the setting does."""

    def __init__(self, scope: Construct, construct_id: str, *, targets: Sequence[str]) -> None:
        super().__init__(scope, construct_id)
        self._targets = [self._queues_of(url) for url in targets]
        self.queue_urls = " ".join(target.queue.queue_url for target in self._targets)
        self.dead_letter_queue_urls = " ".join(target.dead_letters.queue_url for target in self._targets)

    @property
    def queues(self) -> Sequence[EventQueue]:
        return [target.queue for target in self._targets]

    @property
    def dead_letters(self) -> Sequence[EventQueue]:
        return [target.dead_letters for target in self._targets]

    def environment(self, *, batches_bucket: str) -> ForwardEnvironment:
        return ForwardEnvironment(
            forward_urls=" ".join(target.url for target in self._targets),
            forward_queue_urls=self.queue_urls,
            forward_dead_letter_queue_urls=self.dead_letter_queue_urls,
            batches_bucket=batches_bucket,
        )

    def outputs(self, function: PythonFunction) -> dict[str, str]:
        """Hosts instead of addresses, because an address may hold a key."""
        return {
            Output.FORWARD_HOSTS: " ".join(urlsplit(target.url).hostname or "" for target in self._targets),
            Output.FORWARD_QUEUE_URLS: self.queue_urls,
            Output.FORWARD_DEAD_LETTER_QUEUE_URLS: self.dead_letter_queue_urls,
            Output.FORWARD_FUNCTION: function.function_name,
        }

    def grant(self, *, webhook: Webhook, forward: PythonFunction, campaigns: Campaigns) -> None:
        campaigns.grant_store_calls(webhook)
        campaigns.grant_read_calls(forward)
        for target in self._targets:
            target.queue.grant_send_messages(webhook)
            target.queue.grant_consume_messages(forward)
            target.dead_letters.grant_send_messages(forward)

    def _queues_of(self, url: str) -> TargetQueues:
        scope = Construct(self, f"Target{sha256(url.encode()).hexdigest()[:12]}")
        dead_letters = EventQueue(scope, "DeadLetters")
        queue = EventQueue(scope, "Queue", visibility_timeout=VISIBILITY_TIMEOUT, dead_letters=dead_letters)
        return TargetQueues(url, queue, dead_letters)


class Forward(PythonFunction):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        environment: ForwardEnvironment,
        queues: Sequence[EventQueue],
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            folder="forward",
            description="Passes LINE's webhook calls on to other tools, one chat's calls in order",
            defaults=defaults,
            timeout_s=TIMEOUT_S,
            memory_mb=MEMORY_MB,
            environment=environment,
        )
        for queue in queues:
            self.add_event_source(
                event_sources.SqsEventSource(
                    queue, batch_size=BATCH, max_concurrency=CONCURRENCY, report_batch_item_failures=True
                )
            )
