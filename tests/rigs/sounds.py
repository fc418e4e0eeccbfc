"""Small sounds, and WAV files around them, made when a test asks for one."""

import array
import math
import struct

from kairan.speech.wav import Sound


def tone(seconds: float = 0.5, *, rate: int = 44_100, channels: int = 1, hertz: float = 440) -> Sound:
    moments = (int(9000 * math.sin(2 * math.pi * hertz * moment / rate)) for moment in range(round(seconds * rate)))
    return Sound(rate, channels, array.array("h", (level for level in moments for _ in range(channels))).tobytes())


def wav(
    sound: Sound, *, code: int = 1, bits: int = 16, before: bytes = b"", after: bytes = b"", size: int | None = None
) -> bytes:
    """`before` and `after` are chunks around the sound; `size` is what the sound's chunk claims to be long."""
    block = sound.channels * bits // 8
    layout = struct.pack("<HHIIHH", code, sound.channels, sound.rate, sound.rate * block, block, bits)
    data = b"data" + struct.pack("<I", len(sound.samples) if size is None else size) + sound.samples
    return riff(chunk(b"fmt ", layout) + before + data + b"\0" * (len(sound.samples) % 2) + after)


def riff(chunks: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
