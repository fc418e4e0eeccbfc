"""A media bucket in memory: what a sender sees of `kairan.media.s3`, and nothing kept; and the uploads to it."""

import hashlib
from collections.abc import Mapping

from kairan.clock import Clock
from kairan.content import Audio, Image, Video
from kairan.errors import MediaNotFoundError, UnsupportedMediaError
from kairan.media.inspect import (
    LIMITS,
    MAX_MEASURED_BYTES,
    audio_duration_ms,
    check_cover,
    check_size,
    check_type,
    named_type,
)
from kairan.media.keys import MediaKey
from kairan.media.links import link
from kairan.media.model import AUDIO, IMAGES, VIDEOS, MediaType
from kairan.media.preview import image_size, make_preview
from kairan.media.sniffing import FIRST_BYTES
from kairan.media.uploads import (
    UPLOAD_TICKET_LASTS,
    Kind,
    UploadTicket,
    bytes_to_check,
    check_announced,
    check_content,
    check_upload,
    is_incoming,
    key_at,
    name_of,
    new_incoming_key,
    own_key,
)
from kairan.text import spellings


class FakeMedia:
    def __init__(self, files: Mapping[str, bytes] | None = None, *, base_url: str = "https://media.example") -> None:
        self.files = dict(files or {})
        self._base_url = base_url

    def image(self, key: MediaKey, preview: MediaKey | None = None) -> Image:
        key, data = self._examined(key, IMAGES)
        if preview is None:
            made = f"previews/{key}.{_etag(data)}.jpg"
            return Image(self._link(key, data), self._link(made, make_preview(key, data)), (key,))
        cover, cover_link = self._cover(preview)
        return Image(self._link(key, data), cover_link, (key, cover))

    def audio(self, key: MediaKey, duration_ms: int | None = None) -> Audio:
        key, data = self._examined(key, AUDIO)
        if duration_ms is None and len(data) > MAX_MEASURED_BYTES:
            raise UnsupportedMediaError(f"{key}: too long to measure; give its duration in ms with it")
        return Audio(
            self._link(key, data),
            audio_duration_ms(key, data, named_type(key, AUDIO)) if duration_ms is None else duration_ms,
            (key,),
        )

    def video(self, key: MediaKey, preview: MediaKey) -> Video:
        key, data = self._examined(key, VIDEOS)
        cover, cover_link = self._cover(preview)
        return Video(self._link(key, data), cover_link, media_keys=(key, cover))

    def _cover(self, key: MediaKey) -> tuple[MediaKey, str]:
        key, data = self._examined(key, IMAGES)
        check_cover(key, len(data))
        return key, self._link(key, data)

    def _examined(self, asked: MediaKey, among: dict[str, MediaType]) -> tuple[MediaKey, bytes]:
        """The file, and its key as it is stored."""
        promised = named_type(asked, among)
        key = next((MediaKey(each) for each in spellings(asked) if each in self.files), None)
        if key is None:
            raise MediaNotFoundError(f"{asked}: not in the bucket")
        data = self.files[key]
        check_size(key, len(data), LIMITS[promised])
        check_type(key, data[:FIRST_BYTES], promised)
        if among is IMAGES:
            image_size(key, data)
        return key, data

    def _link(self, key: str, data: bytes) -> str:
        return link(self._base_url, key, _etag(data))


class FakeUploads:
    """Uploads to the bucket whose `files` are given: those of a FakeMedia. What was posted with an upload ticket's form
    is put there by the test."""

    def __init__(self, files: dict[str, bytes], *, kind: Kind, clock: Clock) -> None:
        self.files = files
        self._kind = kind
        self._clock = clock

    def presign_upload(self, name: str, content_type: str, size_bytes: int) -> UploadTicket:
        type_ = check_announced(self._kind, name, content_type, size_bytes)
        key = new_incoming_key(name)
        fields = {"key": key, "Content-Type": type_.value}
        return UploadTicket(key, "https://uploads.example", fields, self._clock.now() + UPLOAD_TICKET_LASTS)

    def store(self, place: str, data: bytes, type_: MediaType) -> MediaKey:
        key = key_at(place, type_)
        self.files[key] = data
        return key

    def publish_upload(self, incoming_key: str, place: str, *, kind: Kind) -> MediaKey:
        data = self.files.get(incoming_key) if is_incoming(incoming_key) else None
        if data is None:
            raise MediaNotFoundError(f"{incoming_key}: nothing was uploaded under this key")
        name = name_of(incoming_key)
        type_ = check_upload(self._kind, kind, name, len(data))
        check_content(name, data[: bytes_to_check(type_)], type_)
        return self.store(place, data, type_)

    def remove(self, key: MediaKey) -> None:
        self.files.pop(own_key(key), None)


def _etag(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
