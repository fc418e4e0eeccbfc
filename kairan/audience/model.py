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
    IMPORT = "import"
    BACKFILL = "backfill"
    """LINE's list of followers named the person."""


class OptOutBy(StrEnum):
    """Who said that a person wants no campaigns. Only an import may lift what an import said."""

    IMPORT = "import"
    API = "api"
    RULE = "rule"
    PERSON = "person"


@dataclass(frozen=True)
class Follower:
    """A person of the audience.

    - `status_at`: when the follow or unfollow behind the status happened; None when LINE's profile call, an import or a
      backfill decided it
    - `presumed`: True for a friend for whom only a profile speaks. LINE also gives profiles of people who wrote and are
      no friends. A follow, an unfollow, an import or a backfill decides.
    - `unfollowed_at`: of the last unfollow; a follow clears it
    - `source`: None when Kairan has only ever seen an unfollow
    - `external_id`: the owner's own number for the person; one person has it
    - `time_zone`: an IANA name; None: the account's
    - `created_at`: None for people whom releases before 0.2.0 stored
    - `version`: counts the writes of the fields in `Details`; events do not change it
    - `erased`: everything personal was removed; no import brings the person back, but they can by acting again
    - `expires_at`: for an unfollowed person, when all stored data is removed
    """

    person: PersonId
    status: Status
    presumed: bool = False
    status_at: datetime | None = None
    followed_at: datetime | None = None
    unfollowed_at: datetime | None = None
    is_unblocked: bool | None = None
    profile: Profile | None = None
    external_id: str | None = None
    time_zone: str | None = None
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    opt_out: bool = False
    opt_out_at: datetime | None = None
    opt_out_by: OptOutBy | None = None
    last_event_at: datetime | None = None
    source: Source | None = None
    created_at: datetime | None = None
    version: int = 0
    erased: bool = False
    expires_at: datetime | None = None


def shard_of(person: PersonId) -> int:
    return int.from_bytes(sha256(person.id.encode()).digest(), "big") % SHARDS
