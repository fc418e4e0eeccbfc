"""Definition → a function that says of a person whether they belong to the segment.

A definition is compiled once, for one instant (`now`), and asked of many people. Everything that does not depend on the
person happens before: what is relative becomes an instant, texts are folded, other segments are read.

A segment without a criterion on `status` means people who follow. Another segment's criteria do not count for that: a
segment that is named has already decided for itself. A list of people decides nothing about status where it is named.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any, assert_never

from kairan.audience.model import Follower, Status
from kairan.audience.segments.dates import Span, read_absolute, span_of
from kairan.audience.segments.definition import (
    Count,
    Criterion,
    DateCriterion,
    Definition,
    Everyone,
    ExistsCriterion,
    FlagCriterion,
    FrozenPeople,
    Group,
    HasTag,
    InCampaign,
    InSegment,
    Join,
    NumberCriterion,
    Sample,
    TextCriterion,
    Unsupported,
)
from kairan.audience.segments.fields import ATTRIBUTES, FIELDS, STATUS, Kind, Operator
from kairan.audience.segments.port import Campaigns, NoSegments, Segments
from kairan.audience.segments.references import inside, member_path, resolve
from kairan.audience.segments.sampling import limit_of, points_in
from kairan.audience.segments.values import folded, number_of
from kairan.errors import InvalidInputError, Violation

Matches = Callable[[Follower], bool]
NO_SEGMENTS = NoSegments()
TAGS = "tags"

_ALWAYS_NEEDED = ("erased", STATUS)
_OF_PROFILE = ("display_name", "language", "picture_url")
_REMEMBERED = 1 << 15
"""Texts whose answer a criterion remembers, in at most 5 MB. The birthdays of an audience are about 30,000."""


def compile(
    definition: Definition,
    *,
    now: datetime,
    zone: tzinfo,
    segments: Segments = NO_SEGMENTS,
    campaigns: Campaigns | None = None,
) -> Matches:
    """`zone`: the account's, which days belong to.

    Raises InvalidInputError for what cannot be evaluated, with its path: a segment or a campaign that does not exist, a
    circle, a criterion that a converter could not carry over, a sample by count that no estimate has made a share.
    """
    resolved = resolve(definition, segments)
    compiler = _Compiler(resolved, now=now, zone=zone, segments=segments, campaigns=campaigns)
    matches = compiler.segment(definition, "")
    if compiler.violations:
        raise InvalidInputError(compiler.violations)
    return matches


def needed_fields(definition: Definition, segments: Segments = NO_SEGMENTS) -> frozenset[str]:
    """What a reader has to read of each person, beside the id: fields, `attributes.<name>`, `tags`."""
    needed = set(_ALWAYS_NEEDED)
    for each in (definition, *resolve(definition, segments).values()):
        for criterion in each.criteria():
            if isinstance(criterion, HasTag):
                needed.add(TAGS)
            elif not isinstance(criterion, Everyone | InSegment | InCampaign | Unsupported | Group):
                needed.add(criterion.field)
    return frozenset(needed)


def asks_for_status(definition: Definition) -> bool:
    return any(isinstance(each, TextCriterion) and each.field == STATUS for each in definition.criteria())


class _Compiler:
    def __init__(
        self,
        resolved: Mapping[str, Definition],
        *,
        now: datetime,
        zone: tzinfo,
        segments: Segments,
        campaigns: Campaigns | None,
    ) -> None:
        self.violations: list[Violation] = []
        self._resolved = resolved
        self._now = now
        self._zone = zone
        self._segments = segments
        self._campaigns = campaigns
        self._compiled: dict[str, Matches] = {}
        self._instant_of = _reader_of_instants(now, zone)

    def segment(self, definition: Definition, path: str) -> Matches:
        """Who belongs to a segment as a whole."""
        if isinstance(definition.criterion, FrozenPeople):
            asked = self._listed(definition)
        else:
            asked = self._criterion(definition.criterion, path)
        sampled = self._sampled(definition.sample, definition.id, asked, path)
        following = Status.FOLLOWING
        if asks_for_status(definition):
            return lambda follower: not follower.erased and sampled(follower)
        return lambda follower: follower.status is following and not follower.erased and sampled(follower)

    def _criterion(self, criterion: Criterion, path: str) -> Matches:
        match criterion:
            case Group(join=join, members=members):
                return _group(
                    join,
                    [self._criterion(each, member_path(path, criterion, index)) for index, each in enumerate(members)],
                )
            case Everyone():
                return _everyone
            case InSegment(segment=segment):
                return self._named(segment, path)
            case HasTag(tag=tag):
                return has_tag(tag)
            case InCampaign():
                return self._campaign(criterion, path)
            case FlagCriterion(field=field, value=value):
                of_follower = attrgetter(field)
                return lambda follower: of_follower(follower) is value
            case ExistsCriterion(field=field, value=value):
                return exists(field) if value else _not(exists(field))
            case TextCriterion(field=field, operator=Operator.IS_NOT, values=values, fold=fold):
                return _not(_with_value(field, _text_test(Operator.IS, values, fold=fold)))
            case TextCriterion(field=field, operator=operator, values=values, fold=fold):
                return _with_value(field, _text_test(operator, values, fold=fold))
            case NumberCriterion(field=field):
                return _with_value(field, _number_test(criterion))
            case DateCriterion(field=field):
                return self._date(criterion)
            case Unsupported():
                return self._refuse(path, "unsupported", "was not carried over: replace it or remove it")
            case _:
                assert_never(criterion)

    def _named(self, segment: str, path: str) -> Matches:
        if segment not in self._compiled:
            definition = self._resolved[segment]
            if isinstance(definition.criterion, FrozenPeople):
                self._compiled[segment] = self._listed(definition)
            else:
                self._compiled[segment] = self.segment(definition, inside(path, segment))
        return self._compiled[segment]

    def _listed(self, definition: Definition) -> Matches:
        return _among(self._segments.listed(definition.id or ""))

    def _campaign(self, criterion: InCampaign, path: str) -> Matches:
        if self._campaigns is None:
            return self._refuse(path, "campaign", "runs of campaigns cannot be asked here")
        people = self._campaigns.people(criterion)
        if people is None:
            run = f" with a run {criterion.run}" if criterion.run else ""
            return self._refuse(path, "campaign", f"there is no campaign {criterion.campaign}{run}")
        return _among(people)

    def _sampled(self, sample: Sample | None, segment: str | None, asked: Matches, path: str) -> Matches:
        if sample is None:
            return asked
        if isinstance(sample, Count):
            return self._refuse(path, "sample.count", "an estimate has to make it a share first")
        limit, point_of = limit_of(sample), points_in(segment)
        return lambda follower: asked(follower) and point_of(follower.person.id) < limit

    def _date(self, criterion: DateCriterion) -> Matches:
        test = _instant_test(
            criterion.operator, [span_of(moment, now=self._now, zone=self._zone) for moment in criterion.moments]
        )
        if not criterion.field.startswith(ATTRIBUTES):
            return _with_time(criterion.field, test)
        instant_of = self._instant_of

        def is_so(text: str) -> bool:
            instant = instant_of(text)
            return instant is not None and test(instant)

        return _with_value(criterion.field, _Remembered(is_so).__getitem__)

    def _refuse(self, path: str, key: str, message: str) -> Matches:
        self.violations.append(Violation(f"{path}.{key}" if path else key, message))
        return _everyone


def _everyone(_: Follower) -> bool:
    return True


def has_tag(tag: str) -> Matches:
    return lambda follower: tag in follower.tags


def _not(matches: Matches) -> Matches:
    return lambda follower: not matches(follower)


def _among(people: Container[str]) -> Matches:
    return lambda follower: follower.person.id in people


def _group(join: Join, members: Iterable[Matches]) -> Matches:
    asked = tuple(members)

    def any_of(follower: Follower) -> bool:
        for matches in asked:  # noqa: SIM110 - a generator takes twice as long
            if matches(follower):
                return True
        return False

    def all_of(follower: Follower) -> bool:
        for matches in asked:  # noqa: SIM110
            if not matches(follower):
                return False
        return True

    match join:
        case Join.ALL:
            return all_of
        case Join.ANY:
            return any_of
        case Join.NONE:
            return _not(any_of)
        case _:
            assert_never(join)


# fields


def _with_value(field: str, test: Callable[[str], bool]) -> Matches:
    """Whether a value of a field passes a test. Without the field there is no value."""
    if field.startswith(ATTRIBUTES):
        name = field.removeprefix(ATTRIBUTES)

        def has(follower: Follower) -> bool:
            for value in follower.attributes.get(name, ()):  # noqa: SIM110
                if test(value):
                    return True
            return False

        return has
    value_of = _getter(field)

    def has_one(follower: Follower) -> bool:
        value = value_of(follower)
        return value is not None and test(value)

    return has_one


def _with_time(field: str, test: Callable[[datetime], bool]) -> Matches:
    time_of = attrgetter(field)

    def has(follower: Follower) -> bool:
        at = time_of(follower)
        return at is not None and test(at)

    return has


def exists(field: str) -> Matches:
    """Whether a person has a field, which may be one that not everyone has."""
    if field.startswith(ATTRIBUTES):
        name = field.removeprefix(ATTRIBUTES)
        return lambda follower: bool(follower.attributes.get(name))
    value_of = attrgetter(field) if FIELDS[field].kind is Kind.TIME else _getter(field)
    return lambda follower: value_of(follower) is not None


def _getter(field: str) -> Callable[[Follower], Any]:
    if field not in _OF_PROFILE:
        return attrgetter(field)
    of_profile = attrgetter(field)
    return lambda follower: None if follower.profile is None else of_profile(follower.profile)


# values


class _Remembered(dict[str, bool]):
    """Answers by text, so that texts that many people share are read once. Faster than `lru_cache`."""

    def __init__(self, answer: Callable[[str], bool]) -> None:
        super().__init__()
        self._answer = answer

    def __missing__(self, text: str) -> bool:
        if len(self) >= _REMEMBERED:
            self.clear()
        answer = self[text] = self._answer(text)
        return answer


def _text_test(operator: Operator, values: tuple[str, ...], *, fold: bool) -> Callable[[str], bool]:
    wanted = tuple(folded(value) for value in values) if fold else values
    test: Callable[[str], bool]
    match operator:
        case Operator.IS:
            test = frozenset(wanted).__contains__
        case Operator.STARTS_WITH:

            def test(text: str) -> bool:
                return text.startswith(wanted)
        case Operator.CONTAINS:

            def test(text: str) -> bool:
                return any(part in text for part in wanted)
        case _:
            raise ValueError(f"{operator} compares no texts")
    return _Remembered(lambda text: test(folded(text))).__getitem__ if fold else test


def _number_test(criterion: NumberCriterion) -> Callable[[str], bool]:
    compares = _number_comparison(criterion.operator, [Decimal(str(number)) for number in criterion.numbers])

    def test(text: str) -> bool:
        number = number_of(text)
        return number is not None and compares(number)

    return _Remembered(test).__getitem__


def _number_comparison(operator: Operator, numbers: list[Decimal]) -> Callable[[Decimal], bool]:
    first, last = numbers[0], numbers[-1]
    match operator:
        case Operator.AT_LEAST:
            return lambda number: number >= first
        case Operator.AT_MOST:
            return lambda number: number <= first
        case Operator.MORE_THAN:
            return lambda number: number > first
        case Operator.LESS_THAN:
            return lambda number: number < first
        case Operator.BETWEEN:
            return lambda number: first <= number <= last
        case _:
            raise ValueError(f"{operator} compares no numbers")


def _instant_test(operator: Operator, spans: list[Span]) -> Callable[[datetime], bool]:
    start, end = spans[0].start, spans[-1].end
    match operator:
        case Operator.BEFORE:
            return lambda at: at < start
        case Operator.AFTER:
            return lambda at: at >= end
        case Operator.ON | Operator.BETWEEN:
            return lambda at: start <= at < end
        case _:
            raise ValueError(f"{operator} compares no dates")


def _reader_of_instants(now: datetime, zone: tzinfo) -> Callable[[str], datetime | None]:
    """Reads dates of attributes. A day counts as its first instant; many people share one, so each is read once."""

    @lru_cache(_REMEMBERED)
    def instant_of(text: str) -> datetime | None:
        moment = read_absolute(text)
        return None if moment is None else span_of(moment, now=now, zone=zone).start

    return instant_of
