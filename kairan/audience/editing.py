"""Changes a person's details, also while others change them at the same moment."""

from datetime import datetime

from kairan.audience.details import Change, changed, details_of
from kairan.audience.model import Follower
from kairan.audience.port import Audience
from kairan.errors import StoreUnavailableError
from kairan.people import PersonId

ATTEMPTS = 10
"""Each attempt loses only to a writer that succeeded."""


def edit(audience: Audience, person: PersonId, change: Change, *, at: datetime) -> Follower | None:
    """The person afterwards. None: the person is not in the audience.

    Raises InvalidInputError for a change that breaks a limit, ExternalIdTakenError, and StoreUnavailableError, also
    when others are quicker again and again.
    """
    for _ in range(ATTEMPTS):
        before = audience.get(person)
        if before is None or before.erased:
            return None
        details = changed(details_of(before), change, at=at)
        if details == details_of(before):
            return before
        if (after := audience.write_details(before, details)) is not None:
            return after
    raise StoreUnavailableError("others change this person all the time; try again")
