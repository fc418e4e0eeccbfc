"""The audience, as its stores offer it. Every operation raises StoreUnavailableError when the store does not answer.

Events come late, twice and in any order. The status is that of the newest follow or unfollow. When both have the same
time, the unfollow wins: one message too few is better than one too many. Without either, a profile is enough to
presume a friend.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

from kairan.audience.model import Follower, Source, Status
from kairan.people import PersonId, Profile

if TYPE_CHECKING:
    from kairan.audience.details import Details

TOMBSTONE_FOR = timedelta(days=15)
"""A retention of 0 days removes personal data at once. The fact that the person left stays this long, so that a late
follow does not bring them back."""


class Page(NamedTuple):
    """`after` asks for the next page; None: this is the last one."""

    followers: tuple[Follower, ...]
    after: str | None


class Audience(Protocol):
    def get(self, person: PersonId) -> Follower | None:
        """The person as stored now; None when nothing is stored."""

    def register(
        self, person: PersonId, *, at: datetime, profile: Profile | None = None, is_unblocked: bool | None = None
    ) -> None:
        """Records a follow at `at`.

        A person who returns has their attributes and tags again, and their old profile where `profile` is None.
        """

    def presume(
        self, person: PersonId, *, at: datetime, status: Status, source: Source, profile: Profile | None = None
    ) -> None:
        """Records what a profile call says of a person who did something at `at`: FOLLOWING or CONTACT.

        - A person who is not stored is added.
        - A contact, or a friend who is only presumed, gets `status`.
        - An unfollowed person is a friend again if `status` is FOLLOWING and `at` is later than the unfollow. Their
          data is kept from then on.
        - Anyone else stays as they are: a follow or unfollow spoke for them.

        FOLLOWING is presumed until a follow or unfollow decides. One that is older than `at` decides, too, except the
        unfollow that this call set aside and those before it.
        """

    def unfollow(self, person: PersonId, *, at: datetime) -> None:
        """Records an unfollow at `at`, also for a person who is not stored."""

    def touch(self, person: PersonId, *, at: datetime) -> Follower | None:
        """Moves `last_event_at` forward to `at`. The person as stored now; None, and nothing written, if not stored."""

    def set_profile(self, person: PersonId, profile: Profile) -> None:
        """Does nothing for a person who is not stored."""

    def find(self, external_id: str) -> Follower | None:
        """The person who has this external id."""

    def write_details(self, before: Follower, details: "Details") -> Follower | None:
        """The person with these details, one version after `before`, which was read.

        None, and nothing written: the person is gone or erased, or someone else wrote their details or took the
        external id meanwhile. Read again. Raises ExternalIdTakenError while the external id belongs to another person
        who has not left; from one who left, it moves.
        """

    def erase(self, person: PersonId, *, at: datetime) -> None:
        """Removes everything personal, of someone who is stored or not. A mark stays, without an end: `erased`.

        The person is as unfollowed at `at`, so acting again later brings them back, with nothing of before.
        """

    def read_shard(self, shard: int, *, after: str | None = None, limit: int = 1000) -> Page:
        """People of every status in one of `SHARDS` shards, ordered by id. A page may hold fewer than `limit`."""
