"""The inbox queue: its messages, the port that fills it and the port that empties it.

One message holds one event, with where and when it arrived:

    {"messenger": "line", "account": "line", "destination": "U…",
     "received_at": "2026-11-21T09:30:00.123Z", "event": {…}}

Messages of one group stay in order. The group is the chat: a person, or a group or room with everyone who writes there.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from kairan.clock import from_iso, iso
from kairan.errors import MalformedEventError
from kairan.json_text import parse_json, plain_id, write_json

if TYPE_CHECKING:
    from kairan.messengers.port import InboundEvent


class Arrival(NamedTuple):
    """How events arrived.

    - `account`: by the setting `account`
    - `destination`: the messenger's own id of the account
    - `received_at`: when the webhook received them
    """

    messenger: str
    account: str
    destination: str
    received_at: datetime


class RawEvent(Protocol):
    """A messenger's event, as far as the queue needs it."""

    @property
    def raw(self) -> Mapping[str, Any]: ...

    @property
    def id(self) -> str:
        """The same at every redelivery; 1–128 visible ASCII characters."""

    @property
    def chat_id(self) -> str | None: ...


class ReadEvent(Protocol):
    """Turns a messenger's own event into the form that all messengers share."""

    def __call__(self, raw: Mapping[str, Any], *, account: str, received_at: datetime | None) -> "InboundEvent": ...


class Entry(NamedTuple):
    """What SQS gets. All texts are ASCII, and both ids have 1–128 characters."""

    body: str
    group_id: str
    deduplication_id: str


class Received(NamedTuple):
    """A message from the queue. Until it is done it comes back, with the same `message_id`."""

    message_id: str
    receipt_handle: str
    receive_count: int
    entry: Entry


class EventQueue(Protocol):
    """The webhook puts events here."""

    def put(self, entries: Sequence[Entry]) -> None:
        """Raises StoreUnavailableError when an entry could not be queued. Repeating the call is harmless."""


class Retries(Protocol):
    """Received messages whose effects are not all done go through this port."""

    def postpone(self, messages: Sequence[Received], delay_s: int) -> None:
        """Lets the queue deliver the messages again after `delay_s`. Raises StoreUnavailableError."""

    def dead_letter(self, message: Received, *, event_id: str, code: str, attempts: int) -> None:
        """Puts a copy into the dead-letter queue, with the error's code. Raises StoreUnavailableError."""


class InboxReader:
    """Reads what `entries_of` wrote. `events` has a reader for each messenger, by the messenger's name.

    Messages from earlier versions name neither messenger nor account: `messenger` and `account` stand in.
    """

    def __init__(self, events: Mapping[str, ReadEvent], *, messenger: str, account: str) -> None:
        self._events = events
        self._messenger = messenger
        self._account = account

    def event_of(self, entry: Entry) -> "InboundEvent":
        """Raises MalformedEventError for an entry that `entries_of` did not write."""
        try:
            return self._read(parse_json(entry.body))
        except ValueError as error:
            raise MalformedEventError(f"the message cannot be read: {error}") from error

    def _read(self, content: Any) -> "InboundEvent":
        raw = content.get("event") if isinstance(content, dict) else None
        if not isinstance(raw, dict):
            raise MalformedEventError("the message holds no event")
        read_event = self._events.get(content.get("messenger", self._messenger))
        if read_event is None:
            raise MalformedEventError("the message is from an unknown messenger")
        received_at = content.get("received_at")
        return read_event(
            raw,
            account=content.get("account", self._account),
            received_at=from_iso(received_at) if isinstance(received_at, str) else None,
        )


def entries_of(arrival: Arrival, events: Iterable[RawEvent]) -> list[Entry]:
    """Raises MalformedEventError when an event is nested too deeply."""
    shared = {
        "messenger": arrival.messenger,
        "account": arrival.account,
        "destination": arrival.destination,
        "received_at": iso(arrival.received_at),
    }
    before_event = f'{write_json(shared)[:-1]},"event":'
    try:
        return [
            Entry(
                body=f"{before_event}{write_json(event.raw)}}}",
                group_id=plain_id(event.chat_id or arrival.destination),
                deduplication_id=event.id,
            )
            for event in events
        ]
    except ValueError as error:
        raise MalformedEventError(f"an event cannot be queued: {error}") from error


def received(record: Mapping[str, Any]) -> Received:
    """`record` is one of the records in the event that Lambda makes of messages of a FIFO queue."""
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
