"""Facts about a file."""

from dataclasses import dataclass
from enum import StrEnum


class MediaType(StrEnum):
    """The files that LINE plays and shows. The value is the content type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    MP3 = "audio/mpeg"
    M4A = "audio/mp4"
    MP4 = "video/mp4"


IMAGES = {
    ".jpg": MediaType.JPEG,
    ".jpeg": MediaType.JPEG,
    ".jpe": MediaType.JPEG,
    ".jfif": MediaType.JPEG,
    ".png": MediaType.PNG,
}
AUDIO = {".mp3": MediaType.MP3, ".m4a": MediaType.M4A}
VIDEOS = {".mp4": MediaType.MP4}
"""The endings that names may have, and the type that each promises."""

SERVED_AS = {
    MediaType.JPEG: {"image/jpeg", "image/jpg", "image/pjpeg"},
    MediaType.PNG: {"image/png", "image/x-png"},
    MediaType.MP3: {"audio/mpeg", "audio/mp3"},
    MediaType.M4A: {"audio/mp4", "audio/m4a", "audio/x-m4a", "audio/aac", "video/mp4"},
    MediaType.MP4: {"video/mp4", "video/x-m4v"},
}
"""The content types under which phones show and play a file of each type."""


@dataclass(frozen=True)
class Facts:
    """What inspecting a file showed.

    - `width`, `height`: of an image as stored, before any EXIF rotation
    - `duration_ms`: of an audio file, once measured
    """

    type: MediaType
    size_bytes: int
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
