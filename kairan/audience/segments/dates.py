"""Days and instants, as segments and attributes write them, and the stretch of time that each one covers.

An attribute has an absolute moment: `2026-11-01`, `2026/11/1`, `20261101`, `2026-11-01T09:00`,
`2026-11-01T09:00:00+09:00`. A segment also has relative ones: `today`, `-30d` (the day thirty days ago), `-24h` (the
instant 24 hours ago). Days, and times without an offset, are those of the account's zone.
"""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

FIRST_YEAR, LAST_YEAR = 1000, 2999
MAX_DAYS = 36_500
"""How far a relative moment reaches, a century in either direction."""
TODAY = "today"

_SHORTEST = timedelta(microseconds=1)
_LONGEST_CHANGE_S = 48 * 3600
"""Clocks never changed by more: Samoa left out a day."""
_ABSOLUTE = re.compile(
    r"""(?P<year>\d{4}) (?: - (\d{1,2}) - (\d{1,2}) | / (\d{1,2}) / (\d{1,2}) | (\d{2}) (\d{2}) )
    (?: [T ] (?P<hour>\d{1,2}) : (?P<minute>\d{2}) (?: :(?P<second>\d{2}) (?: \.(?P<fraction>\d{1,9}) )? )?
        [ ]? (?P<offset> Z | [+-]\d{2}:?\d{2} )? )?""",
    re.VERBOSE | re.ASCII,
)
_RELATIVE = re.compile(r"([+-])(\d{1,6})([dh])", re.ASCII)


@dataclass(frozen=True)
class Day:
    date: date


@dataclass(frozen=True)
class RelativeDay:
    """A number of days after today; before it, if negative."""

    days: int


@dataclass(frozen=True)
class LocalTime:
    """A time of the account's zone."""

    at: datetime


@dataclass(frozen=True)
class Instant:
    at: datetime


@dataclass(frozen=True)
class RelativeInstant:
    """A number of hours after now; before it, if negative."""

    hours: int


AbsoluteMoment = Day | LocalTime | Instant
Moment = AbsoluteMoment | RelativeDay | RelativeInstant


class Span(NamedTuple):
    """The instants from `start` to before `end`, in UTC."""

    start: datetime
    end: datetime


def is_day(moment: Moment) -> bool:
    return isinstance(moment, Day | RelativeDay)


def read_moment(text: str) -> Moment | None:
    """None when the text is no moment."""
    if text == TODAY:
        return RelativeDay(0)
    if found := _RELATIVE.fullmatch(text):
        number = int(found[1] + found[2])
        if abs(number) > (MAX_DAYS if found[3] == "d" else MAX_DAYS * 24):
            return None
        return RelativeDay(number) if found[3] == "d" else RelativeInstant(number)
    return read_absolute(text)


def read_absolute(text: str) -> AbsoluteMoment | None:
    """The moment that an attribute's text is, or None. Full-width digits count, and so do blanks around it."""
    found = _ABSOLUTE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    month, day = (number for number in found.groups()[1:7] if number is not None)
    try:
        written = date(int(found["year"]), int(month), int(day))
        if not FIRST_YEAR <= written.year <= LAST_YEAR:
            return None
        if found["hour"] is None:
            return Day(written)
        local = datetime(  # noqa: DTZ001 - the zone comes later
            written.year,
            written.month,
            written.day,
            int(found["hour"]),
            int(found["minute"]),
            int(found["second"] or 0),
            int((found["fraction"] or "").ljust(6, "0")[:6]),
        )
        return Instant(local.replace(tzinfo=_offset(found["offset"]))) if found["offset"] else LocalTime(local)
    except ValueError:
        return None


def write_moment(moment: Moment) -> str:
    """The one way to write a moment: `read_moment` gives it back."""
    match moment:
        case Day(date=day):
            return day.isoformat()
        case RelativeDay(days=days):
            return f"{days:+}d" if days else TODAY
        case RelativeInstant(hours=hours):
            return f"{hours:+}h"
        case LocalTime(at=at) | Instant(at=at):
            return at.isoformat().replace("+00:00", "Z")


def span_of(moment: Moment, *, now: datetime, zone: tzinfo) -> Span:
    """What a moment covers: all of a day, or one instant (a microsecond)."""
    match moment:
        case Day(date=day):
            return _span_of_day(day, zone)
        case RelativeDay(days=days):
            return _span_of_day(now.astimezone(zone).date() + timedelta(days=days), zone)
        case LocalTime(at=at):
            start = _in_utc(at, zone)
        case Instant(at=at):
            start = at.astimezone(UTC)
        case RelativeInstant(hours=hours):
            start = now.astimezone(UTC) + timedelta(hours=hours)
    return Span(start, start + _SHORTEST)


def _span_of_day(day: date, zone: tzinfo) -> Span:
    """From the day's first instant to the next day's: 23 or 25 hours where clocks change."""
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - of the zone
    return Span(_in_utc(midnight, zone), _in_utc(midnight + timedelta(days=1), zone))


def _in_utc(local: datetime, zone: tzinfo) -> datetime:
    """The instant of a local time. One that exists twice is the first; one that is left out is the next that exists."""
    instant = local.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == local:
        return instant
    begin = instant.replace(microsecond=0) - timedelta(seconds=_LONGEST_CHANGE_S)
    second = bisect_left(
        range(_LONGEST_CHANGE_S),
        local,
        key=lambda passed: (begin + timedelta(seconds=passed)).astimezone(zone).replace(tzinfo=None),
    )
    return begin + timedelta(seconds=second)


def _offset(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    if minutes > 59:
        raise ValueError("an offset has at most 59 minutes")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
