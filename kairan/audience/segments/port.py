"""What a segment asks of others: the segments it names, lists of people, and the runs of campaigns."""

from collections.abc import Container
from typing import Protocol

from kairan.audience.segments.definition import Definition, InCampaign


class Segments(Protocol):
    def definition(self, segment: str, /) -> Definition | None:
        """The newest version of a segment, or None when there is no such segment."""

    def listed(self, segment: str, /) -> Container[str]:
        """The ids of people in a segment that is a list."""


class Campaigns(Protocol):
    def people(self, criterion: InCampaign, /) -> Container[str] | None:
        """The ids of people with one of the states, or None when there is no such campaign or no such run."""


class NoSegments:
    """For a segment that names no other."""

    def definition(self, _segment: str, /) -> Definition | None:
        return None

    def listed(self, _segment: str, /) -> Container[str]:
        return ()
