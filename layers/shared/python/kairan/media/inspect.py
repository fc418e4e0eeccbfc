"""What a file is, found in its bytes and never taken from its name.

Everything raises UnsupportedMediaError with a sentence that begins with the key.
"""

from io import BytesIO
from pathlib import PurePosixPath

from kairan.errors import UnsupportedMediaError
from kairan.line.limits import MAX_AUDIO_BYTES, MAX_IMAGE_BYTES, MAX_PREVIEW_BYTES, MAX_VIDEO_BYTES
from kairan.media import mp3
from kairan.media.model import MediaType

FIRST_BYTES = 4096
"""How much of a file tells its type."""
MAX_PIXELS = 40_000_000
MAX_MEASURED_BYTES = 20_000_000
"""An audio file is read whole to measure it; a larger one needs its duration given."""

IMAGES = {".jpg": MediaType.JPEG, ".jpeg": MediaType.JPEG, ".png": MediaType.PNG}
AUDIO = {".mp3": MediaType.MP3, ".m4a": MediaType.M4A}
VIDEOS = {".mp4": MediaType.MP4}
ENDINGS = IMAGES | AUDIO | VIDEOS

LIMITS = {
    MediaType.JPEG: MAX_IMAGE_BYTES,
    MediaType.PNG: MAX_IMAGE_BYTES,
    MediaType.MP3: MAX_AUDIO_BYTES,
    MediaType.M4A: MAX_AUDIO_BYTES,
    MediaType.MP4: MAX_VIDEO_BYTES,
}

_MP4_BRANDS = {b"isom", b"mp41", b"mp42", b"avc1", b"dash", b"M4A ", b"M4B ", b"M4V "} | {
    b"iso" + bytes([digit]) for digit in b"23456789abc"
}
_OTHER_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis", b"qt  ", b"crx "}
_AUDIO_BRANDS = {b"M4A ", b"M4B "}


def named_type(key: str, among: dict[str, MediaType]) -> MediaType:
    """The type the name promises; `among` is what may be sent there."""
    promised = among.get(PurePosixPath(key).suffix.lower())
    if promised is None:
        raise UnsupportedMediaError(f"{key}: the name must end in {' or '.join(among)}")
    return promised


def check_type(key: str, first: bytes, promised: MediaType) -> None:
    """`first` is the beginning of the file, FIRST_BYTES of it when there are as many."""
    found = _types_of(first)
    if promised not in found:
        what = f"looks like {found[0]}" if found else "is of an unknown type"
        raise UnsupportedMediaError(f"{key}: the file {what}, not {promised} as its name says")


def check_size(key: str, size_bytes: int, limit: int) -> None:
    if size_bytes > limit:
        raise UnsupportedMediaError(f"{key}: {size_bytes:,} bytes; LINE takes {limit:,}")


def check_cover(key: str, size_bytes: int) -> None:
    """A preview that someone named: LINE shows no larger ones."""
    check_size(key, size_bytes, MAX_PREVIEW_BYTES)


def _types_of(first: bytes) -> tuple[MediaType, ...]:
    if first.startswith(b"\xff\xd8\xff"):
        return (MediaType.JPEG,)
    if first.startswith(b"\x89PNG\r\n\x1a\n"):
        return (MediaType.PNG,)
    if first.startswith(b"ID3") or mp3.frame_at(first, 0) is not None:
        return (MediaType.MP3,)
    if first[4:8] == b"ftyp":
        return _mp4_types_of(first)
    return ()


def _mp4_types_of(first: bytes) -> tuple[MediaType, ...]:
    """MP4 and M4A are one container. A file that calls itself audio is no video; the reverse many encoders do."""
    box = first[: int.from_bytes(first[:4], "big")]
    major = box[8:12]
    compatible = {box[start : start + 4] for start in range(16, len(box) - 3, 4)}
    if major in _OTHER_BRANDS or not _MP4_BRANDS & (compatible | {major}):
        return ()
    return (MediaType.M4A,) if major in _AUDIO_BRANDS else (MediaType.MP4, MediaType.M4A)


def audio_duration_ms(key: str, data: bytes, type_: MediaType) -> int:
    """How long the whole file plays, within 20 ms."""
    duration_ms = mp3.duration_ms(data) if type_ is MediaType.MP3 else _mp4_duration_ms(key, data)
    if duration_ms <= 0:
        raise UnsupportedMediaError(f"{key}: the file does not tell how long it plays; give the duration in ms")
    return duration_ms


def _mp4_duration_ms(key: str, data: bytes) -> int:
    from tinytag import TinyTag, TinyTagException

    try:
        tag = TinyTag.get(file_obj=BytesIO(data), tags=False)
    except TinyTagException as error:
        raise UnsupportedMediaError(f"{key}: the file cannot be read: {error}") from error
    return round((tag.duration or 0) * 1000)
