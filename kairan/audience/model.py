"""What is known of one person."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from kairan.line.client import Profile
from kairan.line.ids import UserId

SHARDS = 64
"""An audience is read shard by shard, in parallel."""


class Status(StrEnum):
    FOLLOWING = "following"
    UNFOLLOWED = "unfollowed"
    CONTACT = "contact"
    """Known, but not a friend: never selected unless asked for."""


class Source(StrEnum):
    """How a person was first met."""

    FOLLOW = "follow"
    EVENT = "event"
    """Added the account before Kairan was there, and wrote later."""


@dataclass(frozen=True)
class Follower:
    """`status_at` is the time of the follow or unfollow that gave the status; None when it was found by asking LINE."""

    user_id: UserId
    status: Status
    status_at: datetime | None = None
    followed_at: datetime | None = None
    unfollowed_at: datetime | None = None
    is_unblocked: bool | None = None
    profile: Profile | None = None
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()
    opt_out: bool = False
    last_event_at: datetime | None = None
    source: Source | None = None
    """None for a person of whom only an unfollow was ever heard."""
    expires_at: datetime | None = None
    """Of an unfollowed person: when everything that is kept is removed."""


def shard_of(user_id: str) -> int:
    return int.from_bytes(sha256(user_id.encode()).digest(), "big") % SHARDS
