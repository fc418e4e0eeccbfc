"""Whether a file is what its name says, and what else must hold of it: found in its bytes, never taken from its name.

Everything raises UnsupportedMediaError with a sentence that begins with the key.
"""

from io import BytesIO
from pathlib import PurePosixPath

from kairan.errors import UnsupportedMediaError
from kairan.line.limits import MAX_AUDIO_BYTES, MAX_IMAGE_BYTES, MAX_PREVIEW_BYTES, MAX_VIDEO_BYTES
from kairan.media import mp3
from kairan.media.model import MediaType
from kairan.media.sniffing import UNKNOWN, content_type_of, types_of

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


def named_type(key: str, among: dict[str, MediaType]) -> MediaType:
    """The type the name promises; `among` is what may be sent there."""
    promised = among.get(PurePosixPath(key).suffix.lower())
    if promised is None:
        raise UnsupportedMediaError(f"{key}: the name must end in {' or '.join(among)}")
    return promised


def check_type(key: str, first: bytes, promised: MediaType) -> None:
    """`first` is the beginning of the file, FIRST_BYTES of it when there are as many."""
    if promised not in types_of(first):
        found = content_type_of(first)
        what = "is of an unknown type" if found == UNKNOWN else f"looks like {found}"
        raise UnsupportedMediaError(f"{key}: the file {what}, not {promised} as its name says")


def check_size(key: str, size_bytes: int, limit: int) -> None:
    if size_bytes > limit:
        raise UnsupportedMediaError(f"{key}: {size_bytes:,} bytes; LINE takes {limit:,}")


def check_cover(key: str, size_bytes: int) -> None:
    """A preview that someone named: LINE shows no larger ones."""
    check_size(key, size_bytes, MAX_PREVIEW_BYTES)


def check_frames(key: str, data: bytes) -> None:
    """An MP3 of tags alone has the beginning of one. `data` may be cut off at its end."""
    if not mp3.has_frames(data):
        raise UnsupportedMediaError(f"{key}: not one MP3 frame is in it, so there is nothing to hear")


def audio_duration_ms(key: str, data: bytes, type_: MediaType) -> int:
    """How long the whole file plays, within 20 ms."""
    if type_ is MediaType.MP3:
        check_frames(key, data)
        duration_ms = mp3.duration_ms(data)
    else:
        duration_ms = _mp4_duration_ms(key, data)
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
