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


class Target(NamedTuple):
    """`id` is made of the address. Descriptions and outputs have the host alone: an address may hold a key."""

    id: str
    url: str
    host: str
    queue: EventQueue
    dead_letters: EventQueue


class Forwarding(Construct):
    """The queues' ids are made of the target's address, so no other target's queue changes when the setting does."""

    def __init__(self, scope: Construct, construct_id: str, *, targets: Sequence[str]) -> None:
        super().__init__(scope, construct_id)
        self.targets = [self._target(url) for url in targets]
        self.queue_urls = " ".join(target.queue.queue_url for target in self.targets)
        self.dead_letter_queue_urls = " ".join(target.dead_letters.queue_url for target in self.targets)

    def environment(self, *, batches_bucket: str) -> ForwardEnvironment:
        return ForwardEnvironment(
            forward_urls=" ".join(target.url for target in self.targets),
            forward_queue_urls=self.queue_urls,
            forward_dead_letter_queue_urls=self.dead_letter_queue_urls,
            batches_bucket=batches_bucket,
        )

    def outputs(self, function: PythonFunction) -> dict[str, str]:
        return {
            Output.FORWARD_HOSTS: " ".join(target.host for target in self.targets),
            Output.FORWARD_QUEUE_URLS: self.queue_urls,
            Output.FORWARD_DEAD_LETTER_QUEUE_URLS: self.dead_letter_queue_urls,
            Output.FORWARD_FUNCTION: function.function_name,
        }

    def grant(self, *, webhook: Webhook, forward: PythonFunction, campaigns: Campaigns) -> None:
        campaigns.grant_store_calls(webhook)
        campaigns.grant_read_calls(forward)
        for target in self.targets:
            target.queue.grant_send_messages(webhook)
            target.queue.grant_consume_messages(forward)
            target.dead_letters.grant_send_messages(forward)

    def _target(self, url: str) -> Target:
        target_id = sha256(url.encode()).hexdigest()[:12]
        scope = Construct(self, f"Target{target_id}")
        dead_letters = EventQueue(scope, "DeadLetters")
        queue = EventQueue(scope, "Queue", visibility_timeout=VISIBILITY_TIMEOUT, dead_letters=dead_letters)
        return Target(target_id, url, urlsplit(url).hostname or "", queue, dead_letters)


class Forward(PythonFunction):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        defaults: FunctionDefaults,
        environment: ForwardEnvironment,
        targets: Sequence[Target],
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
        for target in targets:
            self.add_event_source(
                event_sources.SqsEventSource(
                    target.queue, batch_size=BATCH, max_concurrency=CONCURRENCY, report_batch_item_failures=True
                )
            )
