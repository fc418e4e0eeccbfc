"""Webhook events (Messaging API reference, "Webhook event objects"), parsed with the standard library alone.

LINE adds event types and fields without notice: an unknown one is never an error, and `raw` holds all of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from kairan.clock import from_epoch_ms
from kairan.errors import InvalidBodyError
from kairan.json_text import parse_json, plain_id, write_json


@dataclass(frozen=True, slots=True)
class Event:
    """A view of an event's JSON. Each property reads what Kairan uses at the moment of the call.

    A property that is missing or has a wrong type is None (`type`: an empty text).
    """

    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        """`webhookEventId`, as `plain_id` writes it; it is the same at every redelivery.

        An event without one has the hash of its content, except the part that differs between deliveries.
        """
        if event_id := _text(self.raw, "webhookEventId"):
            return plain_id(event_id)
        same_at_redelivery = {name: value for name, value in self.raw.items() if name != "deliveryContext"}
        return sha256(write_json(same_at_redelivery).encode()).hexdigest()

    @property
    def type(self) -> str:
        return _text(self.raw, "type") or ""

    @property
    def at(self) -> datetime | None:
        """When it happened, not when it was delivered. Events are ordered by this."""
        ms = self.raw.get("timestamp")
        if not isinstance(ms, int) or isinstance(ms, bool) or ms < 0:
            return None
        try:
            return from_epoch_ms(ms)
        except (ValueError, OverflowError, OSError):  # beyond the year 9999
            return datetime.max.replace(tzinfo=UTC)

    @property
    def chat_id(self) -> str | None:
        """The id of the group or room, or else of the person."""
        source = _object(self.raw, "source")
        return _text(source, "groupId") or _text(source, "roomId") or _text(source, "userId")

    @property
    def user_id(self) -> str | None:
        return _text(_object(self.raw, "source"), "userId")

    @property
    def is_direct(self) -> bool:
        """Whether the person is alone with the account, in no group and no room."""
        return _object(self.raw, "source").get("type") == "user"

    @property
    def is_unblocked(self) -> bool | None:
        """For a follow, whether the person had blocked the account before."""
        flag = _object(self.raw, "follow").get("isUnblocked")
        return flag if isinstance(flag, bool) else None


@dataclass(frozen=True, slots=True)
class Callback:
    """The body of one webhook call. `malformed` counts the entries of `events` that are not objects."""

    destination: str
    events: tuple[Event, ...]
    malformed: int = 0


def parse_body(body: bytes) -> Callback:
    """Raises InvalidBodyError when the body is not JSON in UTF-8, or has no list `events`."""
    try:
        content = parse_json(body.decode())
    except ValueError as error:
        raise InvalidBodyError("the body is not JSON in UTF-8") from error
    events = content.get("events") if isinstance(content, dict) else None
    if not isinstance(events, list):
        raise InvalidBodyError("the body is not an object with a list `events`")
    objects = [event for event in events if isinstance(event, dict)]
    return Callback(
        destination=_text(content, "destination") or "",
        events=tuple(map(Event, objects)),
        malformed=len(events) - len(objects),
    )


def _text(values: Mapping[str, Any], name: str) -> str | None:
    value = values.get(name)
    return value if isinstance(value, str) else None


def _object(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    return value if isinstance(value, dict) else {}
