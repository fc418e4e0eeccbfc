"""The segments that a segment names, and those that these name: found once, and checked for circles."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kairan.audience.segments.definition import Criterion, Definition, FrozenPeople, Group, InSegment
from kairan.audience.segments.port import Segments
from kairan.errors import InvalidInputError, Violation

MAX_REFERENCES_DEEP = 10
"""How long a chain of segments that name each other may be."""
MAX_CRITERIA_IN_ALL = 1_000
"""Criteria of a segment, those of the segments it names included as often as it names them."""

_TOO_DEEP = f"segments name each other at most {MAX_REFERENCES_DEEP} deep"


def resolve(definition: Definition, segments: Segments) -> Mapping[str, Definition]:
    """Every segment behind a definition, by id.

    Raises InvalidInputError for a segment that does not exist, for a circle, for a chain that is too long, and for too
    many criteria in all. It does not evaluate, so criteria that are unsupported pass.
    """
    resolver = _Resolver(segments)
    criteria = resolver.visit(definition, (definition.id or "",), "").criteria
    if criteria > MAX_CRITERIA_IN_ALL and not resolver.violations:
        limit = f"{MAX_CRITERIA_IN_ALL:,} with those of the segments that it names"
        raise InvalidInputError.at("", f"has {criteria:,} criteria; a segment has at most {limit}")
    if resolver.violations:
        raise InvalidInputError(resolver.violations)
    return resolver.resolved


def paths(criterion: Criterion, path: str) -> Iterator[tuple[str, Criterion]]:
    """Every criterion that is no group, with its path."""
    if isinstance(criterion, Group):
        for index, member in enumerate(criterion.members):
            yield from paths(member, member_path(path, criterion, index))
    else:
        yield path, criterion


def member_path(path: str, group: Group, index: int) -> str:
    return f"{path}.{group.join}[{index}]" if path else f"{group.join}[{index}]"


def inside(path: str, segment: str) -> str:
    """The path of a segment that is named at `path`."""
    return f"{path}.segment({segment})" if path else f"segment({segment})"


class _Size(NamedTuple):
    criteria: int
    """Those of the segments that it names included."""
    deep: int
    """How long the longest chain of segments is that begins here."""


class _Resolver:
    def __init__(self, segments: Segments) -> None:
        self.violations: list[Violation] = []
        self.resolved: dict[str, Definition] = {}
        self._segments = segments
        self._sizes: dict[str, _Size] = {}

    def visit(self, definition: Definition, chain: tuple[str, ...], path: str) -> _Size:
        """`chain`: the ids of the segments from the first one to this one."""
        criteria = deep = 0
        if not isinstance(definition.criterion, FrozenPeople):
            for at, criterion in paths(definition.criterion, path):
                criteria += 1
                if isinstance(criterion, InSegment):
                    size = self._follow(criterion.segment, chain, at)
                    criteria += size.criteria
                    deep = max(deep, size.deep + 1)
        return _Size(criteria, deep)

    def _follow(self, segment: str, chain: tuple[str, ...], path: str) -> _Size:
        at = f"{path}.segment" if path else "segment"
        if segment in chain:
            return self._refuse(at, f"goes in a circle: {' → '.join([*chain[chain.index(segment) :], segment])}")
        if segment not in self._sizes:
            definition = self._segments.definition(segment)
            if definition is None:
                return self._refuse(at, f"there is no segment {segment}")
            if len(chain) > MAX_REFERENCES_DEEP:
                return self._refuse(at, _TOO_DEEP)
            self.resolved[segment] = definition
            self._sizes[segment] = self.visit(definition, (*chain, segment), inside(path, segment))
        size = self._sizes[segment]
        return size if len(chain) + size.deep <= MAX_REFERENCES_DEEP else self._refuse(at, _TOO_DEEP)

    def _refuse(self, path: str, message: str) -> _Size:
        """A chain that is too long is said once, where it is longest, not again at each of its segments."""
        if message != _TOO_DEEP or all(violation.message != message for violation in self.violations):
            self.violations.append(Violation(path, message))
        return _Size(0, 0)
