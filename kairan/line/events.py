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
    """A view of an event's JSON: what Kairan uses of it, read when it is asked for.

    What is missing or of a wrong type is None (`type`: empty).
    """

    raw: Mapping[str, Any]

    @property
    def id(self) -> str:
        """`webhookEventId`, as `plain_id` writes it: the same at every redelivery. An event without one is known by its content."""
        if given := _text(self.raw, "webhookEventId"):
            return plain_id(given)
        redelivered_alike = {name: value for name, value in self.raw.items() if name != "deliveryContext"}
        return sha256(write_json(redelivered_alike).encode()).hexdigest()

    @property
    def type(self) -> str:
        return _text(self.raw, "type") or ""

    @property
    def at(self) -> datetime | None:
        """When it happened, not when it was delivered: events are ordered by this."""
        ms = self.raw.get("timestamp")
        if not isinstance(ms, int) or isinstance(ms, bool) or ms < 0:
            return None
        try:
            return from_epoch_ms(ms)
        except (ValueError, OverflowError, OSError):
            return None

    @property
    def source_kind(self) -> str | None:
        """`user`, `group` or `room`"""
        return _text(_object(self.raw, "source"), "type")

    @property
    def user_id(self) -> str | None:
        return _text(_object(self.raw, "source"), "userId")

    @property
    def group_id(self) -> str | None:
        return _text(_object(self.raw, "source"), "groupId")

    @property
    def room_id(self) -> str | None:
        return _text(_object(self.raw, "source"), "roomId")

    @property
    def mode(self) -> str | None:
        """`active`, or `standby`: another module owns the chat, so nothing is to be sent."""
        return _text(self.raw, "mode")

    @property
    def is_redelivery(self) -> bool:
        return _object(self.raw, "deliveryContext").get("isRedelivery") is True

    @property
    def is_unblocked(self) -> bool | None:
        """Of a follow: whether the person had blocked the account before."""
        flag = _object(self.raw, "follow").get("isUnblocked")
        return flag if isinstance(flag, bool) else None


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
        events=tuple(map(Event, objects)),
        malformed=len(events) - len(objects),
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


def _text(values: Mapping[str, Any], name: str) -> str | None:
    value = values.get(name)
    return value if isinstance(value, str) else None


def _object(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = values.get(name)
    return value if isinstance(value, dict) else {}


def _finite(text: str) -> float:
    if not isfinite(number := float(text)):
        raise ValueError(f"the number is too large: {text[:20]}")
    return number


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_decoder = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant)
_encoder = json.JSONEncoder(separators=(",", ":"), check_circular=False)
