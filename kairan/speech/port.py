"""The voice, as whoever sends knows it, and what it is made of: an engine, and a store for what was said.

`until` is a moment on the clock's monotonic scale; after it nobody waits any longer.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from kairan.speech.model import Spoken, Words
from kairan.speech.wav import Sound


class Speech(Protocol):
    def speak(self, words: Words, *, until: float) -> Spoken:
        """The same words are synthesised once, also when many ask at the same moment. Raises

        - SpeechRejectedError         the engine does not know the speaker, or does not take the text
        - SpeechNotConfiguredError    no engine is known
        - SpeechTimedOutError         not done at `until`
        - SpeechUnavailableError      the engine is down, or what it answered is no speech
        - StoreUnavailableError       the audio bucket did not answer
        """


class Engine(Protocol):
    def say(self, words: Words, *, until: float) -> Sound:
        """One attempt, for a text of at most `sentences.MAX_CHARACTERS`. Raises what `Speech.speak` raises for engines."""


@dataclass(frozen=True)
class Lock:
    """The right to synthesise the words called `name`. `version` tells it from one that another took meanwhile."""

    name: str
    owner: str
    expires_at: datetime
    version: str


class SpeechStore(Protocol):
    """Sound and locks by the name of the words (`model.name_of`). All of it raises StoreUnavailableError."""

    def find(self, name: str) -> Spoken | None:
        """What was kept, whole; nothing while any part of it is missing."""

    def keep(self, name: str, words: Words, mp3: bytes, duration_ms: int) -> Spoken:
        """The first sound of a name stays for good, because it may have been linked: a second is answered with the first."""

    def lock_on(self, name: str) -> Lock | None:
        """The lock that somebody holds, expired or not."""

    def lock(self, name: str, owner: str, expires_at: datetime, *, instead_of: Lock | None) -> Lock | None:
        """Takes the lock, or takes it over from `instead_of`; None when another was faster."""

    def unlock(self, lock: Lock) -> None:
        """A lock that another has taken over stays."""
