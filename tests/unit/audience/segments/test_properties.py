"""Whatever is asked of whomever, the compiled segment answers as the plain evaluator does."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from kairan.audience.model import Follower, Source, Status
from kairan.audience.segments.compiler import compile
from kairan.audience.segments.fields import (
    DATE_OPERATORS,
    FIELDS,
    NUMBER_OPERATORS,
    TEXT_OPERATORS,
    Kind,
    Operator,
    field_of,
)
from kairan.audience.segments.reading import read
from kairan.audience.segments.writing import write
from kairan.people import ChatId, PersonId, Profile
from tests.rigs.segments import StoredSegments, naive

CHANGES = {
    "Asia/Tokyo": datetime(2026, 11, 1, tzinfo=UTC),
    "America/New_York": datetime(2026, 11, 1, 6, tzinfo=UTC),
    "Europe/Berlin": datetime(2026, 3, 29, 1, tzinfo=UTC),
    "Australia/Lord_Howe": datetime(2026, 4, 4, 15, tzinfo=UTC),
    "America/Santiago": datetime(2026, 9, 6, 4, tzinfo=UTC),
    "Asia/Beirut": datetime(2026, 3, 28, 22, tzinfo=UTC),
    "America/Havana": datetime(2026, 11, 1, 5, tzinfo=UTC),
    "Pacific/Apia": datetime(2011, 12, 30, 10, tzinfo=UTC),
}
"""Zones, with an instant at which their clocks change: by half an hour, at midnight, by a day; Tokyo's never do."""
TEXTS = [
    "Kyoto",
    "kyoto",
    "Ｋｙｏｔｏ",
    "京都",
    "ガス",
    "ｶﾞｽ",
    "が",
    "か\u3099",
    "ﾊﾟﾝ",
    "パン",
    "Straße",
    "STRASSE",
    "①",
    "1",
]
NUMBERS = ["3", "３", "-1", "－１", "−1", "2.5", "1,200", "1,20", "1e3", "03", " 3 ", "3回", "NaN", "1_000", "٣", ""]
OPERANDS = [3, -1, 2.5, 1200, 1000, 0, 0.1]
OPERATORS = {
    "attributes.text": TEXT_OPERATORS,
    "attributes.number": (*NUMBER_OPERATORS, Operator.BETWEEN),
    "attributes.date": (*DATE_OPERATORS, Operator.BETWEEN),
    "attributes.mixed": tuple(Operator),
    **{name: field.operators for name, field in FIELDS.items()},
}
"""By field, what is asked of it. Attributes are named by what their values mostly are."""


@st.composite
def instants(draw: st.DrawFn, around: datetime) -> datetime:
    """Near a change of clocks, and often right at the beginning of an hour or a microsecond before."""
    hours = draw(st.integers(-80, 80))
    microseconds = draw(st.sampled_from([0, 0, -1, 1, 1_800_000_000]))
    return around + timedelta(hours=hours, microseconds=microseconds)


@st.composite
def written_dates(draw: st.DrawFn, around: datetime, zone: ZoneInfo) -> str:
    at = draw(instants(around))
    local = at.astimezone(zone)
    form = draw(st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "iso", "z", "local", "wide"]))
    match form:
        case "iso":
            return local.isoformat()
        case "z":
            return at.isoformat().replace("+00:00", "Z")
        case "local":
            return local.replace(tzinfo=None).isoformat(timespec="minutes")
        case "wide":
            return local.date().isoformat().translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
        case _:
            return local.strftime(form)


@st.composite
def moments(draw: st.DrawFn, around: datetime, zone: ZoneInfo, *, days_only: bool = False) -> str:
    relative = st.integers(-4, 4).map(lambda days: f"{days:+}d" if days else "today")
    absolute = instants(around).map(lambda at: at.astimezone(zone).date().isoformat())
    hours = st.integers(-80, 80).map(lambda hours: f"{hours:+}h")
    exact = instants(around).map(lambda at: at.astimezone(zone).isoformat())
    return draw(st.one_of(relative, absolute) if days_only else st.one_of(relative, absolute, hours, exact))


