"""How long an MP3 plays. It counts frames, because an estimate from the bit rate drifts by a second an hour.

Sources: ISO 11172-3 and 13818-3 (frame header), the LAME "Mp3 Info Tag" (samples that an encoder added at both ends).
"""

import re
from dataclasses import dataclass

_HEADER = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][^\x00-\x0f\xf0-\xff]")
"""A quick test for a frame's header: a file may hold megabytes of other bytes."""
_KBIT_PER_S = {
    "1": (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    "2": (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_VERSIONS = {0: ("2.5", (11025, 12000, 8000)), 2: ("2", (22050, 24000, 16000)), 3: ("1", (44100, 48000, 32000))}
_LAYER_III = 1
_ID3_HEADER = 10
_INFO_WITHIN = 64
"""The info tag follows the frame header and at most 32 bytes of side information."""
_GAPS_AFTER_INFO = 141
"""The distance from `Info` or `Xing` to the three bytes with the samples added before (12 bits) and after (12 bits)."""


@dataclass(frozen=True)
class Frame:
    version: str
    sample_rate: int
    samples: int
    size_bytes: int


def frame_at(data: bytes, offset: int) -> Frame | None:
    """The Layer III frame whose header begins at `offset`; None without one."""
    if len(data) < offset + 4 or data[offset] != 0xFF or data[offset + 1] & 0xE0 != 0xE0:
        return None
    version = _VERSIONS.get(data[offset + 1] >> 3 & 3)
    layer = data[offset + 1] >> 1 & 3
    bit_rate, rate, padding = data[offset + 2] >> 4, data[offset + 2] >> 2 & 3, data[offset + 2] >> 1 & 1
    if version is None or layer != _LAYER_III or not 0 < bit_rate < 15 or rate == 3:
        return None
    name, sample_rates = version
    samples = 1152 if name == "1" else 576
    kbit_per_s = _KBIT_PER_S["1" if name == "1" else "2"][bit_rate - 1]
    size_bytes = samples // 8 * kbit_per_s * 1000 // sample_rates[rate] + padding
    return Frame(name, sample_rates[rate], samples, size_bytes)


def has_frames(data: bytes) -> bool:
    """Whether the data holds any sound. `data` may be cut off at its end."""
    return _first_frame(data, _after_tags(data)) < len(data)


def duration_ms(data: bytes) -> int:
    """0 for data without a frame."""
    offset = _first_frame(data, _after_tags(data))
    first = frame_at(data, offset)
    if first is None:
        return 0
    info = max(data.find(b"Xing", offset, offset + _INFO_WITHIN), data.find(b"Info", offset, offset + _INFO_WITHIN))
    added = 0
    if info >= 0:
        gaps = int.from_bytes(data[info + _GAPS_AFTER_INFO : info + _GAPS_AFTER_INFO + 3], "big")
        added = (gaps >> 12) + (gaps & 0xFFF)
        offset += first.size_bytes
    samples = _count_frames(data, offset, first) * first.samples
    return max(0, round((samples - added) * 1000 / first.sample_rate))


def _count_frames(data: bytes, offset: int, like: Frame) -> int:
    count = 0
    while offset + 4 <= len(data):
        frame = frame_at(data, offset)
        if frame is not None and (frame.version, frame.sample_rate) == (like.version, like.sample_rate):
            count += 1
            offset += frame.size_bytes
        elif data.startswith((b"TAG", b"APETAGEX"), offset):
            break
        else:
            offset = _first_frame(data, offset + 1)
    return count


def _after_tags(data: bytes) -> int:
    """The offset after the ID3v2 tags at the beginning. The bytes of their sizes carry seven bits each."""
    offset = 0
    while data.startswith(b"ID3", offset) and len(data) >= offset + _ID3_HEADER:
        footer = _ID3_HEADER if data[offset + 5] & 0x10 else 0
        size = 0
        for byte in data[offset + 6 : offset + _ID3_HEADER]:
            size = size << 7 | byte & 0x7F
        offset += _ID3_HEADER + size + footer
    return offset


def _first_frame(data: bytes, offset: int) -> int:
    """The offset of the next frame that another frame, or the end, follows. Without one, the length of the data."""
    while header := _HEADER.search(data, offset):
        offset = header.start()
        if frame := frame_at(data, offset):
            following = offset + frame.size_bytes
            if following >= len(data) - 4 or frame_at(data, following) or data.startswith(b"TAG", following):
                return offset
        offset += 1
    return len(data)
