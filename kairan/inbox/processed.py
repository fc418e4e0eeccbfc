"""Remembers which effects of each event are done, and how often it was tried."""

from typing import NamedTuple, Protocol


class Attempt(NamedTuple):
    """One attempt at an event.

    - `number`: counts from 1, without the attempts that only waited
    - `is_done`: earlier attempts did everything, so nothing is left
    - `effects_done`: what earlier attempts did
    - `waits`: attempts that found something else out of reach
    """

    number: int
    is_done: bool = False
    effects_done: frozenset[str] = frozenset()
    waits: int = 0


class ProcessedEvents(Protocol):
    """Every operation raises StoreUnavailableError."""

    def count_attempt(self, event_id: str) -> Attempt:
        """Call this before the effects, so that an event that kills its function is counted too."""

    def count_wait(self, event_id: str) -> None:
        """Call this when the counted attempt only has to wait: it counts among `waits` from now on."""

    def mark_effect(self, event_id: str, effect: str) -> None:
        """Call this after an effect, when another one follows."""

    def mark_done(self, event_id: str) -> None:
        """Call this after the last effect."""

    def forget_attempts(self, event_id: str) -> None:
        """Lets an event that went to the dead-letter queue have all its attempts when it is sent again."""
