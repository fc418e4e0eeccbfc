"""One media bucket in S3, served by the distribution at `base_url`.

What was found about a file is kept beside the previews, under a name with the file's ETag: `previews/<key>.<ETag>.json` and
`previews/<key>.<ETag>.jpg`. A file that is overwritten is looked at anew.
"""

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

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
from kairan.media.keys import PREVIEWS, MediaKey
from kairan.media.links import link
from kairan.media.model import AudioLink, Facts, ImageLinks, MediaType, VideoLinks
from kairan.media.preview import image_size, make_preview
from kairan.media.s3_bucket import S3Bucket, StoredObject
from kairan.media.sniffing import FIRST_BYTES

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class S3Media:
    def __init__(self, bucket: str, *, base_url: str, client: "S3Client | None" = None) -> None:
        self._bucket = S3Bucket(bucket, client=client)
        self._base_url = base_url.rstrip("/")

    def image(self, key: MediaKey, preview: MediaKey | None = None) -> ImageLinks:
        image, _ = self._examined(key, IMAGES)
        if preview is None:
            return ImageLinks(self._link(image), self._link(self._preview_of(image)))
        return ImageLinks(self._link(image), self._link(self._cover(preview)))

    def audio(self, key: MediaKey, duration_ms: int | None = None) -> AudioLink:
        audio, facts = self._examined(key, AUDIO)
        if duration_ms is None:
            duration_ms = facts.duration_ms if facts.duration_ms is not None else self._measured(audio, facts)
        return AudioLink(self._link(audio), duration_ms)

    def video(self, key: MediaKey, preview: MediaKey) -> VideoLinks:
        video, _ = self._examined(key, VIDEOS)
        return VideoLinks(self._link(video), self._link(self._cover(preview)))

    def _link(self, object_: StoredObject) -> str:
        return link(self._base_url, object_.key, object_.etag)

    def _cover(self, key: MediaKey) -> StoredObject:
        cover, _ = self._examined(key, IMAGES)
        check_cover(key, cover.size_bytes)
        return cover

    def _examined(self, key: MediaKey, among: dict[str, MediaType]) -> tuple[StoredObject, Facts]:
        promised = named_type(key, among)
        found = self._bucket.find(key)
        if found is None:
            raise MediaNotFoundError(f"{key}: not in the bucket {self._bucket.name}")
        kept = self._kept_facts(found)
        if kept is not None and kept.type is promised:
            return found, kept
        check_size(key, found.size_bytes, LIMITS[promised])
        check_type(key, self._bucket.read(found, FIRST_BYTES), promised)
        facts = Facts(promised, found.size_bytes)
        if promised in IMAGES.values():
            width, height = image_size(key, self._bucket.read(found))
            facts = replace(facts, width=width, height=height)
        self._keep_facts(found, facts)
        return found, facts

    def _measured(self, audio: StoredObject, facts: Facts) -> int:
        if audio.size_bytes > MAX_MEASURED_BYTES:
            raise UnsupportedMediaError(
                f"{audio.key}: {audio.size_bytes:,} bytes is too long to measure; give its duration in ms with it"
            )
        duration_ms = audio_duration_ms(audio.key, self._bucket.read(audio), facts.type)
        self._keep_facts(audio, replace(facts, duration_ms=duration_ms))
        return duration_ms

    def _preview_of(self, image: StoredObject) -> StoredObject:
        key = _kept(image, ".jpg")
        made = self._bucket.find(key)
        if made is not None:
            return made
        return self._bucket.write(key, make_preview(image.key, self._bucket.read(image)), MediaType.JPEG)

    def _kept_facts(self, object_: StoredObject) -> Facts | None:
        data = self._bucket.read_if_there(_kept(object_, ".json"))
        if data is None:
            return None
        kept = json.loads(data)
        return Facts(**kept | {"type": MediaType(kept["type"])})

    def _keep_facts(self, object_: StoredObject, facts: Facts) -> None:
        known = {name: value for name, value in asdict(facts).items() if value is not None}
        self._bucket.write(_kept(object_, ".json"), json.dumps(known).encode(), "application/json")


def _kept(object_: StoredObject, ending: str) -> str:
    return f"{PREVIEWS}{object_.key}.{object_.etag.strip(chr(34))}{ending}"
