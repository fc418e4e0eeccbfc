"""What is to be said, and what was said."""

import hashlib
import json
from dataclasses import asdict, dataclass

DEFAULT_SPEAKER = 888753760
"""The style that AivisSpeech Engine starts with."""

SPEED = (0.5, 2.0)
PITCH = (-0.15, 0.15)
VOLUME = (0.0, 2.0)
SPEAKER = (-(2**31), 2**31 - 1)
"""The lowest and the highest that engines take (AivisSpeech Engine API, `AudioQuery`; style ids are signed 32-bit numbers)."""

FORMAT = 1
"""Of the sound that is kept: to be raised when the same words are to sound different from now on."""


@dataclass(frozen=True)
class Words:
    """`speaker` is the id of a style. Speed and volume are factors, pitch is added; all within the ranges above."""

    text: str
    speaker: int
    speed: float = 1.0
    pitch: float = 0.0
    volume: float = 1.0


@dataclass(frozen=True)
class Spoken:
    """An MP3: its key in the audio bucket, a link that does not expire, and how long it plays."""

    key: str
    url: str
    duration_ms: int


def name_of(words: Words) -> str:
    """The SHA-256 of all that shapes the sound: equal words have one name, whichever engine speaks them."""
    numbers = {name: float(value) + 0.0 for name, value in asdict(words).items() if name not in ("text", "speaker")}
    shaping = {"format": FORMAT, "text": words.text, "speaker": words.speaker, **numbers}
    return hashlib.sha256(json.dumps(shaping, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
