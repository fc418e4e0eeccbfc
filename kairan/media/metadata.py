"""Takes the metadata out of an image, so that no metadata can keep a picture from being decoded.

Cameras and programs write metadata that decoders stumble over. A picture needs two things of them: how it is turned,
and in which colours. Sources: ITU T.81 (JPEG), the PNG specification (third edition), ISO 15076 (ICC).
"""

import warnings
import zlib
from collections.abc import Iterator
from typing import NamedTuple

MAX_PROFILE_BYTES = 65_536
"""A preview carries the profile, too. Profiles of cameras and screens have some hundred bytes."""
ORIENTATION = 0x0112
"""EXIF's tag ("Orientation")."""

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_PICTURE = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_ICC = b"ICC_PROFILE\0"
_EXIF = b"Exif\0\0"
_SCAN, _END = 0xDA, 0xD9
_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})
"""Markers without a length."""
_METADATA = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})
"""Application segments and comments, except JFIF's and Adobe's, which say how colours are stored."""


class Bare(NamedTuple):
    """- `data`: the image without metadata
    - `exif`, `profile`: what it had; empty if there was none or it cannot be read
    """

    data: bytes
    exif: bytes = b""
    profile: bytes = b""

    @property
    def orientation(self) -> int:
        """EXIF's, 1 to 8; 1 is upright."""
        from PIL.Image import Exif

        exif = Exif()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                exif.load(self.exif)
                orientation = exif.get(ORIENTATION, 1)
        except Exception:  # noqa: BLE001  whatever a library raises, the picture can be shown
            return 1
        return orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1

    @property
    def rgb_profile(self) -> bytes | None:
        """The profile, if it is one of RGB colours and small enough to carry along."""
        is_rgb = self.profile[16:20] == b"RGB " and self.profile[36:40] == b"acsp"
        return self.profile if is_rgb and len(self.profile) <= MAX_PROFILE_BYTES else None


def bare(data: bytes) -> Bare:
    """Leaves data that is neither JPEG nor PNG as it is, and everything after the first damage."""
    if data.startswith(_PNG):
        return _bare_png(data)
    return _bare_jpeg(data) if data.startswith(b"\xff\xd8") else Bare(data)


def scans_of(data: bytes) -> int:
    """How many scans a bare JPEG is built of. A progressive one has several."""
    if not data.startswith(b"\xff\xd8"):
        return 0
    start = data.find(b"\xff\xda")
    end = data.find(b"\xff\xd9", start)  # something else may follow the picture
    return data.count(b"\xff\xda", start, end if end >= 0 else len(data)) if start >= 0 else 0


def _bare_jpeg(data: bytes) -> Bare:
    kept, exif, profile = [data[:2]], b"", []
    end = 2
    for start, end, marker in _segments(data):
        content = data[start + 4 : end]
        if marker == 0xE1 and content.startswith(_EXIF):
            exif = exif or content
        elif marker == 0xE2 and content.startswith(_ICC):
            profile.append((content[len(_ICC) : len(_ICC) + 1], content[len(_ICC) + 2 :]))
        elif marker not in _METADATA:
            kept.append(data[start:end])
    kept.append(data[end:])
    return Bare(b"".join(kept), exif, b"".join(part for _, part in sorted(profile)))


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(start, end, marker) of each segment before the first scan."""
    start = 2
    while start + 4 <= len(data) and data[start] == 0xFF:
        marker = data[start + 1]
        if marker == 0xFF:  # a filler
            start += 1
        elif marker in _ALONE:
            start += 2
        elif marker in (_SCAN, _END):
            return
        else:
            end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
            if end > len(data):
                return
            yield start, end, marker
            start = end


def _bare_png(data: bytes) -> Bare:
    kept, exif, profile = [_PNG], b"", b""
    start = len(_PNG)
    while start + 12 <= len(data):
        end = start + 12 + int.from_bytes(data[start : start + 4], "big")
        if end > len(data):
            break
        kind, content = data[start + 4 : start + 8], data[start + 8 : end - 4]
        if kind in _PNG_PICTURE:
            kept.append(data[start:end])
        elif kind == b"eXIf":
            exif = content
        elif kind == b"iCCP":
            profile = _unpacked(content.partition(b"\0")[2][1:])
        start = end
    kept.append(data[start:])
    return Bare(b"".join(kept), exif, profile)


def _unpacked(data: bytes) -> bytes:
    """A profile, up to what a preview may carry and one byte more."""
    try:
        return zlib.decompressobj().decompress(data, MAX_PROFILE_BYTES + 1)
    except zlib.error:
        return b""
