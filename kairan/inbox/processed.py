"""Remembers which effects of each event are done, and how often it was tried."""

from typing import NamedTuple, Protocol


class Attempt(NamedTuple):
    """`number` counts from 1. Earlier attempts did `effects_done`, or everything (`is_done`): then nothing is left."""

    number: int
    is_done: bool = False
    effects_done: frozenset[str] = frozenset()


class ProcessedEvents(Protocol):
    """Every operation raises StoreUnavailableError."""

    def count_attempt(self, event_id: str) -> Attempt:
        """Call this before the effects, so that an event that kills its function is counted too."""

    def mark_effect(self, event_id: str, effect: str) -> None:
        """Call this after an effect, when another one follows."""

    def mark_done(self, event_id: str) -> None:
        """Call this after the last effect."""

    def forget_attempts(self, event_id: str) -> None:
        """Lets an event that went to the dead-letter queue have all its attempts when it is sent again."""
