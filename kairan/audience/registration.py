"""What an event does to the audience.

- A follow registers or restores the person, with the profile if the messenger shows it.
- An unfollow takes the person out of every selection.
- Any other event of a one-to-one chat moves `last_event_at`. A person who is not stored is added: as a friend if the
  messenger shows a profile, otherwise as a contact. A friend without a profile gets it now.
- An event in a group or room moves `last_event_at` of a person who is stored.

All of this may run twice. It also runs while another module owns the chat (LINE's standby), because it sends nothing.
"""

from datetime import datetime

from kairan.audience.model import Source, Status
from kairan.audience.port import Audience
from kairan.errors import InvalidInputError, KairanError, Violation
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
        - the errors of the profile call, for a person who is not stored yet
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
        if not event.is_direct:
            return
        if follower is None:
            profile = self._profiles.profile(person)
            status = Status.CONTACT if profile is None else Status.FOLLOWING
            self._audience.introduce(person, at=at, status=status, source=Source.EVENT, profile=profile)
        elif (
            follower.status is Status.FOLLOWING
            and follower.profile is None
            and (fetched := self._profile_if_possible(person, event))
        ):
            self._audience.set_profile(person, fetched)

    def _profile_if_possible(self, person: PersonId, event: InboundEvent) -> Profile | None:
        """None when the profile call fails: the next event asks again, so a follow need not wait."""
        try:
            return self._profiles.profile(person)
        except KairanError as error:
            logger.warning("registered without a profile", event_id=event.id, code=error.code)
            return None


def _who_and_when(event: InboundEvent) -> tuple[PersonId, datetime]:
    if event.person is None:
        raise InvalidInputError([Violation("source.userId", "must be the id of a person")])
    if event.at is None:
        raise InvalidInputError([Violation("timestamp", "must be milliseconds since 1970")])
    return event.person, event.at
