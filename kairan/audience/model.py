"""What Kairan stores about one person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from kairan.people import PersonId, Profile

SHARDS = 64
"""Readers can read the shards of an audience in parallel."""


class Status(StrEnum):
    FOLLOWING = "following"
    UNFOLLOWED = "unfollowed"
    CONTACT = "contact"
    """A person who wrote but is not a friend. A selection must ask for them."""


class Source(StrEnum):
    """How Kairan first heard of a person."""

    FOLLOW = "follow"
    EVENT = "event"
    """The person added the account before Kairan ran, and wrote later."""


@dataclass(frozen=True)
class Follower:
    """A person of the audience.

    - `status_at`: when the follow or unfollow behind the status happened; None when LINE's profile call decided it
    - `presumed`: True for a friend for whom only a profile speaks. LINE also gives profiles of people who wrote and are
      no friends. A follow or an unfollow decides.
    - `unfollowed_at`: of the last unfollow; a follow clears it
    - `source`: None when Kairan has only ever seen an unfollow
    - `expires_at`: for an unfollowed person, when all stored data is removed
    """

    person: PersonId
    status: Status
    status_at: datetime | None = None
    presumed: bool = False
    followed_at: datetime | None = None
    unfollowed_at: datetime | None = None
    is_unblocked: bool | None = None
    profile: Profile | None = None
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    opt_out: bool = False
    last_event_at: datetime | None = None
    source: Source | None = None
    expires_at: datetime | None = None


def shard_of(person: PersonId) -> int:
    return int.from_bytes(sha256(person.id.encode()).digest(), "big") % SHARDS
