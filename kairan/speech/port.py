"""The ports of speech: the synthesizer, and the engine and the store behind it.

`until` is a moment on the clock's monotonic scale, and no call waits beyond it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from kairan.content import Audio, Speech

if TYPE_CHECKING:
    from kairan.speech.wav import Sound


class Synthesizer(Protocol):
    def speak(self, speech: Speech, *, until: float) -> Audio:
        """The MP3 of the speech. Equal speech is synthesised once, even for many calls at the same moment. Raises

        - SpeechRejectedError         the engine does not have the style, or refuses the text
        - SpeechNotConfiguredError    the stack has no engine
        - SpeechTimedOutError         the speech was not done by `until`
        - SpeechUnavailableError      the engine is down, or its answer is not speech
        - StoreUnavailableError       the audio bucket did not answer
        """


class Engine(Protocol):
    def say(self, speech: Speech, *, until: float) -> "Sound":
        """One attempt, for a text of at most `sentences.MAX_CHARACTERS`. Raises the engine's errors, like `speak`."""


@dataclass(frozen=True)
class Lock:
    """The right to synthesise the speech called `name`. `version` differs from that of a later lock."""

    name: str
    owner: str
    expires_at: datetime
    version: str


class SpeechStore(Protocol):
    """Sounds and locks by the name of the speech (`model.name_of`). Every method raises StoreUnavailableError."""

    def find(self, name: str) -> Audio | None:
        """The stored sound; None while any part of it is missing."""

    def keep(self, name: str, speech: Speech, mp3: bytes, duration_ms: int) -> Audio:
        """Stores the sound under an address that cannot be guessed.

        A name's first sound stays, because messages may link to it: a second call returns that one.
        """

    def lock_on(self, name: str) -> Lock | None:
        """The current lock, expired or not."""

    def lock(self, name: str, owner: str, expires_at: datetime, *, instead_of: Lock | None) -> Lock | None:
        """Takes the lock, or replaces `instead_of`. None when another caller was faster."""

    def unlock(self, lock: Lock) -> None:
        """Leaves a lock alone that another caller has taken over."""
