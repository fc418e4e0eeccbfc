"""Reads, joins and measures the sound that engines answer: WAV with 16-bit samples.

Source: Multimedia Programming Interface and Data Specifications 1.0, "Waveform Audio File Format (WAVE)".
"""

import struct
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kairan.errors import SpeechFailedError

_RIFF_HEADER = 12
_CHUNK_HEADER = 8
_LARGEST = 1_000_000_000
"""No answer is this large. Programs that do not know the size yet write 0, FFFFFFFF, 7FFFFFFF or 2,000,000,000."""
_PCM = 1
_EXTENSIBLE = 0xFFFE
_BYTES = 2
_RATES = range(8_000, 192_001)


@dataclass(frozen=True)
class Sound:
    """`samples` are 16-bit and little-endian, with the channels of one moment side by side. `rate` is per second."""

    rate: int
    channels: int
    samples: bytes

    @property
    def duration_ms(self) -> int:
        return round(len(self.samples) * 1000 / (self.rate * self.channels * _BYTES))

    def in_mono(self) -> "Sound":
        if self.channels == 1:
            return self
        sides = array("h", self.samples)
        middle = array("h", ((left + right) // 2 for left, right in zip(sides[::2], sides[1::2], strict=True)))
        return Sound(self.rate, 1, middle.tobytes())


def read(data: bytes) -> Sound:
    """Raises SpeechFailedError for data that is not a whole WAV of 16-bit samples."""
    if data[:4] != b"RIFF" or data[8:_RIFF_HEADER] != b"WAVE":
        raise _nonsense("JSON" if data.lstrip()[:1] in (b"{", b"[") else "something")
    rate = channels = 0
    for name, body in _chunks(data):
        if name == b"fmt ":
            rate, channels = _format(body)
        elif name == b"data":
            if not rate:
                raise _nonsense("a WAV that does not say its format")
            if len(body) % (channels * _BYTES):
                raise _nonsense("a WAV that ends within a sample")
            return Sound(rate, channels, body)
    raise _nonsense("a WAV without sound")


def join(sounds: Sequence[Sound]) -> Sound:
    """The sounds in a row. All must have the same format."""
    if len({(sound.rate, sound.channels) for sound in sounds}) != 1:
        raise _nonsense("parts of different formats")
    return Sound(sounds[0].rate, sounds[0].channels, b"".join(sound.samples for sound in sounds))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The whole chunks. Each begins at an even offset."""
    offset = _RIFF_HEADER
    while offset + _CHUNK_HEADER <= len(data):
        name, size = struct.unpack_from("<4sI", data, offset)
        offset += _CHUNK_HEADER
        if name == b"data" and _is_placeholder(size, data):
            size = len(data) - offset
        if offset + size > len(data):
            raise _nonsense("a WAV that was cut off")
        yield name, data[offset : offset + size]
        offset += size + size % 2


def _is_placeholder(size: int, data: bytes) -> bool:
    """Whether the sound goes on to the end. A size of 0 is meant where the whole file has a size that fits."""
    (whole,) = struct.unpack_from("<I", data, 4)
    fits = len(data) - 1 <= _CHUNK_HEADER + whole <= len(data)
    return size >= _LARGEST or (size == 0 and not fits)


def _format(body: bytes) -> tuple[int, int]:
    """Rate and channels."""
    if len(body) < 16:
        raise _nonsense("a WAV that does not say its format")
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if code == _EXTENSIBLE and len(body) >= 26:
        (code,) = struct.unpack_from("<H", body, 24)
    if code != _PCM or bits != 8 * _BYTES or channels not in (1, 2) or rate not in _RATES:
        raise _nonsense(f"a WAV of another format (code {code}, {channels} channels of {bits} bits at {rate} Hz)")
    return rate, channels


def _nonsense(what: str) -> SpeechFailedError:
    return SpeechFailedError(f"the speech engine answered {what} instead of a WAV of 16-bit samples")
