"""A media bucket in memory: what a sender sees of `kairan.media.s3`, and nothing kept."""

import hashlib
from collections.abc import Mapping

from kairan.errors import MediaNotFoundError, UnsupportedMediaError
from kairan.media.inspect import (
    AUDIO,
    IMAGES,
    LIMITS,
    MAX_MEASURED_BYTES,
    VIDEOS,
    audio_duration_ms,
    check_cover,
    check_size,
    check_type,
    named_type,
)
from kairan.media.keys import MediaKey
from kairan.media.links import link
from kairan.media.model import AudioLink, ImageLinks, MediaType, VideoLinks
from kairan.media.preview import image_size, make_preview
from kairan.media.sniffing import FIRST_BYTES


class FakeMedia:
    def __init__(self, files: Mapping[str, bytes] | None = None, *, base_url: str = "https://media.example") -> None:
        self.files = dict(files or {})
        self._base_url = base_url

    def image(self, key: MediaKey, preview: MediaKey | None = None) -> ImageLinks:
        data = self._examined(key, IMAGES)
        if preview is None:
            made = f"previews/{key}.{_etag(data)}.jpg"
            return ImageLinks(self._link(key, data), self._link(made, make_preview(key, data)))
        return ImageLinks(self._link(key, data), self._cover(preview))

    def audio(self, key: MediaKey, duration_ms: int | None = None) -> AudioLink:
        data = self._examined(key, AUDIO)
        if duration_ms is None and len(data) > MAX_MEASURED_BYTES:
            raise UnsupportedMediaError(f"{key}: too long to measure; give its duration in ms with it")
        return AudioLink(
            self._link(key, data),
            audio_duration_ms(key, data, named_type(key, AUDIO)) if duration_ms is None else duration_ms,
        )

    def video(self, key: MediaKey, preview: MediaKey) -> VideoLinks:
        return VideoLinks(self._link(key, self._examined(key, VIDEOS)), self._cover(preview))

    def _cover(self, key: MediaKey) -> str:
        data = self._examined(key, IMAGES)
        check_cover(key, len(data))
        return self._link(key, data)

    def _examined(self, key: MediaKey, among: dict[str, MediaType]) -> bytes:
        promised = named_type(key, among)
        if key not in self.files:
            raise MediaNotFoundError(f"{key}: not in the bucket")
        data = self.files[key]
        check_size(key, len(data), LIMITS[promised])
        check_type(key, data[:FIRST_BYTES], promised)
        if among is IMAGES:
            image_size(key, data)
        return data

    def _link(self, key: str, data: bytes) -> str:
        return link(self._base_url, key, _etag(data))


def _etag(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
