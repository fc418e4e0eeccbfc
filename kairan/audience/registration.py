"""What an event does to the audience.

- A follow registers or restores the person, with the profile if the messenger shows it.
- An unfollow takes the person out of every selection.
- Any other event of a one-to-one chat moves `last_event_at`. A person who is not stored is added: as a presumed friend
  if the messenger shows a profile, otherwise as a contact. A friend without a profile gets it now.
- An unfollowed person who does something afterwards is a presumed friend again if the messenger shows a profile: the
  follow was lost.
- An event in a group or room moves `last_event_at` of a person who is stored.

A new person waits for no profile call: one that fails is made again at the next event. For an unfollowed person, only
the answer can tell, so there a failed call fails the event, which is tried again.

All of this may run twice. It also runs while another module owns the chat (LINE's standby), because it sends nothing.
"""

from datetime import datetime

from kairan.audience.model import Follower, Source, Status
from kairan.audience.port import Audience
from kairan.errors import InvalidInputError, KairanError, RetryableError, Violation
from kairan.messengers.port import EventKind, InboundEvent, Profiles
from kairan.observability import logger
from kairan.people import PersonId, Profile

NAME = "register"
"""The name of this effect in the processed events."""
SETTLES = frozenset({EventKind.FOLLOW, EventKind.UNFOLLOW})
"""These events need no other effect."""


class Registration:
    def __init__(self, *, audience: Audience, profiles: Profiles) -> None:
        self._audience = audience
        self._profiles = profiles

    def __call__(self, event: InboundEvent) -> None:
        """Raises

        - InvalidInputError for a follow or unfollow without a person or a time
        - StoreUnavailableError
        - RetryableError when the profile call fails for an unfollowed person
        """
        if event.kind is EventKind.FOLLOW:
            person, at = _who_and_when(event)
            profile = self._profile_if_possible(person, event)
            self._audience.register(person, at=at, profile=profile, is_unblocked=event.is_unblocked)
            self._audience.touch(person, at=at)
        elif event.kind is EventKind.UNFOLLOW:
            person, at = _who_and_when(event)
            self._audience.unfollow(person, at=at)
            self._audience.touch(person, at=at)
        elif event.person is not None and event.at is not None:
            self._note_activity(event, event.person, event.at)

    def _note_activity(self, event: InboundEvent, person: PersonId, at: datetime) -> None:
        follower = self._audience.touch(person, at=at)
        if not event.is_direct or (follower is not None and _is_settled(follower, at)):
            return
        try:
            profile = self._profiles.profile(person)
            status = Status.CONTACT if profile is None else Status.FOLLOWING
        except KairanError as error:
            if follower is not None and follower.status is Status.UNFOLLOWED and isinstance(error, RetryableError):
                raise
            logger.warning("no profile", event_id=event.id, code=error.code)
            if follower is not None:
                return
            profile, status = None, Status.FOLLOWING
        if follower is None or follower.status is not Status.FOLLOWING or follower.presumed:
            self._audience.presume(person, at=at, status=status, source=Source.EVENT, profile=profile)
        elif profile is not None:
            self._audience.set_profile(person, profile)

    def _profile_if_possible(self, person: PersonId, event: InboundEvent) -> Profile | None:
        """None when the profile call fails: the next event asks again, so a follow need not wait."""
        try:
            return self._profiles.profile(person)
        except KairanError as error:
            logger.warning("registered without a profile", event_id=event.id, code=error.code)
            return None


def _is_settled(follower: Follower, at: datetime) -> bool:
    """Whether an event at `at` leaves nothing to ask the messenger."""
    match follower.status:
        case Status.FOLLOWING:
            return follower.profile is not None
        case Status.UNFOLLOWED:
            return follower.unfollowed_at is not None and at <= follower.unfollowed_at
        case Status.CONTACT:
            return False


def _who_and_when(event: InboundEvent) -> tuple[PersonId, datetime]:
    if event.person is None:
        raise InvalidInputError([Violation("source.userId", "must be the id of a person")])
    if event.at is None:
        raise InvalidInputError([Violation("timestamp", "must be milliseconds since 1970")])
    return event.person, event.at
