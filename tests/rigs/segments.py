"""People and segments for tests, and an evaluator that answers the plain way, straight from the JSON.

The evaluator shares no code with the product: it looks at every person's local date, where the product computes the
instants at which days begin.
"""

import re
import unicodedata
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from kairan.audience.model import Follower, Status
from kairan.audience.segments.definition import Definition, FrozenPeople, InCampaign
from kairan.audience.segments.reading import read
from kairan.people import ChatId, PersonId, Profile

TOKYO = ZoneInfo("Asia/Tokyo")
NOW = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)
"""In Tokyo half past twelve on 21 November."""


def person(number: int = 1, **fields: Any) -> Follower:
    """A friend. `display_name`, `language` and `picture_url` go into the profile; attributes may be single texts."""
    of_profile = {name: fields.pop(name) for name in ("display_name", "language", "picture_url") if name in fields}
    attributes = {
        name: (values,) if isinstance(values, str) else tuple(values)
        for name, values in fields.pop("attributes", {}).items()
    }
    fields.setdefault("status", Status.FOLLOWING)
    return Follower(
        person=PersonId(ChatId("line", f"U{number:032x}")),
        profile=Profile(**of_profile) if of_profile else None,
        attributes=attributes,
        tags=frozenset(fields.pop("tags", ())),
        **fields,
    )


class StoredSegments:
    """Segments by id, as JSON, and the people of lists."""

    def __init__(self, documents: Mapping[str, Any], people: Mapping[str, Container[str]] | None = None) -> None:
        self._documents = documents
        self._people = people or {}

    def definition(self, segment: str, /) -> Definition | None:
        if segment in self._people:
            return Definition(FrozenPeople(1), segment)
        return read({"id": segment, **self._documents[segment]}) if segment in self._documents else None

    def listed(self, segment: str, /) -> Container[str]:
        return self._people[segment]


class FinishedCampaigns:
    """People by campaign and state."""

    def __init__(self, people: Mapping[tuple[str, str], Container[str]]) -> None:
        self._people = people

    def people(self, criterion: InCampaign, /) -> Container[str] | None:
        return self._people.get((criterion.campaign, criterion.states[0]))


# the plain evaluator


def naive(
    document: Mapping[str, Any],
    follower: Follower,
    *,
    now: datetime = NOW,
    zone: ZoneInfo = TOKYO,
    segments: Mapping[str, Mapping[str, Any]] | None = None,
) -> bool:
    if follower.erased:
        return False
    if '"status"' not in _fields(document) and follower.status != "following":
        return False
    return _holds(document, follower, now, zone, segments or {})


def _fields(document: Any) -> set[str]:
    if isinstance(document, list):
        return {field for each in document for field in _fields(each)}
    if not isinstance(document, Mapping):
        return set()
    own = {f'"{document["field"]}"'} if "field" in document else set()
    return own.union(*(_fields(document.get(join, [])) for join in ("all", "any", "none")))


def _holds(
    document: Mapping[str, Any],
    follower: Follower,
    now: datetime,
    zone: ZoneInfo,
    segments: Mapping[str, Mapping[str, Any]],
) -> bool:
    for join, joined in (("all", all), ("any", any), ("none", lambda each: not any(each))):
        if join in document:
            return joined([_holds(each, follower, now, zone, segments) for each in document[join]])
    if "everyone" in document:
        return True
    if "tag" in document:
        return document["tag"] in follower.tags
    if "segment" in document:
        return naive(segments[document["segment"]], follower, now=now, zone=zone, segments=segments)
    return _field_holds(document, values(follower, document["field"]), now, zone)


def values(follower: Follower, field: str) -> Sequence[Any]:
    if field.startswith("attributes."):
        return follower.attributes.get(field[len("attributes.") :], ())
    source = follower.profile if field in ("display_name", "language", "picture_url") else follower
    value = getattr(source, field, None)
    return [] if value is None else [value]


