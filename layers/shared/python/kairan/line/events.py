"""Webhook events (Messaging API reference, "Webhook event objects"), parsed with the standard library alone.

LINE adds event types and fields without notice: nothing that is unknown is an error, and `raw` keeps all of it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from math import isfinite
from typing import Any, NoReturn

from kairan.clock import from_epoch_ms
from kairan.errors import InvalidBodyError

_PLAIN = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True, slots=True)
class Event:
    """What Kairan uses of an event. A field that is missing or of a wrong type is None (`type`: empty)."""

    id: str
    """`webhookEventId`: the same at every redelivery. See `plain_id` for what stands here when it is missing or strange."""
    type: str
    at: datetime | None
    """When it happened, not when it was delivered: events are ordered by this."""
    source_kind: str | None
    """`user`, `group` or `room`"""
    user_id: str | None
    group_id: str | None
    room_id: str | None
    mode: str | None
    """`active`, or `standby`: another module owns the chat, so nothing is to be sent."""
    is_redelivery: bool
    is_unblocked: bool | None
    """Of a follow: whether the person had blocked the account before."""
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Callback:
    """The body of one webhook call. `malformed` counts the entries of `events` that are not even objects."""

    destination: str
    events: tuple[Event, ...]
    malformed: int = 0


def parse_body(body: bytes) -> Callback:
    """Raises InvalidBodyError when the body is not JSON, or without a list `events`."""
    try:
        content = parse_json(body.decode())
    except UnicodeDecodeError as error:
        raise InvalidBodyError("the body is not UTF-8") from error
    events = content.get("events") if isinstance(content, dict) else None
    if not isinstance(events, list):
        raise InvalidBodyError("the body is not an object with a list `events`")
    objects = [event for event in events if isinstance(event, dict)]
    return Callback(
        destination=_text(content, "destination") or "",
        events=tuple(map(read_event, objects)),
        malformed=len(events) - len(objects),
    )


def read_event(raw: Mapping[str, Any]) -> Event:
    source = _object(raw, "source")
    return Event(
        id=_id(raw),
        type=_text(raw, "type") or "",
        at=_time(raw.get("timestamp")),
        source_kind=_text(source, "type"),
        user_id=_text(source, "userId"),
        group_id=_text(source, "groupId"),
        room_id=_text(source, "roomId"),
        mode=_text(raw, "mode"),
        is_redelivery=_object(raw, "deliveryContext").get("isRedelivery") is True,
        is_unblocked=_flag(_object(raw, "follow").get("isUnblocked")),
        raw=raw,
    )


def plain_id(text: str) -> str:
    """`text` where it can stand as it is in queues and keys (1–128 visible ASCII characters), otherwise its SHA-256."""
    return text if _PLAIN.fullmatch(text) else sha256(text.encode(errors="surrogatepass")).hexdigest()


def parse_json(text: str) -> Any:
    """Raises InvalidBodyError for what is not JSON, and for numbers and nesting that Python cannot hold."""
    try:
        return _decoder.decode(text)
    except (ValueError, RecursionError) as error:
        raise InvalidBodyError("the body is not JSON") from error


def write_json(value: object) -> str:
    """On one line and in ASCII, so that any text passes through a queue. Raises InvalidBodyError when nested too deeply."""
    try:
        return _encoder.encode(value)
    except RecursionError as error:
        raise InvalidBodyError("the body is nested too deeply") from error


def _id(raw: Mapping[str, Any]) -> str:
    if given := _text(raw, "webhookEventId"):
        return plain_id(given)
    redelivered_alike = {name: value for name, value in raw.items() if name != "deliveryContext"}
    return sha256(write_json(redelivered_alike).encode()).hexdigest()


def _time(ms: object) -> datetime | None:
    if not isinstance(ms, int) or isinstance(ms, bool) or ms < 0:
        return None
    try:
        return from_epoch_ms(ms)
    except (ValueError, OverflowError, OSError):
        return None


def _text(values: Mapping[str, Any], name: str) -> str | None:
    value = values.get(name)
    return value if isinstance(value, str) else None


def _object(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    return value if isinstance(value, dict) else {}


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _finite(text: str) -> float:
    if not isfinite(number := float(text)):
        raise ValueError(f"the number is too large: {text[:20]}")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant)
_encoder = json.JSONEncoder(separators=(",", ":"), check_circular=False)