@st.composite
def followers(draw: st.DrawFn, around: datetime, zone: ZoneInfo) -> Follower:
    texts, numbers, dates = st.sampled_from(TEXTS), st.sampled_from(NUMBERS), written_dates(around, zone)
    attributes = {
        name: st.lists(each, max_size=3).map(tuple)
        for name, each in (("text", texts), ("number", numbers), ("date", dates), ("mixed", texts | numbers | dates))
    }
    times = st.one_of(st.none(), instants(around))
    return Follower(
        person=PersonId(ChatId("line", f"U{draw(st.integers(0, 99)):032x}")),
        status=draw(st.sampled_from([*Status, Status.FOLLOWING, Status.FOLLOWING])),
        presumed=draw(st.booleans()),
        followed_at=draw(times),
        unfollowed_at=draw(times),
        last_event_at=draw(times),
        created_at=draw(times),
        profile=draw(st.one_of(st.none(), st.builds(Profile, display_name=st.one_of(st.none(), texts)))),
        external_id=draw(st.one_of(st.none(), texts)),
        time_zone=draw(st.sampled_from([None, "Asia/Tokyo"])),
        attributes={name: several for name, several in draw(st.fixed_dictionaries(attributes)).items() if several},
        tags=frozenset(draw(st.sets(st.sampled_from(["vip", "asked"])))),
        opt_out=draw(st.booleans()),
        source=draw(st.sampled_from([None, *Source])),
        erased=draw(st.sampled_from([False] * 9 + [True])),
    )


@st.composite
def field_criteria(draw: st.DrawFn, around: datetime, zone: ZoneInfo) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(OPERATORS)))
    field = field_of(name)
    assert field is not None
    operator = draw(st.sampled_from(OPERATORS[name]))
    criterion: dict[str, Any] = {"field": name}
    dates = moments(around, zone, days_only=operator is Operator.ON)
    numbers = st.sampled_from(OPERANDS)
    match operator:
        case Operator.EXISTS:
            operand: Any = draw(st.booleans())
        case Operator.BETWEEN:
            in_order = st.lists(numbers, min_size=2, max_size=2).map(sorted)
            pairs = st.lists(dates, min_size=2, max_size=2)
            operand = draw({"attributes.number": in_order, "attributes.mixed": in_order | pairs}.get(name, pairs))
        case Operator.BEFORE | Operator.AFTER | Operator.ON:
            operand = draw(dates)
        case Operator.AT_LEAST | Operator.AT_MOST | Operator.MORE_THAN | Operator.LESS_THAN:
            operand = draw(numbers)
        case _ if field.kind is Kind.FLAG:
            operand = draw(st.booleans())
        case _:
            texts = st.sampled_from(field.choices or TEXTS)
            operand = draw(st.one_of(texts, st.lists(texts, min_size=1, max_size=3, unique=True)))
            if not field.choices and draw(st.booleans()):
                criterion["fold"] = True
    return {**criterion, operator.value: operand}


def criteria(around: datetime, zone: ZoneInfo, *, names: bool = True) -> st.SearchStrategy[dict[str, Any]]:
    """Any criterion, in groups in groups."""
    others = [{"everyone": True}, {"tag": "vip"}, {"tag": "asked"}, *([{"segment": "other"}] if names else [])]
    leaves = st.one_of(field_criteria(around, zone), st.sampled_from(others))
    return st.recursive(
        leaves,
        lambda members: st.builds(
            lambda join, several: {join: several},
            st.sampled_from(["all", "any", "none"]),
            st.lists(members, min_size=1, max_size=3),
        ),
        max_leaves=8,
    )


@st.composite
def questions(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any], list[Follower], datetime, ZoneInfo]:
    """A segment, another one that it may name, an audience, a time and the account's zone."""
    name = draw(st.sampled_from(sorted(CHANGES)))
    zone, around = ZoneInfo(name), CHANGES[name]
    audience = draw(st.lists(followers(around, zone), min_size=1, max_size=5))
    other = draw(criteria(around, zone, names=False))
    return draw(criteria(around, zone)), other, audience, draw(instants(around)), zone


@settings(max_examples=250)
@given(questions())
def test_the_compiled_segment_answers_as_the_plain_evaluator_does(
    question: tuple[dict[str, Any], dict[str, Any], list[Follower], datetime, ZoneInfo],
) -> None:
    document, other, audience, now, zone = question

    matches = compile(read(document), now=now, zone=zone, segments=StoredSegments({"other": other}))

    expected = [naive(document, each, now=now, zone=zone, segments={"other": other}) for each in audience]
    assert [matches(each) for each in audience] == expected


@settings(max_examples=60)
@given(questions())
def test_a_segment_that_is_written_and_read_is_the_same(
    question: tuple[dict[str, Any], dict[str, Any], list[Follower], datetime, ZoneInfo],
) -> None:
    definition = read(question[0])

    written = json.loads(json.dumps(write(definition)))

    assert read(written) == definition
    assert write(read(written)) == written
