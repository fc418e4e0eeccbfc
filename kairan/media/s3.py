"""One media bucket in S3, served by the distribution at `base_url`.

Facts about a file are stored beside the previews, under names with the file's ETag: `previews/<key>.<ETag>.json` and
`previews/<key>.<ETag>.jpg`. An overwritten file is inspected anew.

A file that was stored without its content type would be served as mere bytes. Then a copy with the right one is linked:
`previews/<key>.<ETag>.served.<ending>`.
"""

import json
from dataclasses import asdict, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from kairan.content import Audio, Image, Video
from kairan.contract import PREVIEWS
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
from kairan.media.model import AUDIO, IMAGES, SERVED_AS, VIDEOS, Facts, MediaType
from kairan.media.preview import image_size, make_preview
from kairan.media.s3_bucket import S3Bucket, StoredObject
from kairan.media.sniffing import FIRST_BYTES
from kairan.text import spellings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Media:
    def __init__(self, bucket: str, *, base_url: str, client: "S3Client | None" = None) -> None:
        self._bucket = S3Bucket(bucket, client=client)
        self._base_url = base_url.rstrip("/")

    def image(self, key: MediaKey, preview: MediaKey | None = None) -> Image:
        image, facts = self._examine(key, IMAGES)
        if preview is None:
            return Image(self._link(image, facts), self._link_to(self._preview_of(image)), (image.key,))
        cover, cover_facts = self._cover(preview)
        return Image(self._link(image, facts), self._link(cover, cover_facts), (image.key, cover.key))

    def audio(self, key: MediaKey, duration_ms: int | None = None) -> Audio:
        audio, facts = self._examine(key, AUDIO)
        if duration_ms is None:
            duration_ms = facts.duration_ms if facts.duration_ms is not None else self._measure(audio, facts)
        return Audio(self._link(audio, facts), duration_ms, (audio.key,))

    def video(self, key: MediaKey, preview: MediaKey) -> Video:
        video, facts = self._examine(key, VIDEOS)
        cover, cover_facts = self._cover(preview)
        return Video(self._link(video, facts), self._link(cover, cover_facts), media_keys=(video.key, cover.key))

    def _link(self, object_: StoredObject, facts: Facts) -> str:
        return self._link_to(self._served(object_, facts.type))

    def _link_to(self, object_: StoredObject) -> str:
        return link(self._base_url, object_.key, object_.etag)

    def _served(self, object_: StoredObject, type_: MediaType) -> StoredObject:
        """The object, or its copy with the content type that its bytes have."""
        if object_.content_type.partition(";")[0].strip().lower() in SERVED_AS[type_]:
            return object_
        key = _derived_key(object_, f".served{PurePosixPath(object_.key).suffix.lower()}")
        return self._bucket.find(key) or self._bucket.copy(object_, key, type_)

    def _cover(self, key: MediaKey) -> tuple[StoredObject, Facts]:
        cover, facts = self._examine(key, IMAGES)
        check_cover(key, cover.size_bytes)
        return cover, facts

    def _find(self, key: MediaKey) -> StoredObject | None:
        """Also under a key that only looks equal."""
        return next((found for each in spellings(key) if (found := self._bucket.find(each)) is not None), None)

    def _examine(self, key: MediaKey, allowed: dict[str, MediaType]) -> tuple[StoredObject, Facts]:
        promised = named_type(key, allowed)
        object_ = self._find(key)
        if object_ is None:
            raise MediaNotFoundError(f"{key}: not in the bucket {self._bucket.name}")
        stored = self._stored_facts(object_)
        if stored is not None and stored.type is promised:
            return object_, stored
        check_size(key, object_.size_bytes, LIMITS[promised])
        check_type(key, self._bucket.read(object_, FIRST_BYTES), promised)
        facts = Facts(promised, object_.size_bytes)
        if promised in IMAGES.values():
            width, height = image_size(key, self._bucket.read(object_))
            facts = replace(facts, width=width, height=height)
        self._store_facts(object_, facts)
        return object_, facts

    def _measure(self, audio: StoredObject, facts: Facts) -> int:
        if audio.size_bytes > MAX_MEASURED_BYTES:
            raise UnsupportedMediaError(
                f"{audio.key}: {audio.size_bytes:,} bytes are too many to measure; give its duration in ms"
            )
        duration_ms = audio_duration_ms(audio.key, self._bucket.read(audio), facts.type)
        self._store_facts(audio, replace(facts, duration_ms=duration_ms))
        return duration_ms

    def _preview_of(self, image: StoredObject) -> StoredObject:
        key = _derived_key(image, ".jpg")
        stored = self._bucket.find(key)
        if stored is not None:
            return stored
        return self._bucket.write(key, make_preview(image.key, self._bucket.read(image)), MediaType.JPEG)

    def _stored_facts(self, object_: StoredObject) -> Facts | None:
        data = self._bucket.read_if_present(_derived_key(object_, ".json"))
        if data is None:
            return None
        stored = json.loads(data)
        return Facts(**stored | {"type": MediaType(stored["type"])})

    def _store_facts(self, object_: StoredObject, facts: Facts) -> None:
        present = {name: value for name, value in asdict(facts).items() if value is not None}
        self._bucket.write(_derived_key(object_, ".json"), json.dumps(present).encode(), "application/json")


def _derived_key(object_: StoredObject, ending: str) -> str:
    return f"{PREVIEWS}{object_.key}.{object_.etag.strip(chr(34))}{ending}"
