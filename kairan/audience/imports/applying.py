"""What a record of a file makes of a person. Pure.

An import is stronger than a profile and weaker than a follow or unfollow that was heard: it makes contacts and presumed
friends what the file says, and leaves everyone else's status alone. It never brings back a person who was erased.
"""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Literal, NamedTuple

from kairan.audience.details import Details, changed, details_of, with_details
from kairan.audience.imports.people import ImportedPerson
from kairan.audience.model import Follower, Source, Status
from kairan.errors import InvalidInputError

ImportedStatus = Literal[Status.FOLLOWING, Status.CONTACT]


class Effect(StrEnum):
    """How a record is counted."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    UNKNOWN_PERSON = "unknown_person"
    """It names a number alone, and no one has that number."""
    REFUSED = "refused"


class Applied(NamedTuple):
    """- `follower`: the person afterwards; None where nothing is to be written
    - `reason`: of a refusal
    """

    effect: Effect
    follower: Follower | None = None
    reason: str = ""


def apply(known: Follower | None, record: ImportedPerson, *, status: ImportedStatus, at: datetime) -> Applied:
    """`known` is the person as stored now. `status` is for people of whom the file says nothing else."""
    if known is not None and known.erased:
        return Applied(Effect.REFUSED, reason="the person was erased, and is left alone until they act again")
    if known is None and record.person is None:
        return Applied(Effect.UNKNOWN_PERSON)
    try:
        details = changed(details_of(known) if known is not None else Details(), record.change, at=at)
    except InvalidInputError as error:
        return Applied(Effect.REFUSED, reason=str(error))
    says = record.status or status
    if known is None:
        assert record.person is not None  # noqa: S101  it was asked above
        new = Follower(record.person, says, source=Source.IMPORT, created_at=at)
        return Applied(Effect.NEW, with_details(new, details))
    after = known if details == details_of(known) else with_details(known, details)
    if known.status is Status.CONTACT or known.presumed:
        after = replace(after, status=says, presumed=False)
    return Applied(Effect.UNCHANGED) if after == known else Applied(Effect.CHANGED, after)
