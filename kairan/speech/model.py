"""The numbers that shape a voice, and the name of a piece of speech."""

import hashlib
import json

from kairan.content import Speech

DEFAULT_STYLE_ID = 888753760
"""The style that AivisSpeech Engine starts with."""

SPEED = (0.5, 2.0)
PITCH = (-0.15, 0.15)
VOLUME = (0.0, 2.0)
STYLE_ID = (-(2**31), 2**31 - 1)
"""The ranges that engines take (AivisSpeech Engine API, `AudioQuery`; style ids are signed 32-bit numbers)."""

FORMAT = 1
"""The version of stored sounds. A higher one makes all speech be synthesised anew."""


def name_of(speech: Speech) -> str:
    """The SHA-256 of everything that shapes the sound, so equal speech has one name. The engine is not part of it."""
    # adding 0.0 turns -0.0 into 0.0; the style id is called `speaker` here, because stored names cannot change
    numbers = {name: float(getattr(speech, name)) + 0.0 for name in ("speed", "pitch", "volume")}
    shaping = {"format": FORMAT, "text": speech.text, "speaker": speech.style_id, **numbers}
    return hashlib.sha256(json.dumps(shaping, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