def _field_holds(document: Mapping[str, Any], found: Sequence[Any], now: datetime, zone: ZoneInfo) -> bool:
    [operator] = set(document) - {"field", "fold"}
    operand = document[operator]
    if operator == "exists":
        return (len(found) > 0) is operand
    if isinstance(operand, bool):
        return found[0] is operand
    operands = operand if isinstance(operand, list) else [operand]
    if operator in ("is", "is_not", "contains", "starts_with"):
        plain: Callable[[str], str] = fold if document.get("fold") else str
        compare: Callable[[str, str], bool] = {
            "contains": str.__contains__,
            "starts_with": str.startswith,
        }.get(operator, str.__eq__)
        matched = any(compare(plain(value), plain(wanted)) for value in found for wanted in operands)
        return not matched if operator == "is_not" else matched
    if not isinstance(operands[0], str):
        return any(_number_holds(operator, number(value), operands) for value in found)
    return any(_date_holds(operator, value, operands, now, zone) for value in found)


def fold(text: str) -> str:
    folded = text
    for _ in range(3):
        folded = unicodedata.normalize("NFKC", folded).casefold()
    return unicodedata.normalize("NFKC", folded)


def number(text: str) -> Fraction | None:
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    if re.search(r"^[+-]?\d{1,3}(,\d\d\d)+(\.|$)", plain):
        plain = plain.replace(",", "")
    if not plain.isascii() or not re.fullmatch(r"[-+.0-9eE]*[0-9]", plain):
        return None
    try:
        return Fraction(plain)
    except ValueError:
        return None


def _number_holds(operator: str, value: Fraction | None, operands: Sequence[float]) -> bool:
    if value is None:
        return False
    bounds = [Fraction(str(operand)) for operand in operands]
    return {
        "at_least": value >= bounds[0],
        "at_most": value <= bounds[0],
        "more_than": value > bounds[0],
        "less_than": value < bounds[0],
        "between": bounds[0] <= value <= bounds[-1],
    }[operator]


def _date_holds(operator: str, value: Any, operands: Sequence[str], now: datetime, zone: ZoneInfo) -> bool:
    at = value if isinstance(value, datetime) else instant(value, zone)
    if at is None:
        return False
    order = [_compare(at, operand, now, zone) for operand in operands]
    return {
        "before": order[0] < 0,
        "after": order[0] > 0,
        "on": order[0] == 0,
        "between": order[0] >= 0 and order[-1] <= 0,
    }[operator]


def _compare(at: datetime, operand: str, now: datetime, zone: ZoneInfo) -> int:
    """Whether an instant is before (-1), in (0) or after (1) a moment."""
    today = now.astimezone(zone).date()
    mine: date | float
    bound: date | float
    if operand == "today" or operand.endswith("d"):
        mine, bound = at.astimezone(zone).date(), today + timedelta(days=int(operand[:-1]) if operand != "today" else 0)
    elif operand.endswith("h"):
        mine, bound = at.timestamp(), now.timestamp() + 3600 * int(operand[:-1])
    elif len(operand) == len("2026-11-01"):
        mine, bound = at.astimezone(zone).date(), date.fromisoformat(operand)
    else:
        mine, bound = at, datetime.fromisoformat(operand)
    return 0 if mine == bound else 1 if mine > bound else -1  # type: ignore[operator]


def instant(text: str, zone: ZoneInfo) -> datetime | None:
    """A day counts as its first instant, which is looked for minute by minute."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if re.fullmatch(r"\d{4}/\d+/\d+", plain):
        plain = "-".join(part.zfill(2) for part in plain.split("/"))
    if not re.match(r"\d{4}-?\d\d-?\d\d", plain):
        return None
    try:
        at = datetime.fromisoformat(plain)
    except ValueError:
        return None
    if at.tzinfo is not None:
        return at
    first = at.replace(tzinfo=UTC) - timedelta(hours=26)
    while (local := first.astimezone(zone).replace(tzinfo=None)) < at:
        first += timedelta(hours=1) if local < at - timedelta(hours=4) else timedelta(minutes=1)
    return first
