"""The voice, as whoever sends knows it."""

from typing import Protocol

from kairan.speech.model import Spoken, Words


class Speech(Protocol):
    def speak(self, words: Words, *, until: float) -> Spoken: ...
