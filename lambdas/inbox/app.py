"""What comes out of the inbox queue: each event has its effect on the audience, then goes to the handler of its type."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from kairan.inbox.batch import InboxBatch
from kairan.inbox.queue import Unfinished
from kairan.inbox.seen import EventsSeen
from kairan.line.events import Event
from kairan.observability import count

EventHandler = Callable[[Event], None]
"""Called at least once per event, in the order of each person's events."""

REGISTRY_EVENTS = frozenset({"follow", "unfollow"})
"""Done when they are registered, also without a handler."""


class LambdaContext(Protocol):
    def get_remaining_time_in_millis(self) -> int: ...


class Inbox:
    """`handlers` by event type (`message`, `postback` …). An event that has none is counted and dropped."""

    def __init__(
        self,
        *,
        register: EventHandler,
        handlers: Mapping[str, EventHandler],
        unfinished: Unfinished,
        seen: EventsSeen,
    ) -> None:
        self._register = register
        self._handlers = handlers
        self._batch = InboxBatch(effect=self._take, unfinished=unfinished, seen=seen)

    def __call__(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        unfinished = self._batch.process(event["Records"], remaining_ms=context.get_remaining_time_in_millis)
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in unfinished]}

    def _take(self, event: Event) -> None:
        self._register(event)
        handle = self._handlers.get(event.type)
        if handle is not None:
            handle(event)
        elif event.type not in REGISTRY_EVENTS:
            count("EventsUnhandled")
