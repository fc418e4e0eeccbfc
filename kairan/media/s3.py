"""One media bucket in S3, served by the distribution at `base_url`.

Facts about a file are stored beside the previews, under names with the file's ETag: `previews/<key>.<ETag>.json` and
`previews/<key>.<ETag>.jpg`. An overwritten file is inspected anew.
"""

import json
from dataclasses import asdict, replace
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
from kairan.media.model import AUDIO, IMAGES, VIDEOS, Facts, MediaType
from kairan.media.preview import image_size, make_preview
from kairan.media.s3_bucket import S3Bucket, StoredObject
from kairan.media.sniffing import FIRST_BYTES

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Media:
    def __init__(self, bucket: str, *, base_url: str, client: "S3Client | None" = None) -> None:
        self._bucket = S3Bucket(bucket, client=client)
        self._base_url = base_url.rstrip("/")

    def image(self, key: MediaKey, preview: MediaKey | None = None) -> Image:
        image, _ = self._examine(key, IMAGES)
        if preview is None:
            return Image(self._link(image), self._link(self._preview_of(image)), (key,))
        return Image(self._link(image), self._link(self._cover(preview)), (key, preview))

    def audio(self, key: MediaKey, duration_ms: int | None = None) -> Audio:
        audio, facts = self._examine(key, AUDIO)
        if duration_ms is None:
            duration_ms = facts.duration_ms if facts.duration_ms is not None else self._measure(audio, facts)
        return Audio(self._link(audio), duration_ms, (key,))

    def video(self, key: MediaKey, preview: MediaKey) -> Video:
        video, _ = self._examine(key, VIDEOS)
        return Video(self._link(video), self._link(self._cover(preview)), media_keys=(key, preview))

    def _link(self, object_: StoredObject) -> str:
        return link(self._base_url, object_.key, object_.etag)

    def _cover(self, key: MediaKey) -> StoredObject:
        cover, _ = self._examine(key, IMAGES)
        check_cover(key, cover.size_bytes)
        return cover

    def _examine(self, key: MediaKey, allowed: dict[str, MediaType]) -> tuple[StoredObject, Facts]:
        promised = named_type(key, allowed)
        object_ = self._bucket.find(key)
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
