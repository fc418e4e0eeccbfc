"""One batch of a FIFO queue, event by event, with partial failure.

    received ── done before ──────────────────────────────▶ done
       │  each effect that is not marked, then its mark ──▶ done
       ├─ RejectedError ──────────────────────────────────▶ dead-letter queue: done, its group goes on
       ├─ RetryableError ─────────────────────────────────▶ again after `WAITS_S`, for half a day,
       └─ unexpected error, or the function died ─────────▶ again after `DELAYS_S`, with the later events of its group;
                                                            the last of these ends in the dead-letter queue

"Done" lets Lambda delete the message. While a group waits, its later events go back untried, so that the events of one
person stay in order. Other groups go on.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from kairan.contract import Metric
from kairan.errors import RejectedError, RetryableError, StoreUnavailableError
from kairan.inbox.effects import Effect
from kairan.inbox.processed import Attempt, ProcessedEvents
from kairan.inbox.queue import InboxReader, Received, Retries, received
from kairan.messengers.port import InboundEvent
from kairan.observability import count, described, logger

DELAYS_S = (2, 10, 30, 60)
MAX_ATTEMPTS = len(DELAYS_S) + 1
"""Attempts that ended in an unexpected error, or did not end at all."""

WAITS_S = (*DELAYS_S, 300, *(900,) * 47)
"""While something that an event needs does not answer, the event waits: for half a day, and only its own group."""

UNCOUNTED = Attempt(0)
"""An attempt that could not be counted. It is never the last."""
RESERVE_MS = 15_000
"""One event may take this long: a profile call that times out, and its writes. With less time left, none begins."""


class InboxBatch:
    """`effects` run in their order. A failed effect runs again without the earlier ones; the later ones wait for it."""

    def __init__(
        self, *, effects: Sequence[Effect], reader: InboxReader, retries: Retries, processed: ProcessedEvents
    ) -> None:
        self._effects = effects
        self._reader = reader
        self._retries = retries
        self._processed = processed

    def process(self, records: Iterable[Mapping[str, Any]], *, remaining_ms: Callable[[], int]) -> list[str]:
        """The ids of the messages that are not done."""
        delays_s: dict[str, int] = {}
        waiting: list[Received] = []
        for message in map(received, records):
            group_id = message.entry.group_id
            if group_id not in delays_s:
                delay_s = self._settle(message) if remaining_ms() > RESERVE_MS else DELAYS_S[0]
                if delay_s is None:
                    continue
                delays_s[group_id] = delay_s
            waiting.append(message)
        self._postpone(waiting, delays_s)
        return [message.message_id for message in waiting]

    def _settle(self, message: Received) -> int | None:
        """None when the message is done, otherwise the seconds until its next attempt."""
        event_id = message.entry.deduplication_id
        attempt = UNCOUNTED
        try:
            event = self._reader.event_of(message.entry)
            event_id = event.id
            attempt = self._processed.count_attempt(event_id)
            if attempt.is_done:
                logger.info("event seen before", event_id=event_id)
                return None
            if attempt.number > MAX_ATTEMPTS:
                return self._dead_letter(
                    message, event_id=event_id, code="tries_used_up", attempts=attempt.number - 1 + attempt.waits
                )
            self._run(event, attempt)
        except RejectedError as error:
            logger.error("event rejected", event_id=event_id, code=error.code, error=str(error))
            return self._dead_letter(message, event_id=event_id, code=error.code, attempts=_total(attempt))
        except RetryableError as error:
            logger.warning(
                "event waits", event_id=event_id, attempts=_total(attempt), code=error.code, error=str(error)
            )
            return self._wait(message, attempt, event_id=event_id, code=error.code)
        except Exception as error:  # noqa: BLE001  the boundary of one event: the others of the batch must go on
            logger.error("event failed unexpectedly", event_id=event_id, **described(error))
            return self._again(message, attempt, event_id=event_id)
        logger.info("event done", event_id=event_id, type=event.type)
        return None

    def _run(self, event: InboundEvent, attempt: Attempt) -> None:
        for effect in self._effects:
            if effect.name in attempt.effects_done:
                continue
            effect.run(event)
            if effect is not self._effects[-1]:
                self._processed.mark_effect(event.id, effect.name)
        self._processed.mark_done(event.id)
        if not any(event.kind in effect.settles for effect in self._effects):
            count(Metric.EVENTS_UNHANDLED)

    def _wait(self, message: Received, attempt: Attempt, *, event_id: str, code: str) -> int | None:
        if attempt is UNCOUNTED:
            return WAITS_S[min(message.receive_count, len(WAITS_S)) - 1]
        if attempt.waits >= len(WAITS_S):
            return self._dead_letter(message, event_id=event_id, code=code, attempts=_total(attempt))
        try:
            self._processed.count_wait(event_id)
        except StoreUnavailableError as error:
            logger.warning("the wait could not be counted", event_id=event_id, error=str(error))
        return WAITS_S[attempt.waits]

    def _again(self, message: Received, attempt: Attempt, *, event_id: str) -> int | None:
        if attempt.number >= MAX_ATTEMPTS:
            return self._dead_letter(message, event_id=event_id, code="unexpected", attempts=_total(attempt))
        return DELAYS_S[min(attempt.number or message.receive_count, len(DELAYS_S)) - 1]

    def _dead_letter(self, message: Received, *, event_id: str, code: str, attempts: int) -> int | None:
        try:
            self._retries.dead_letter(message, event_id=event_id, code=code, attempts=attempts)
            self._processed.forget_attempts(event_id)
        except StoreUnavailableError as error:
            logger.error("event could not be put into the dead-letter queue", event_id=event_id, error=str(error))
            return DELAYS_S[-1]
        logger.error("event is in the dead-letter queue", event_id=event_id, code=code, attempts=attempts)
        count(Metric.EVENTS_DEAD_LETTERED)
        return None

    def _postpone(self, waiting: list[Received], delays_s: Mapping[str, int]) -> None:
        for delay_s in sorted(set(delays_s.values())):
            messages = [message for message in waiting if delays_s[message.entry.group_id] == delay_s]
            try:
                self._retries.postpone(messages, delay_s)
            except StoreUnavailableError as error:
                logger.warning(
                    "events wait for the queue's own visibility timeout", events=len(messages), error=str(error)
                )


def _total(attempt: Attempt) -> int:
    return attempt.number + attempt.waits
