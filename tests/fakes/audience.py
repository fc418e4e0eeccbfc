"""An audience in memory."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from kairan.audience.model import Follower, Source, Status, shard_of
from kairan.audience.port import TOMBSTONE_FOR, Page
from kairan.clock import Clock
from kairan.line.client import Profile
from kairan.line.ids import UserId


class FakeAudience:
    def __init__(self, *, clock: Clock, unfollowed_retention: timedelta = timedelta(days=30)) -> None:
        self._clock = clock
        self._retention = unfollowed_retention
        self._people: dict[UserId, Follower] = {}

    def get(self, user_id: UserId) -> Follower | None:
        person = self._people.get(user_id)
        if person is None or (person.expires_at is not None and person.expires_at <= self._clock.now()):
            return None
        return person

    def register(
        self, user_id: UserId, *, at: datetime, profile: Profile | None = None, is_unblocked: bool | None = None
    ) -> None:
        known = self.get(user_id) or Follower(user_id, Status.FOLLOWING)
        if known.status_at is not None and (at, Status.FOLLOWING) <= (known.status_at, _rank(known)):
            return
        self._people[user_id] = replace(
            known,
            status=Status.FOLLOWING,
            status_at=at,
            followed_at=at,
            unfollowed_at=None,
            expires_at=None,
            is_unblocked=is_unblocked,
            profile=profile or known.profile,
            source=known.source or Source.FOLLOW,
        )

    def introduce(
        self, user_id: UserId, *, at: datetime, status: Status, source: Source, profile: Profile | None = None
    ) -> None:
        if self.get(user_id) is None:
            self._people[user_id] = Follower(user_id, status, profile=profile, last_event_at=at, source=source)

    def unfollow(self, user_id: UserId, *, at: datetime) -> None:
        known = self._people.get(user_id, Follower(user_id, Status.UNFOLLOWED))
        if known.status_at is not None and at < known.status_at:
            return
        kept = known if self._retention else Follower(user_id, Status.UNFOLLOWED)
        expires_at = at + (self._retention or TOMBSTONE_FOR)
        self._people[user_id] = replace(
            kept, status=Status.UNFOLLOWED, status_at=at, unfollowed_at=at, expires_at=expires_at.replace(microsecond=0)
        )

    def touch(self, user_id: UserId, *, at: datetime) -> Follower | None:
        known = self.get(user_id)
        if known is not None and (known.last_event_at is None or known.last_event_at < at):
            self._change(user_id, last_event_at=at)
        return self.get(user_id)

    def set_profile(self, user_id: UserId, profile: Profile) -> None:
        self._change(user_id, profile=profile)

    def set_attributes(self, user_id: UserId, attributes: Mapping[str, Sequence[str]]) -> bool:
        return self._change(user_id, attributes={name: tuple(values) for name, values in attributes.items()})

    def set_tags(self, user_id: UserId, tags: Collection[str]) -> bool:
        return self._change(user_id, tags=frozenset(tags))

    def read_shard(self, shard: int, *, after: str | None = None, limit: int = 1000) -> Page:
        ids = sorted(user_id for user_id in self._people if shard_of(user_id) == shard and user_id > (after or ""))
        page = ids[:limit]
        followers = tuple(person for user_id in page if (person := self.get(user_id)) is not None)
        return Page(followers=followers, after=page[-1] if len(ids) > limit else None)

    def _change(self, user_id: UserId, **changes: object) -> bool:
        """Nothing is written on a tombstone."""
        known = self.get(user_id)
        if known is None or (not self._retention and known.status is Status.UNFOLLOWED):
            return False
        self._people[user_id] = replace(known, **changes)  # type: ignore[arg-type]
        return True


def _rank(known: Follower) -> str:
    """At the same moment an unfollow is the newer one: `unfollowed` comes after `following`."""
    return known.status
