"""How many people a segment has: counted person by person, shard by shard, and put together."""

from bisect import insort
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from kairan.audience.model import Follower
from kairan.audience.segments.compiler import NO_SEGMENTS, Matches, compile, exists, has_tag
from kairan.audience.segments.definition import (
    Count,
    DateCriterion,
    Definition,
    ExistsCriterion,
    HasTag,
    NumberCriterion,
    Share,
    TextCriterion,
)
from kairan.audience.segments.fields import Operator, field_of
from kairan.audience.segments.port import Campaigns, Segments
from kairan.audience.segments.references import resolve
from kairan.audience.segments.sampling import limit_of, people_below, points_in, share_of, stretch_of

MAX_EXAMPLES = 10
NEEDED_FIELDS = frozenset({"opt_out"})
"""What an estimate reads of each person, beside the fields that the segment needs."""


@dataclass
class Tally:
    """What was counted so far. Tallies of several shards are added.

    - `people`, `opted_out`: people of the segment, and those among them who opted out; of a sample by count, before it
    - `examples`: ids of some of them, behind their numbers in the sample, lowest first
    - `seen`: the fields and tags of the segment that anyone in the audience has
    - `stretches`, `opted_out_stretches`: the same people by their numbers, for a sample by count
    """

    people: int = 0
    opted_out: int = 0
    examples: list[tuple[int, str]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    stretches: Counter[int] = field(default_factory=Counter)
    opted_out_stretches: Counter[int] = field(default_factory=Counter)

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.people + other.people,
            self.opted_out + other.opted_out,
            sorted([*self.examples, *other.examples])[:MAX_EXAMPLES],
            self.seen | other.seen,
            self.stretches + other.stretches,
            self.opted_out_stretches + other.opted_out_stretches,
        )


@dataclass(frozen=True)
class Result:
    """`opted_out` are among `people`; marketing campaigns leave them out. `share`: what a sample by count became."""

    people: int
    opted_out: int
    examples: tuple[str, ...]
    warnings: tuple[str, ...]
    share: Share | None = None


class Estimate:
    def __init__(
        self,
        definition: Definition,
        *,
        now: datetime,
        zone: tzinfo,
        segments: Segments = NO_SEGMENTS,
        campaigns: Campaigns | None = None,
    ) -> None:
        """Raises InvalidInputError for a segment that cannot be evaluated."""
        self._count = definition.sample if isinstance(definition.sample, Count) else None
        asked = definition if self._count is None else replace(definition, sample=None)
        self._matches = compile(asked, now=now, zone=zone, segments=segments, campaigns=campaigns)
        self._point_of = points_in(definition.id)
        self._watched = dict(_watched(definition, segments))

    def count(self, tally: Tally, follower: Follower) -> None:
        """Adds one person of the audience to a tally, whether they belong to the segment or not."""
        if len(tally.seen) < len(self._watched):
            tally.seen |= {name for name, has in self._watched.items() if name not in tally.seen and has(follower)}
        if not self._matches(follower):
            return
        point = 0 if self._count is None else self._point_of(follower.person.id)
        tally.people += 1
        tally.opted_out += follower.opt_out
        example = (point, follower.person.id)
        if len(tally.examples) < MAX_EXAMPLES or example < tally.examples[-1]:
            insort(tally.examples, example)
            del tally.examples[MAX_EXAMPLES:]
        if self._count is not None:
            tally.stretches[stretch_of(point)] += 1
            tally.opted_out_stretches[stretch_of(point)] += follower.opt_out

    def result(self, tally: Tally) -> Result:
        """Of the tally of all shards."""
        warnings = tuple(f"{name}: no one has it" for name in sorted(set(self._watched) - tally.seen))
        if self._count is None:
            return Result(tally.people, tally.opted_out, tuple(person for _, person in tally.examples), warnings)
        share = share_of(self._count, tally.stretches)
        limit = limit_of(share)
        return Result(
            people_below(limit, tally.stretches),
            people_below(limit, tally.opted_out_stretches),
            tuple(person for point, person in tally.examples if point < limit),
            warnings,
            share,
        )


def _watched(definition: Definition, segments: Segments) -> Iterator[tuple[str, Matches]]:
    """The fields and tags that a segment asks for, with whether a person has them. Everyone has a status and flags."""
    for each in (definition, *resolve(definition, segments).values()):
        for criterion in each.criteria():
            if isinstance(criterion, HasTag):
                yield f"tag {criterion.tag}", has_tag(criterion.tag)
            elif isinstance(criterion, TextCriterion | ExistsCriterion | NumberCriterion | DateCriterion):
                described = field_of(criterion.field)
                if described is not None and Operator.EXISTS in described.operators:
                    yield criterion.field, exists(criterion.field)
