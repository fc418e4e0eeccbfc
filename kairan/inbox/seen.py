"""The memory of events: which have had their effect, and how often the others were tried."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Try:
    """`number` counts from 1. `seen`: an earlier try had the effect, so this one must have none."""

    number: int
    seen: bool


class EventsSeen(Protocol):
    """Every operation raises StoreUnavailableError."""

    def count_try(self, event_id: str) -> Try:
        """Counted before the effect, so that an event that kills its function is counted too."""

    def mark_seen(self, event_id: str) -> None:
        """Called after the effect, never before."""

    def forget_tries(self, event_id: str) -> None:
        """Of an event that went to the dead-letter queue: when it is sent again it has all its tries again."""
