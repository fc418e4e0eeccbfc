"""The inbox queue: what lies in it, and the two ports of those who fill it and those who empty it.

One message holds one event, as `{"destination": …, "event": {…}}`. Messages of one group stay in order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from kairan.errors import InvalidBodyError
from kairan.line.events import Event, parse_json, plain_id, write_json


class Entry(NamedTuple):
    """What SQS is given: every text of it in ASCII, both ids of 1–128 characters."""

    body: str
    group_id: str
    deduplication_id: str


@dataclass(frozen=True, slots=True)
class Received:
    """A message taken out of the queue: it comes back unless it is finished, and then `message_id` is the same."""

    message_id: str
    receipt_handle: str
    receive_count: int
    entry: Entry


class Inbox(Protocol):
    """Where the webhook puts events."""

    def put(self, entries: Sequence[Entry]) -> None:
        """All of them. Raises StoreUnavailableError when one or more could not be queued; repeating is harmless."""


class Unfinished(Protocol):
    """What becomes of received messages whose effect is not done."""

    def postpone(self, messages: Sequence[Received], delay_s: int) -> None:
        """They are received again after `delay_s`. Raises StoreUnavailableError."""

    def bury(self, message: Received, *, event_id: str, code: str, tries: int) -> None:
        """Put a copy into the dead-letter queue, with the code of the error that stopped it. Raises StoreUnavailableError."""


def entry_of(destination: str, event: Event) -> Entry:
    """The group is the person, else the group or room, else the bot itself. Raises InvalidBodyError when nested too deeply."""
    return Entry(
        body=write_json({"destination": destination, "event": event.raw}),
        group_id=plain_id(event.user_id or event.group_id or event.room_id or destination),
        deduplication_id=event.id,
    )


def event_of(entry: Entry) -> Event:
    """Raises InvalidBodyError for what `entry_of` did not write."""
    content = parse_json(entry.body)
    raw = content.get("event") if isinstance(content, dict) else None
    if not isinstance(raw, dict):
        raise InvalidBodyError("the message holds no event")
    return Event(raw)


def received(record: Mapping[str, Any]) -> Received:
    """A record of the event that Lambda makes of messages of a FIFO queue."""
    attributes = record["attributes"]
    return Received(
        message_id=record["messageId"],
        receipt_handle=record["receiptHandle"],
        receive_count=int(attributes["ApproximateReceiveCount"]),
        entry=Entry(
            body=record["body"],
            group_id=attributes["MessageGroupId"],
            deduplication_id=attributes["MessageDeduplicationId"],
        ),
    )
