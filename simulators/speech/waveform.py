"""Sound as samples, from -1 to 1, and as a WAV file."""

import io
import wave
from typing import Any, TypeAlias

import numpy as np  # type: ignore[import-not-found]

Samples: TypeAlias = Any
"""A numpy array of floats; the project's own environment, in which types are checked, has no numpy."""

SILENT_BELOW = 0.002
LOUDEST = 32767


def trimmed(samples: Samples) -> Samples:
    """The samples without the silence at both ends."""
    (loud,) = np.nonzero(np.abs(samples) > SILENT_BELOW)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]


def between_silence(samples: Samples, rate: int, before_s: float, after_s: float) -> Samples:
    return np.pad(samples, (round(before_s * rate), round(after_s * rate)))


def resampled(samples: Samples, rate: int, wanted: int) -> Samples:
    """The same sound at another rate: its spectrum, cut or filled up at the new rate's highest frequency."""
    length = round(len(samples) * wanted / rate)
    if rate == wanted or not length:
        return samples[:length]
    spectrum = np.fft.rfft(samples)[: length // 2 + 1]
    return np.fft.irfft(spectrum, length) * (length / len(samples))


def as_wav(samples: Samples, rate: int, *, stereo: bool) -> bytes:
    """16 bits a sample. What is too loud is clipped."""
    whole = np.round(np.clip(samples, -1, 1) * LOUDEST).astype("<i2")
    channels = 2 if stereo else 1
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(whole.itemsize)
        writer.setframerate(rate)
        writer.writeframes(np.repeat(whole, channels).tobytes())
    return file.getvalue()
