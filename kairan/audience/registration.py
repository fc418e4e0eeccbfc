"""What an event does to the audience.

- follow: the person is registered or restored, with the profile if LINE gives it
- unfollow: never selected again
- any other event of a one-to-one chat: `last_event_at` moves; who was never seen is introduced, as LINE says: a friend has a
  profile, others have none; a friend's missing profile is asked for again
- an event in a group or room: `last_event_at` of a person who is known

All of it may happen twice. That another module owns the chat (standby) changes nothing here: nothing is sent.
"""

from datetime import datetime

from kairan.audience.model import Source, Status
from kairan.audience.port import Audience
from kairan.errors import Fault, InvalidEventError, KairanError
from kairan.line.client import LineClient, Profile
from kairan.line.events import Event
from kairan.line.ids import UserId, is_user_id
from kairan.observability import logger

FOLLOW = "follow"
UNFOLLOW = "unfollow"


class Registration:
    def __init__(self, *, audience: Audience, line: LineClient) -> None:
        self._audience = audience
        self._line = line

    def __call__(self, event: Event) -> None:
        """Raises InvalidEventError for a follow or unfollow without a person or a time, StoreUnavailableError, and for a person
        who was never seen what the profile call raises."""
        if event.type == FOLLOW:
            user_id, at = _who_and_when(event)
            profile = self._profile_if_possible(user_id, event)
            self._audience.register(user_id, at=at, profile=profile, is_unblocked=event.is_unblocked)
            self._audience.touch(user_id, at=at)
        elif event.type == UNFOLLOW:
            user_id, at = _who_and_when(event)
            self._audience.unfollow(user_id, at=at)
            self._audience.touch(user_id, at=at)
        elif is_user_id(event.user_id) and event.at is not None:
            self._meet(event, event.user_id, event.at)

    def _meet(self, event: Event, user_id: UserId, at: datetime) -> None:
        follower = self._audience.touch(user_id, at=at)
        if event.source_kind != "user":
            return
        if follower is None:
            profile = self._line.profile(user_id)
            status = Status.CONTACT if profile is None else Status.FOLLOWING
            self._audience.introduce(user_id, at=at, status=status, source=Source.EVENT, profile=profile)
        elif (
            follower.status is Status.FOLLOWING
            and follower.profile is None
            and (found := self._profile_if_possible(user_id, event))
        ):
            self._audience.set_profile(user_id, found)

    def _profile_if_possible(self, user_id: UserId, event: Event) -> Profile | None:
        """The next event asks again: no follow waits for a profile."""
        try:
            return self._line.profile(user_id)
        except KairanError as error:
            logger.warning("registered without a profile", event_id=event.id, code=error.code)
            return None


def _who_and_when(event: Event) -> tuple[UserId, datetime]:
    if not is_user_id(event.user_id):
        raise InvalidEventError([Fault("source.userId", "must be U and 32 hexadecimal digits")])
    if event.at is None:
        raise InvalidEventError([Fault("timestamp", "must be milliseconds since 1970")])
    return event.user_id, event.at
