"""How long the sound of an MP4 or M4A plays, also of one in fragments, as browsers record it.

Source: ISO 14496-12 (boxes; all ones in a duration mean that it is unknown).
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"moof", b"traf", b"mvex"})
_UNKNOWN = {4: 0xFFFFFFFF, 8: 0xFFFFFFFFFFFFFFFF}
_MAX_BOXES = 100_000
_DEFAULT_DURATION, _SAMPLE_DURATION = 0x8, 0x100
"""Flags of a fragment's header, and of its run of samples."""


class _Box(NamedTuple):
    kind: bytes
    data: memoryview


def duration_ms(data: bytes) -> int:
    """0 where the file does not tell. A damaged file tells what its readable part holds."""
    reader = _Reader()
    for count, box in enumerate(_boxes(memoryview(data))):
        if count > _MAX_BOXES:
            return 0
        reader.take(box)
    return reader.duration_ms()


def _boxes(data: memoryview) -> Iterator[_Box]:
    """Every box in its order, containers before what they contain."""
    start = 0
    while start + 8 <= len(data):
        size, header = _number(data, start, 4), 8
        if size == 1 and start + 16 <= len(data):
            size, header = _number(data, start + 8, 8), 16
        end = len(data) if size == 0 else start + size
        if end < start + header:
            return
        box = _Box(bytes(data[start + 4 : start + 8]), data[start + header : end])
        yield box
        if box.kind in _CONTAINERS:
            yield from _boxes(box.data)
        start = end


class _Reader:
    def __init__(self) -> None:
        self._movie_ms = 0
        self._track = 0
        self._scales: dict[int, int] = {}
        self._units: dict[int, int] = {}
        self._defaults: dict[int, int] = {}
        self._in_fragments: dict[int, int] = {}
        self._each = 0

    def take(self, box: _Box) -> None:
        data = box.data
        if len(data) < 8:
            return
        flags = _number(data, 0, 4) & 0xFFFFFF
        match box.kind:
            case b"mvhd" | b"mdhd":
                width = 8 if data[0] == 1 else 4
                scale, units = _number(data, 4 + 2 * width, 4), _number(data, 8 + 2 * width, width)
                if units == _UNKNOWN[width]:
                    units = 0
                if box.kind == b"mdhd":
                    self._scales[self._track], self._units[self._track] = scale, units
                elif scale:
                    self._movie_ms = round(units * 1000 / scale)
            case b"tkhd":
                self._track = _number(data, 20 if data[0] == 1 else 12, 4)
            case b"trex":
                self._defaults[_number(data, 4, 4)] = _number(data, 12, 4)
            case b"tfhd":
                self._track = _number(data, 4, 4)
                self._each = self._defaults.get(self._track, 0)
                if flags & _DEFAULT_DURATION:
                    before = 8 * (flags & 1) + 4 * (flags >> 1 & 1)
                    self._each = _number(data, 8 + before, 4)
            case b"trun":
                units = self._in_fragments.get(self._track, 0)
                self._in_fragments[self._track] = units + self._units_of_run(data, flags)

    def _units_of_run(self, data: memoryview, flags: int) -> int:
        samples = _number(data, 4, 4)
        if not flags & _SAMPLE_DURATION:
            return samples * self._each
        start = 8 + 4 * (flags & 1) + 4 * (flags >> 2 & 1)
        width = 4 * (flags >> 8 & 0xF).bit_count()
        samples = min(samples, max(0, len(data) - start) // width)
        return sum(_number(data, start + number * width, 4) for number in range(samples))

    def duration_ms(self) -> int:
        """The movie's own duration is without the silence that an encoder adds. Fragments are not part of it."""
        if self._in_fragments:
            return self._longest(self._in_fragments)
        return self._movie_ms or self._longest(self._units)

    def _longest(self, units: Mapping[int, int]) -> int:
        return max(
            (round(units.get(track, 0) * 1000 / scale) for track, scale in self._scales.items() if scale), default=0
        )


def _number(data: memoryview, start: int, width: int) -> int:
    return int.from_bytes(data[start : start + width], "big")
