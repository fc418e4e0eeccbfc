"""LINE's webhook events in the form that all messengers share."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from kairan.messengers.line import NAME
from kairan.messengers.line.events import Event
from kairan.messengers.line.ids import chat_id, person_id
from kairan.messengers.port import EventKind, InboundEvent

CLOCKS_DIFFER_BY = timedelta(minutes=1)
"""Between LINE's clock and ours. An event from further in the future would decide over all later ones."""
KINDS = {"follow": EventKind.FOLLOW, "unfollow": EventKind.UNFOLLOW}


def inbound(raw: Mapping[str, Any], *, account: str, received_at: datetime | None) -> InboundEvent:
    """`raw` is LINE's event object. Ids that do not have LINE's form are left out.

    A time in the future counts as `received_at`.
    """
    event = Event(raw)
    at = event.at
    if at is not None and received_at is not None and at > received_at + CLOCKS_DIFFER_BY:
        at = received_at
    return InboundEvent(
        messenger=NAME,
        account=account,
        id=event.id,
        kind=KINDS.get(event.type, EventKind.OTHER),
        type=event.type,
        at=at,
        received_at=received_at,
        chat=chat_id(event.chat_id),
        person=person_id(event.user_id),
        is_direct=event.is_direct,
        is_unblocked=event.is_unblocked,
        raw=raw,
    )
