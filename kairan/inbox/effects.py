"""What an event does: named effects, in order, each done once."""

from collections.abc import Callable
from typing import NamedTuple

from kairan.messengers.port import EventKind, InboundEvent


class Effect(NamedTuple):
    """One effect of events.

    - `name`: marks the effect as done, and so never changes
    - `run`: may be called again for an event whose attempt failed half-way
    - `settles`: the kinds of events that need no other effect; an event that no effect settles counts as unhandled
    """

    name: str
    run: Callable[[InboundEvent], None]
    settles: frozenset[EventKind] = frozenset()
