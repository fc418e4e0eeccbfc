"""Speech in content: words become an audio message, at once where all hear the same, else when they are known.

Words with placeholders differ from person to person. Until they are rendered they stand in the content as a message of a type of
our own, which LINE never sees: {"type": "speech", "tts", "speaker", "speed", "pitch", "volume"}.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kairan.clock import Clock
from kairan.errors import Fault, InvalidEventError
from kairan.line.client import Message
from kairan.line.messages import audio_message
from kairan.speech.model import Spoken, Words
from kairan.speech.port import Speech

SPEECH = "speech"
_STAND_IN = audio_message("https://audio.invalid/", 1)

Finish = Callable[[Sequence[Message]], tuple[Message, ...]]
"""Rendered content → what LINE takes. Raises what `Speaker.say` raises."""


def as_composed(messages: Sequence[Message]) -> tuple[Message, ...]:
    """For content without speech."""
    return tuple(messages)


def speech_message(words: Words) -> Message:
    return {
        "type": SPEECH,
        "tts": words.text,
        "speaker": words.speaker,
        "speed": words.speed,
        "pitch": words.pitch,
        "volume": words.volume,
    }


def as_if_spoken(messages: Sequence[Message]) -> list[Message]:
    """With an audio message for all that is still to be spoken, to look at the rest by LINE's rules."""
    return [_STAND_IN if message.get("type") == SPEECH else message for message in messages]


def has_nothing_to_say(messages: Sequence[Message]) -> bool:
    """Whether words came out empty."""
    return any(message.get("type") == SPEECH and not message["tts"].strip() for message in messages)


@dataclass(frozen=True)
class Voice:
    """How this deployment speaks: by which engine, as whom unless told otherwise, and how much at once."""

    speech: Speech
    clock: Clock
    speaker: int
    max_characters: int

    def for_seconds(self, seconds: float) -> "Speaker":
        return Speaker(self, until=self.clock.monotonic() + seconds)


@dataclass(frozen=True)
class Speaker:
    """A voice for the time that is left; `until` is on the clock's monotonic scale."""

    voice: Voice
    until: float

    def say(self, words: Words) -> Spoken:
        """Raises InvalidEventError for too much at once, SpeechRejectedError, SpeechNotConfiguredError, SpeechUnavailableError or
        StoreUnavailableError."""
        if len(words.text) > self.voice.max_characters:
            told = (
                f"{len(words.text):,} characters; at most {self.voice.max_characters:,} are spoken (tts_max_characters)"
            )
            raise InvalidEventError([Fault("data.tts", told)])
        return self.voice.speech.speak(words, until=self.until)

    def audio(self, words: Words) -> Message:
        spoken = self.say(words)
        return audio_message(spoken.url, spoken.duration_ms)

    def finish(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """Every speech message becomes an audio message."""
        return tuple(
            self.audio(_words_of(message)) if message.get("type") == SPEECH else message for message in messages
        )


def _words_of(message: Mapping[str, Any]) -> Words:
    return Words(
        message["tts"].strip(),
        speaker=message["speaker"],
        speed=message["speed"],
        pitch=message["pitch"],
        volume=message["volume"],
    )
