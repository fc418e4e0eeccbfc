"""What is known about a file, and the links a message is made of."""

from dataclasses import dataclass
from enum import StrEnum


class MediaType(StrEnum):
    """The files LINE plays and shows; the value is the content type."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    MP3 = "audio/mpeg"
    M4A = "audio/mp4"
    MP4 = "video/mp4"


@dataclass(frozen=True)
class Facts:
    """What was found in a file. `width` and `height` belong to images (as stored, before any EXIF rotation); `duration_ms`
    to audio, once measured."""

    type: MediaType
    size_bytes: int
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None


@dataclass(frozen=True)
class ImageLinks:
    url: str
    preview_url: str


@dataclass(frozen=True)
class AudioLink:
    url: str
    duration_ms: int


@dataclass(frozen=True)
class VideoLinks:
    url: str
    preview_url: str
