"""An audience in memory."""

from dataclasses import replace
from datetime import datetime, timedelta

from kairan.audience.details import Details, with_details
from kairan.audience.model import Follower, Source, Status, shard_of
from kairan.audience.port import TOMBSTONE_FOR, Page
from kairan.clock import Clock
from kairan.errors import ExternalIdTakenError
from kairan.people import PersonId, Profile


class FakeAudience:
    def __init__(self, *, clock: Clock, unfollowed_retention: timedelta = timedelta(days=30)) -> None:
        self._clock = clock
        self._retention = unfollowed_retention
        self._people: dict[PersonId, Follower] = {}

    def get(self, person: PersonId) -> Follower | None:
        follower = self._people.get(person)
        if follower is None or (follower.expires_at is not None and follower.expires_at <= self._clock.now()):
            return None
        return follower

    def register(
        self, person: PersonId, *, at: datetime, profile: Profile | None = None, is_unblocked: bool | None = None
    ) -> None:
        known = self.get(person) or Follower(person, Status.FOLLOWING)
        if known.status_at is not None and at < known.status_at:
            return
        if known.unfollowed_at is not None and at <= known.unfollowed_at:
            return
        self._people[person] = replace(
            known,
            status=Status.FOLLOWING,
            status_at=at,
            presumed=False,
            followed_at=at,
            unfollowed_at=None,
            expires_at=None,
            is_unblocked=is_unblocked,
            profile=profile or known.profile,
            source=known.source or Source.FOLLOW,
            created_at=known.created_at or (None if self.get(person) else self._clock.now()),
            erased=False,
        )

    def presume(
        self, person: PersonId, *, at: datetime, status: Status, source: Source, profile: Profile | None = None
    ) -> None:
        known = self.get(person) or Follower(person, Status.CONTACT)
        is_back = known.unfollowed_at is not None and at > known.unfollowed_at and status is Status.FOLLOWING
        if known.status is Status.CONTACT or known.presumed or (known.status is Status.UNFOLLOWED and is_back):
            self._people[person] = replace(
                known,
                status=status,
                status_at=None,
                presumed=status is Status.FOLLOWING,
                profile=profile or known.profile,
                expires_at=None,
                last_event_at=known.last_event_at or at,
                source=known.source or source,
                created_at=known.created_at or (None if self.get(person) else self._clock.now()),
                erased=False,
            )

    def unfollow(self, person: PersonId, *, at: datetime) -> None:
        known = self._people.get(person, Follower(person, Status.UNFOLLOWED))
        if known.status_at is not None and at < known.status_at:
            return
        if known.presumed and known.unfollowed_at is not None and at <= known.unfollowed_at:
            return
        kept = known if self._retention else Follower(person, Status.UNFOLLOWED, version=known.version + 1, erased=True)
        expires_at = at + (self._retention or TOMBSTONE_FOR)
        self._people[person] = replace(
            kept,
            status=Status.UNFOLLOWED,
            status_at=at,
            presumed=False,
            unfollowed_at=at,
            expires_at=expires_at.replace(microsecond=0),
        )

    def touch(self, person: PersonId, *, at: datetime) -> Follower | None:
        known = self.get(person)
        if known is not None and (known.last_event_at is None or known.last_event_at < at):
            self._change(person, last_event_at=at)
        return self.get(person)

    def set_profile(self, person: PersonId, profile: Profile) -> None:
        self._change(person, profile=profile)

    def find(self, external_id: str) -> Follower | None:
        return next(
            (each for person in self._people if (each := self.get(person)) and each.external_id == external_id), None
        )

    def write_details(self, before: Follower, details: Details) -> Follower | None:
        known = self.get(before.person)
        if known is None or known.erased or known.version != before.version:
            return None
        holder = self.find(details.external_id) if details.external_id else None
        if holder is not None and holder.person != before.person:
            if holder.status is not Status.UNFOLLOWED:
                raise ExternalIdTakenError("this external id belongs to another person")
            self._people[holder.person] = replace(holder, external_id=None, version=holder.version + 1)
        self._people[before.person] = with_details(known, details)
        return with_details(before, details)

    def erase(self, person: PersonId, *, at: datetime) -> None:
        known = self._people.get(person, Follower(person, Status.UNFOLLOWED))
        self._people[person] = Follower(
            person, Status.UNFOLLOWED, status_at=at, unfollowed_at=at, version=known.version + 1, erased=True
        )

    def read_shard(self, shard: int, *, after: str | None = None, limit: int = 1000) -> Page:
        ids = sorted(person for person in self._people if shard_of(person) == shard and person.id > (after or ""))
        page = ids[:limit]
        followers = tuple(follower for person in page if (follower := self.get(person)) is not None)
        return Page(followers=followers, after=page[-1].id if len(ids) > limit else None)

    def _change(self, person: PersonId, **changes: object) -> bool:
        """Nothing is written on a tombstone."""
        known = self.get(person)
        if known is None or known.erased:
            return False
        self._people[person] = replace(known, **changes)  # type: ignore[arg-type]
        return True
