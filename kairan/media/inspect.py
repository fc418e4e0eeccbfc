"""Checks a file by its bytes: whether it is what its name says, and whether it keeps the limits.

Every function raises UnsupportedMediaError with a sentence that begins with the key.
"""

from pathlib import PurePosixPath

from kairan.errors import UnsupportedMediaError
from kairan.media import mp3
from kairan.media.model import MediaType
from kairan.media.sniffing import UNKNOWN, content_type_of, types_of
from kairan.messengers.line.limits import (
    MAX_AUDIO_BYTES,
    MAX_AUDIO_DURATION_MS,
    MAX_IMAGE_BYTES,
    MAX_PREVIEW_BYTES,
    MAX_VIDEO_BYTES,
)

MAX_PIXELS = 40_000_000
MAX_MEASURED_BYTES = 20_000_000
"""Measuring reads the whole audio file, so the caller must state the duration of a larger one."""

LIMITS = {
    MediaType.JPEG: MAX_IMAGE_BYTES,
    MediaType.PNG: MAX_IMAGE_BYTES,
    MediaType.MP3: MAX_AUDIO_BYTES,
    MediaType.M4A: MAX_AUDIO_BYTES,
    MediaType.MP4: MAX_VIDEO_BYTES,
}


def named_type(key: str, allowed: dict[str, MediaType]) -> MediaType:
    """The type that the name's ending promises. `allowed` maps endings to types."""
    promised = allowed.get(PurePosixPath(key).suffix.lower())
    if promised is None:
        raise UnsupportedMediaError(
            f"{key}: the name must end in {' or '.join(allowed)}; rename the file if it is one of these"
        )
    return promised


def check_type(key: str, first: bytes, promised: MediaType) -> None:
    """`first` is the beginning of the file: FIRST_BYTES of it, or all of a smaller one."""
    if promised not in types_of(first):
        detected = content_type_of(first)
        what = "is of an unknown type" if detected == UNKNOWN else f"looks like {detected}"
        raise UnsupportedMediaError(f"{key}: the file {what}, not {promised} as its name says")


def check_size(key: str, size_bytes: int, limit: int) -> None:
    if size_bytes > limit:
        raise UnsupportedMediaError(f"{key}: {size_bytes:,} bytes; LINE takes {limit:,}")


def check_cover(key: str, size_bytes: int) -> None:
    """A caller's own preview must keep LINE's limit."""
    check_size(key, size_bytes, MAX_PREVIEW_BYTES)


def check_frames(key: str, data: bytes) -> None:
    """Refuses an MP3 that has tags alone; it begins like any other. `data` may be cut off at its end."""
    if not mp3.has_frames(data):
        raise UnsupportedMediaError(f"{key}: the file holds no MP3 frame, so there is nothing to hear")


def audio_duration_ms(key: str, data: bytes, type_: MediaType) -> int:
    """How long the whole file plays, within 20 ms."""
    if type_ is MediaType.MP3:
        check_frames(key, data)
        duration_ms = mp3.duration_ms(data)
    else:
        from kairan.media import mp4  # most calls show no sound of this kind

        duration_ms = mp4.duration_ms(data)
    if not 0 < duration_ms <= MAX_AUDIO_DURATION_MS:
        raise UnsupportedMediaError(f"{key}: the file does not tell how long it plays; give the duration in ms")
    return duration_ms
