"""A segment as a frozen tree of criteria. `reading.py` makes it from JSON, `writing.py` gives the JSON back."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from kairan.audience.segments.dates import Moment
from kairan.audience.segments.fields import Operator

MAX_DEPTH = 10
MAX_CRITERIA = 100
LAST_RUN = "last"

Number = int | float


class Join(StrEnum):
    ALL = "all"
    ANY = "any"
    NONE = "none"


class PersonState(StrEnum):
    """What became of a person in a run of a campaign."""

    PLANNED = "planned"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNKNOWN = "unknown"
    LEFT_OUT = "left_out"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Group:
    """All, any or none of its members hold. It is never empty."""

    join: Join
    members: "tuple[Criterion, ...]"


@dataclass(frozen=True)
class Everyone:
    pass


@dataclass(frozen=True)
class InSegment:
    """The person is in another segment."""

    segment: str


@dataclass(frozen=True)
class HasTag:
    tag: str


@dataclass(frozen=True)
class InCampaign:
    """The person has one of the states in a run of a campaign.

    `run` is None for any run, or `last`; `treatment` and `step` are None for any of them.
    """

    campaign: str
    states: tuple[PersonState, ...]
    run: str | None = None
    treatment: str | None = None
    step: str | None = None


@dataclass(frozen=True)
class TextCriterion:
    """A value of the field is one of `values`, contains one, or starts with one; `is_not`: no value is one of them."""

    field: str
    operator: Operator
    values: tuple[str, ...]
    fold: bool = False


@dataclass(frozen=True)
class FlagCriterion:
    field: str
    value: bool


@dataclass(frozen=True)
class ExistsCriterion:
    field: str
    value: bool


@dataclass(frozen=True)
class NumberCriterion:
    """A value of the field compares so with a number; `between` has two, and both belong to it."""

    field: str
    operator: Operator
    numbers: tuple[Number, ...]


@dataclass(frozen=True)
class DateCriterion:
    """A value of the field compares so with a moment; `between` has two, and both belong to it."""

    field: str
    operator: Operator
    moments: tuple[Moment, ...]


@dataclass(frozen=True)
class Unsupported:
    """What a converter could not carry over, as JSON. It can be read and written, and never be evaluated."""

    json: str


@dataclass(frozen=True)
class FrozenPeople:
    """A list of people instead of a question. The ids are stored by shard, under the segment's id."""

    people: int


FieldCriterion = TextCriterion | FlagCriterion | ExistsCriterion | NumberCriterion | DateCriterion
Criterion = Group | Everyone | InSegment | HasTag | InCampaign | FieldCriterion | Unsupported


@dataclass(frozen=True)
class Share:
    """A part of the people in per cent, chosen by hash: the same people each time."""

    percent: float


@dataclass(frozen=True)
class Count:
    """About so many people, never more. An estimate makes it a share."""

    people: int


Sample = Share | Count


@dataclass(frozen=True)
class Definition:
    criterion: Criterion | FrozenPeople
    id: str | None = None
    name: str | None = None
    sample: Sample | None = None

    def criteria(self) -> Iterator[Criterion]:
        """All criteria, without the groups around them."""
        if not isinstance(self.criterion, FrozenPeople):
            yield from _leaves(self.criterion)

    def segments(self) -> Iterator[str]:
        """The other segments that it names."""
        return (each.segment for each in self.criteria() if isinstance(each, InSegment))

    def campaigns(self) -> Iterator[str]:
        return (each.campaign for each in self.criteria() if isinstance(each, InCampaign))


def _leaves(criterion: Criterion) -> Iterator[Criterion]:
    if isinstance(criterion, Group):
        for member in criterion.members:
            yield from _leaves(member)
    else:
        yield criterion
