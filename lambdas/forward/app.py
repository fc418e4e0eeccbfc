"""Passes webhook calls on to other tools: the calls of one chat in order, each until the tool takes it or for an hour.

    received ── 2xx ───────────────────────────────────────▶ done
       ├─ the message or its body cannot be read ──────────▶ dead-letter queue: done, its group goes on
       └─ any other answer, no answer, unexpected error ───▶ again after `DELAYS_S`, with the later calls of its group;
                                                             after an hour it ends in the dead-letter queue

The hour begins when a call comes into the queue. A call that waited behind others for longer has one attempt.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from enum import Enum
from math import ceil
from typing import Any, NamedTuple, Protocol

from kairan.clock import Clock, SystemClock, from_epoch_ms
from kairan.contract import Metric
from kairan.errors import RejectedError, RetryableError, StoreUnavailableError
from kairan.inbox.forwarding import Bodies, Target, queued_call
from kairan.inbox.queue import Received, Retries, received
from kairan.observability import count, described, logger

DELAYS_S = (2, 10, 30, 60, 120, 300)
REPEATED_FOR = timedelta(hours=1)
RESERVE_MS = 20_000
"""One call may take this long: a body from S3, a post that times out, and the dead-letter queue."""
GROUPS_AT_ONCE = 10
"""As many as a batch may have."""


class LambdaContext(Protocol):
    def get_remaining_time_in_millis(self) -> int: ...


class Lane(NamedTuple):
    """The way to one target. `host` names it in logs."""

    host: str
    target: Target
    retries: Retries


class Message(NamedTuple):
    received: Received
    age: timedelta


class Fate(Enum):
    FORWARDED = 1
    GIVEN_UP = 2
    WAITS = 3


class GroupResult(NamedTuple):
    """What became of a group's messages: how many are done, which wait, and for how many seconds."""

    done: Mapping[Fate, int]
    waiting: Sequence[Message] = ()
    delay_s: int = 0


class ForwardHandler:
    """`lanes` has the way to each target, by the name of its queue."""

    def __init__(self, *, lanes: Mapping[str, Lane], bodies: Bodies, clock: Clock | None = None) -> None:
        self._lanes = lanes
        self._bodies = bodies
        self._clock = clock or SystemClock()

    def __call__(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        """A batch has messages of one queue."""
        records = event["Records"]
        lane = self._lanes[records[0]["eventSourceARN"].rpartition(":")[2]]
        groups: dict[str, list[Message]] = {}
        for message in map(self._message, records):
            groups.setdefault(message.received.entry.group_id, []).append(message)
        with ThreadPoolExecutor(GROUPS_AT_ONCE) as threads:
            results = list(threads.map(lambda messages: self._run(lane, messages, context), groups.values()))
        count(Metric.CALLS_FORWARDED, sum(result.done.get(Fate.FORWARDED, 0) for result in results))
        count(Metric.CALLS_NOT_FORWARDED, sum(result.done.get(Fate.GIVEN_UP, 0) for result in results))
        self._postpone(lane, results)
        waiting = [message.received.message_id for result in results for message in result.waiting]
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in waiting]}

    def _message(self, record: Mapping[str, Any]) -> Message:
        sent_at = from_epoch_ms(int(record["attributes"]["SentTimestamp"]))
        return Message(received(record), age=self._clock.now() - sent_at)

    def _run(self, lane: Lane, messages: Sequence[Message], context: LambdaContext) -> GroupResult:
        """Ends at the first message that has to wait: the later ones of its group wait with it."""
        fates: Counter[Fate] = Counter()
        for index, message in enumerate(messages):
            has_time = context.get_remaining_time_in_millis() > RESERVE_MS
            fate = self._settle(lane, message) if has_time else Fate.WAITS
            if fate is Fate.WAITS:
                delay_s = _delay_s(message) if has_time else DELAYS_S[0]
                return GroupResult(fates, messages[index:], delay_s)
            fates[fate] += 1
        return GroupResult(fates)

    def _settle(self, lane: Lane, message: Message) -> Fate:
        call_id = message.received.entry.deduplication_id
        try:
            lane.target.post(queued_call(message.received.entry.body).load(self._bodies))
        except RejectedError as error:
            logger.error("call rejected", call_id=call_id, host=lane.host, code=error.code, error=str(error))
            return self._give_up(lane, message, error.code)
        except RetryableError as error:
            logger.warning("call waits", call_id=call_id, host=lane.host, code=error.code, error=str(error))
            return self._again(lane, message, error.code)
        except Exception as error:  # noqa: BLE001  the boundary of one call: the others of the batch must go on
            logger.error("call failed unexpectedly", call_id=call_id, host=lane.host, **described(error))
            return self._again(lane, message, "unexpected")
        logger.info("call passed on", call_id=call_id, host=lane.host)
        return Fate.FORWARDED

    def _again(self, lane: Lane, message: Message, code: str) -> Fate:
        return Fate.WAITS if message.age < REPEATED_FOR else self._give_up(lane, message, code)

    def _give_up(self, lane: Lane, message: Message, code: str) -> Fate:
        call_id = message.received.entry.deduplication_id
        try:
            lane.retries.dead_letter(
                message.received, event_id=call_id, code=code, attempts=message.received.receive_count
            )
        except StoreUnavailableError as error:
            logger.error("call could not be put into the dead-letter queue", call_id=call_id, error=str(error))
            return Fate.WAITS
        logger.error("call is in the dead-letter queue", call_id=call_id, host=lane.host, code=code)
        return Fate.GIVEN_UP

    def _postpone(self, lane: Lane, results: Sequence[GroupResult]) -> None:
        for delay_s in sorted({result.delay_s for result in results if result.waiting}):
            messages = [each.received for result in results if result.delay_s == delay_s for each in result.waiting]
            try:
                lane.retries.postpone(messages, delay_s)
            except StoreUnavailableError as error:
                logger.warning(
                    "calls wait for the queue's own visibility timeout", calls=len(messages), error=str(error)
                )


def _delay_s(message: Message) -> int:
    """The last attempt is at the end of the hour."""
    left_s = ceil((REPEATED_FOR - message.age).total_seconds())
    delay_s = DELAYS_S[min(message.received.receive_count, len(DELAYS_S)) - 1]
    return max(DELAYS_S[0], min(delay_s, left_s))
