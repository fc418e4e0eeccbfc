"""What is to be said, and what was said."""

from dataclasses import dataclass

DEFAULT_SPEAKER = 888753760

SPEED = (0.5, 2.0)
PITCH = (-0.15, 0.15)
VOLUME = (0.0, 2.0)
SPEAKER = (-(2**31), 2**31 - 1)


@dataclass(frozen=True)
class Words:
    text: str
    speaker: int
    speed: float = 1.0
    pitch: float = 0.0
    volume: float = 1.0


@dataclass(frozen=True)
class Spoken:
    key: str
    url: str
    duration_ms: int
