"""One batch of a FIFO queue, event by event, with partial failure.

    received ──seen before──────────────────────────────────▶ done
       │  effect, then mark as seen ────────────────────────▶ done
       ├─ RejectedError, or any other error at try 5 ───────▶ dead-letter queue: done, its group goes on
       └─ RetryableError or an unexpected one, tries 1–4 ───▶ back after 2, 10, 30, 60 s, with the later events of its group

"Done" lets Lambda delete the message. The later events of a group that waits are given back untried, whatever called us would
do, so no person's events overtake each other; other groups go on.
"""

import traceback
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kairan.errors import KairanError, RejectedError, StoreUnavailableError
from kairan.inbox.queue import Received, Unfinished, event_of, received
from kairan.inbox.seen import EventsSeen
from kairan.line.events import Event
from kairan.observability import count, logger

DELAYS_S = (2, 10, 30, 60)
MAX_TRIES = len(DELAYS_S) + 1

RESERVE_MS = 15_000
"""What one event may take: a profile call that times out, and its writes. With less time left none is begun."""


class InboxBatch:
    """`effect` is what an event does; it may be called again for an event whose try failed half-way."""

    def __init__(self, *, effect: Callable[[Event], None], unfinished: Unfinished, seen: EventsSeen) -> None:
        self._effect = effect
        self._unfinished = unfinished
        self._seen = seen

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
        """None when the message is done, otherwise the seconds until its next try."""
        event_id = message.entry.deduplication_id
        tries = 0
        try:
            event = event_of(message.entry)
            event_id = event.id
            counted = self._seen.count_try(event_id)
            if counted.seen:
                logger.info("event seen before", event_id=event_id)
                return None
            tries = counted.number
            if tries > MAX_TRIES:
                return self._bury(message, event_id=event_id, code="tries_used_up", tries=tries - 1)
            self._effect(event)
            self._seen.mark_seen(event_id)
        except RejectedError as error:
            logger.error("event rejected", event_id=event_id, code=error.code, error=str(error))
            return self._bury(message, event_id=event_id, code=error.code, tries=tries)
        except KairanError as error:
            logger.warning("event failed", event_id=event_id, tries=tries, code=error.code, error=str(error))
            return self._again(message, event_id=event_id, code=error.code, tries=tries)
        except Exception as error:  # noqa: BLE001  the boundary of one event: the others of the batch must go on
            stack = traceback.format_tb(error.__traceback__)  # without the message, which may hold what a person wrote
            logger.error("event failed unexpectedly", event_id=event_id, error=type(error).__name__, stack=stack)
            return self._again(message, event_id=event_id, code="unexpected", tries=tries)
        logger.info("event done", event_id=event_id, type=event.type)
        return None

    def _again(self, message: Received, *, event_id: str, code: str, tries: int) -> int | None:
        """A try that could not be counted (`tries` is 0) is never the last one."""
        if tries >= MAX_TRIES:
            return self._bury(message, event_id=event_id, code=code, tries=tries)
        return DELAYS_S[min(tries or message.receive_count, len(DELAYS_S)) - 1]

    def _bury(self, message: Received, *, event_id: str, code: str, tries: int) -> int | None:
        try:
            self._unfinished.bury(message, event_id=event_id, code=code, tries=tries)
            self._seen.forget_tries(event_id)
        except StoreUnavailableError as error:
            logger.error("event could not be buried", event_id=event_id, error=str(error))
            return DELAYS_S[-1]
        logger.error("event is in the dead-letter queue", event_id=event_id, code=code, tries=tries)
        count("EventsDeadLettered")
        return None

    def _postpone(self, waiting: list[Received], delays_s: Mapping[str, int]) -> None:
        for delay_s in sorted(set(delays_s.values())):
            messages = [message for message in waiting if delays_s[message.entry.group_id] == delay_s]
            try:
                self._unfinished.postpone(messages, delay_s)
            except StoreUnavailableError as error:
                logger.warning(
                    "events wait for the queue's own visibility timeout", events=len(messages), error=str(error)
                )
