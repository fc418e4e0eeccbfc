"""One media bucket in S3, served by the distribution at `base_url`.

What was found about a file is kept beside the previews, under a name with the file's ETag: `previews/<key>.<ETag>.json` and
`previews/<key>.<ETag>.jpg`. A file that is overwritten is looked at anew.
"""

import json
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from kairan import aws
from kairan.errors import MediaNotFoundError, UnsupportedMediaError
from kairan.media.inspect import (
    AUDIO,
    FIRST_BYTES,
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

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_ABSENT = (403, 404)
"""Without the permission to list a bucket, S3 answers 403 for a key that is not there ("HeadObject")."""


@dataclass(frozen=True)
class _Object:
    key: str
    etag: str
    size_bytes: int

    def kept(self, ending: str) -> str:
        return f"{PREVIEWS}{self.key}.{self.etag.strip(chr(34))}{ending}"


class S3Media:
    def __init__(self, bucket: str, *, base_url: str, client: "S3Client | None" = None) -> None:
        self._bucket = bucket
        self._base_url = base_url.rstrip("/")
        self._given_client = client

    @property
    def _s3(self) -> "S3Client":
        return self._given_client or aws.client("s3")

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

    def _link(self, object_: _Object) -> str:
        return link(self._base_url, object_.key, object_.etag)

    def _cover(self, key: MediaKey) -> _Object:
        cover, _ = self._examined(key, IMAGES)
        check_cover(key, cover.size_bytes)
        return cover

    def _examined(self, key: MediaKey, among: dict[str, MediaType]) -> tuple[_Object, Facts]:
        promised = named_type(key, among)
        found = self._head(key)
        if found is None:
            raise MediaNotFoundError(f"{key}: not in the bucket {self._bucket}")
        kept = self._kept_facts(found)
        if kept is not None and kept.type is promised:
            return found, kept
        check_size(key, found.size_bytes, LIMITS[promised])
        check_type(key, self._read(found, FIRST_BYTES), promised)
        facts = Facts(promised, found.size_bytes)
        if promised in IMAGES.values():
            width, height = image_size(key, self._read(found))
            facts = replace(facts, width=width, height=height)
        self._keep_facts(found, facts)
        return found, facts

    def _measured(self, audio: _Object, facts: Facts) -> int:
        if audio.size_bytes > MAX_MEASURED_BYTES:
            raise UnsupportedMediaError(
                f"{audio.key}: {audio.size_bytes:,} bytes is too long to measure; give its duration in ms with it"
            )
        duration_ms = audio_duration_ms(audio.key, self._read(audio), facts.type)
        self._keep_facts(audio, replace(facts, duration_ms=duration_ms))
        return duration_ms

    def _preview_of(self, image: _Object) -> _Object:
        key = image.kept(".jpg")
        made = self._head(key)
        if made is not None:
            return made
        data = make_preview(image.key, self._read(image))
        return _Object(key, self._write(key, data, MediaType.JPEG), len(data))

    def _kept_facts(self, object_: _Object) -> Facts | None:
        with self._unavailable_for(object_.key):
            try:
                answer = self._s3.get_object(Bucket=self._bucket, Key=object_.kept(".json"))
                kept = json.loads(answer["Body"].read())
            except ClientError as error:
                if _is_absent(error):
                    return None
                raise
        return Facts(**kept | {"type": MediaType(kept["type"])})

    def _keep_facts(self, object_: _Object, facts: Facts) -> None:
        known = {name: value for name, value in asdict(facts).items() if value is not None}
        self._write(object_.kept(".json"), json.dumps(known).encode(), "application/json")

    def _head(self, key: str) -> _Object | None:
        with self._unavailable_for(key):
            try:
                answer = self._s3.head_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if _is_absent(error):
                    return None
                raise
        return _Object(key, answer["ETag"], answer["ContentLength"])

    def _read(self, object_: _Object, first: int | None = None) -> bytes:
        """The object, or its first bytes, as it was when it was found: overwritten meanwhile, the whole is to be repeated."""
        if object_.size_bytes == 0:
            return b""
        last = min(first or object_.size_bytes, object_.size_bytes) - 1
        with self._unavailable_for(object_.key):
            answer = self._s3.get_object(
                Bucket=self._bucket, Key=object_.key, IfMatch=object_.etag, Range=f"bytes=0-{last}"
            )
            return answer["Body"].read()

    def _write(self, key: str, data: bytes, content_type: str) -> str:
        with self._unavailable_for(key):
            return self._s3.put_object(Bucket=self._bucket, Key=key, Body=data, ContentType=content_type)["ETag"]

    def _unavailable_for(self, key: str) -> AbstractContextManager[None]:
        return aws.unavailable(f"{key}: the media bucket did not answer")


def _is_absent(error: ClientError) -> bool:
    return error.response["ResponseMetadata"]["HTTPStatusCode"] in _ABSENT
