"""The audience, whatever store keeps it. Every operation raises StoreUnavailableError when the store does not answer.

Events come late, twice and in any order; the status is that of the newest follow or unfollow. Of two at the same moment the
unfollow wins: a message too few is better than one too many.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from kairan.audience.model import Follower, Source, Status
from kairan.line.client import Profile
from kairan.line.ids import UserId

TOMBSTONE_FOR = timedelta(days=15)
"""With a retention of 0 days nothing personal is kept; that the person left is, so that an old follow does not bring them back."""


@dataclass(frozen=True)
class Page:
    """`after` is where the next page begins; None: this is the last one."""

    followers: tuple[Follower, ...]
    after: str | None


class Audience(Protocol):
    def get(self, user_id: UserId) -> Follower | None:
        """What is known of the person now, whoever wrote it last; None: nothing."""

    def register(
        self, user_id: UserId, *, at: datetime, profile: Profile | None = None, is_unblocked: bool | None = None
    ) -> None:
        """A follow at `at`. Who was here before is restored with attributes, tags and, without a new one, the profile."""

    def introduce(
        self, user_id: UserId, *, at: datetime, status: Status, source: Source, profile: Profile | None = None
    ) -> None:
        """A person who was never seen did something at `at`. Nothing happens to one who is known, and any follow or unfollow,
        also an older one, decides over the `status` that is given here."""

    def unfollow(self, user_id: UserId, *, at: datetime) -> None:
        """An unfollow at `at`; also of a person who was never seen."""

    def touch(self, user_id: UserId, *, at: datetime) -> Follower | None:
        """Move `last_event_at` forward to `at`. What is known of the person now; None: nothing, and nothing was written."""

    def set_profile(self, user_id: UserId, profile: Profile) -> None:
        """Nothing happens when the person is not known."""

    def set_attributes(self, user_id: UserId, attributes: Mapping[str, Sequence[str]]) -> bool:
        """Replace all attributes. False: the person is not known."""

    def set_tags(self, user_id: UserId, tags: Collection[str]) -> bool:
        """Replace all tags. False: the person is not known."""

    def read_shard(self, shard: int, *, after: str | None = None, limit: int = 1000) -> Page:
        """The people of one of `SHARDS` shards, of every status, in the order of their ids. A page may hold fewer than `limit`."""
