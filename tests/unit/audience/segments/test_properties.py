"""The compiled segment answers as the plain evaluator does, for any segment and any audience."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
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

T = TypeVar("T")
ANY_STATUS = {"field": "status", "is": [str(status) for status in Status]}
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
AROUND_AN_HOUR = [0, 0, -1, 1, 1_800_000_000]
"""Microseconds."""
WIDE = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}
OPERATORS = {
    "attributes.text": TEXT_OPERATORS,
    "attributes.number": (*NUMBER_OPERATORS, Operator.BETWEEN),
    "attributes.date": (*DATE_OPERATORS, Operator.BETWEEN),
    "attributes.mixed": tuple(Operator),
    **{name: field.operators for name, field in FIELDS.items()},
}
"""By field, what is asked of it. Attributes are named by what their values mostly are."""


def audience(seed: int, around: datetime, zone: ZoneInfo) -> list[Follower]:
    """Twenty people, some without this or that field. Drawn by hypothesis they would take a tenth of a second."""
    random = Random(seed)

    def at() -> datetime:
        """Near a change of clocks, and often right at the beginning of an hour, or a microsecond before."""
        return around + timedelta(hours=random.randint(-80, 80), microseconds=random.choice(AROUND_AN_HOUR))

    def a_date() -> str:
        local = at().astimezone(zone)
        forms = (
            local.isoformat(),
            local.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            local.replace(tzinfo=None).isoformat(timespec="minutes"),
            local.date().isoformat().translate(WIDE),
            *(local.strftime(form) for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d")),
        )
        return random.choice(forms)

    def several(value: Callable[[], str]) -> tuple[str, ...]:
        return tuple(value() for _ in range(random.randint(0, 3)))

    def maybe(value: T) -> T | None:
        return random.choice([value, value, None])

    def a_text() -> str:
        return random.choice(TEXTS)

    def a_number() -> str:
        return random.choice(NUMBERS)

    def one(number: int) -> Follower:
        attributes = {
            "text": several(a_text),
            "number": several(a_number),
            "date": several(a_date),
            "mixed": several(lambda: random.choice([a_text, a_number, a_date])()),
        }
        return Follower(
            person=PersonId(ChatId("line", f"U{number:032x}")),
            status=random.choice([*Status, Status.FOLLOWING, Status.FOLLOWING]),
            presumed=random.random() < 0.5,
            followed_at=maybe(at()),
            unfollowed_at=maybe(at()),
            last_event_at=maybe(at()),
            created_at=maybe(at()),
            profile=maybe(Profile(maybe(a_text()), maybe("ja"), None)),
            external_id=maybe(a_text()),
            time_zone=maybe("Asia/Tokyo"),
            attributes={name: values for name, values in attributes.items() if values},
            tags=frozenset(tag for tag in ("vip", "asked") if random.random() < 0.5),
            opt_out=random.random() < 0.5,
            source=maybe(random.choice([*Source])),
            erased=random.random() < 0.1,
        )

    return [one(number) for number in range(20)]


def instants(around: datetime) -> st.SearchStrategy[datetime]:
    return st.builds(
        lambda hours, microseconds: around + timedelta(hours=hours, microseconds=microseconds),
        st.integers(-80, 80),
        st.sampled_from(AROUND_AN_HOUR),
    )


@st.composite
def moments(draw: st.DrawFn, around: datetime, zone: ZoneInfo, *, days_only: bool = False) -> str:
    relative = st.integers(-4, 4).map(lambda days: f"{days:+}d" if days else "today")
    absolute = instants(around).map(lambda at: at.astimezone(zone).date().isoformat())
    hours = st.integers(-80, 80).map(lambda hours: f"{hours:+}h")
    exact = instants(around).map(lambda at: at.astimezone(zone).isoformat())
    return draw(st.one_of(relative, absolute) if days_only else st.one_of(relative, absolute, hours, exact))


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


class Question(NamedTuple):
    document: dict[str, Any]
    other: dict[str, Any]
    """A segment that the first one may name."""
    audience: list[Follower]
    now: datetime
    zone: ZoneInfo

    def check(self) -> None:
        """Both evaluators, one after another."""
        segments = {"other": self.other}
        expected = [
            naive(self.document, each, now=self.now, zone=self.zone, segments=segments) for each in self.audience
        ]

        matches = compile(read(self.document), now=self.now, zone=self.zone, segments=StoredSegments(segments))

        assert [matches(each) for each in self.audience] == expected


@st.composite
def questions(draw: st.DrawFn, *, single: bool = False) -> Question:
    name = draw(st.sampled_from(sorted(CHANGES)))
    zone, around = ZoneInfo(name), CHANGES[name]
    people = audience(draw(st.integers(0, 1 << 30)), around, zone)
    now = draw(instants(around))
    if single:
        return Question({"all": [draw(field_criteria(around, zone)), ANY_STATUS]}, {}, people, now, zone)
    other = draw(criteria(around, zone, names=False))
    return Question(draw(criteria(around, zone)), other, people, now, zone)


often = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@settings(often, max_examples=300)
@given(questions(single=True))
def test_a_single_criterion_holds_as_the_plain_evaluator_says(question: Question) -> None:
    question.check()


@settings(often, max_examples=120)
@given(questions())
def test_the_compiled_segment_answers_as_the_plain_evaluator_says(question: Question) -> None:
    question.check()


@settings(often, max_examples=60)
@given(questions())
def test_a_segment_that_is_written_and_read_is_the_same(question: Question) -> None:
    definition = read(question.document)

    written = json.loads(json.dumps(write(definition)))

    assert read(written) == definition
    assert write(read(written)) == written
