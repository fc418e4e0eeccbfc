"""A part of a segment's people, the same people each time: those whose number by hash is low.

Every person has a number in every segment, so two segments leave out different people, and a larger share takes in
everyone of a smaller one.
"""

from collections.abc import Callable, Mapping
from hashlib import blake2b

from kairan.audience.segments.definition import Count, Share

POINTS = 1 << 32
_STEPS_BITS = 10
"""Numbers are counted in stretches of a thousandth of their size."""


def points_in(segment: str | None) -> Callable[[str], int]:
    """The number of each person's id in a segment, below `POINTS`. It never changes, in no release."""
    begun = blake2b(f"{segment or ''}\0".encode(), digest_size=4)

    def point_of(person: str) -> int:
        hashed = begun.copy()
        hashed.update(person.encode())
        return int.from_bytes(hashed.digest(), "big")

    return point_of


def limit_of(share: Share) -> int:
    """Who has a lower number belongs to the share."""
    return round(share.percent * POINTS / 100)


def stretch_of(point: int) -> int:
    """The first number of the stretch in which a number lies."""
    low_bits = max(point.bit_length() - _STEPS_BITS, 0)
    return point >> low_bits << low_bits


def share_of(count: Count, stretches: Mapping[int, int]) -> Share:
    """The largest share that has at most so many people.

    `stretches`: how many people an estimate counted, by the first number of their stretch (`stretch_of`).
    """
    people = 0
    for first in sorted(stretches):
        people += stretches[first]
        if people > count.people:
            return Share(first * 100 / POINTS)
    return Share(100)


def people_below(limit: int, stretches: Mapping[int, int]) -> int:
    """How many people of an estimate have a number below the limit of a share that `share_of` made."""
    return sum(people for first, people in stretches.items() if first < limit)
