"""Generated speech in the audio bucket: `tts/<name>.mp3`, a note beside it (`tts/<name>.meta.json`), and a lock while
it is made (`tts/<name>.lock`).

The MP3 is written before its note, and carries its own duration. So a note exists only when the whole does; it names
the ETag of its MP3. Every write and delete states what it expects (Amazon S3 User Guide, "Conditional requests").
"""

import json
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from kairan import aws
from kairan.clock import from_iso, iso
from kairan.content import Audio, Speech
from kairan.contract import SPEECH
from kairan.errors import StoreUnavailableError
from kairan.media.links import link
from kairan.media.model import MediaType
from kairan.speech.port import Lock

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

QUICK = Config(
    connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2}, max_pool_connections=32
)
"""A caller of speech has seconds, and a bucket that hangs must not use them up."""

_DURATION = "duration-ms"
_ABSENT = (403, 404)
"""Without the permission to list a bucket, S3 answers 403 for a missing key ("GetObject")."""
_NOT_MET = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
"""S3's answers when an object is not as expected, when it changed at the same moment, and when it was deleted."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class S3SpeechStore:
    def __init__(self, bucket: str, *, base_url: str, client: "S3Client | None" = None) -> None:
        self._bucket = bucket
        self._base_url = base_url.rstrip("/")
        self._own_client = client

    @property
    def _s3(self) -> "S3Client":
        return self._own_client or aws.client("s3", QUICK)

    def find(self, name: str) -> Audio | None:
        """None for a note that cannot be read, or whose MP3 is no longer there: the caller then makes both anew."""
        if (read := self._read(_note(name))) is None:
            return None
        try:
            note = json.loads(read[0])
            etag, duration_ms = str(note["etag"]), int(note["audio_length"])
        except (ValueError, TypeError, KeyError):
            return None
        mp3 = self._head(name)
        return self._spoken(name, etag, duration_ms) if mp3 is not None and mp3[0] == etag else None

    def keep(self, name: str, speech: Speech, mp3: bytes, duration_ms: int) -> Audio:
        metadata = {_DURATION: str(duration_ms)}
        etag = self._put(_mp3(name), mp3, MediaType.MP3, IfNoneMatch="*", Metadata=metadata)
        if etag is None:
            if (first := self._head(name)) is None:
                raise StoreUnavailableError(f"{_mp3(name)} was deleted at the same moment")
            etag, duration_ms = first[0], first[1] or duration_ms
        note = {
            "tts": speech.text,
            "audio_length": duration_ms,
            "speaker": speech.style_id,
            "speed": speech.speed,
            "pitch": speech.pitch,
            "volume": speech.volume,
            "etag": etag,
        }
        self._put(_note(name), json.dumps(note, ensure_ascii=False).encode(), "application/json")
        return self._spoken(name, etag, duration_ms)

    def lock_on(self, name: str) -> Lock | None:
        if (read := self._read(_lock(name))) is None:
            return None
        try:
            held = json.loads(read[0])
            return Lock(name, str(held["owner"]), from_iso(held["expires_at"]).astimezone(UTC), read[1])
        except (ValueError, TypeError, KeyError):  # an unreadable lock has no owner
            return Lock(name, "", _LONG_AGO, read[1])

    def lock(self, name: str, owner: str, expires_at: datetime, *, instead_of: Lock | None) -> Lock | None:
        body = json.dumps({"owner": owner, "expires_at": iso(expires_at)}).encode()
        expected = {"IfNoneMatch": "*"} if instead_of is None else {"IfMatch": instead_of.version}
        etag = self._put(_lock(name), body, "application/json", **expected)
        return None if etag is None else Lock(name, owner, expires_at, etag)

    def unlock(self, lock: Lock) -> None:
        with self._unavailable_for(_lock(lock.name)):
            try:
                self._s3.delete_object(Bucket=self._bucket, Key=_lock(lock.name), IfMatch=lock.version)
            except ClientError as error:
                if not _is_not_met(error):
                    raise

    def _spoken(self, name: str, etag: str, duration_ms: int) -> Audio:
        return Audio(link(self._base_url, _mp3(name), etag), duration_ms, (_mp3(name),))

    def _head(self, name: str) -> tuple[str, int] | None:
        """ETag and duration of the MP3. The duration is 0 for an MP3 that was put there by hand."""
        with self._unavailable_for(_mp3(name)):
            try:
                answer = self._s3.head_object(Bucket=self._bucket, Key=_mp3(name))
            except ClientError as error:
                if _is_absent(error):
                    return None
                raise
        return answer["ETag"], int(answer["Metadata"].get(_DURATION, 0))

    def _read(self, key: str) -> tuple[bytes, str] | None:
        """Content and ETag."""
        with self._unavailable_for(key):
            try:
                answer = self._s3.get_object(Bucket=self._bucket, Key=key)
                return answer["Body"].read(), answer["ETag"]
            except ClientError as error:
                if _is_absent(error):
                    return None
                raise

    def _put(self, key: str, data: bytes, content_type: str, **options: Any) -> str | None:
        """The ETag; None when the condition in `options` does not hold."""
        with self._unavailable_for(key):
            try:
                answer = self._s3.put_object(
                    Bucket=self._bucket, Key=key, Body=data, ContentType=content_type, **options
                )
            except ClientError as error:
                if _is_not_met(error):
                    return None
                raise
        return answer["ETag"]

    def _unavailable_for(self, key: str) -> AbstractContextManager[None]:
        return aws.unavailable(f"{key}: the audio bucket did not answer")


def _mp3(name: str) -> str:
    return f"{SPEECH}{name}.mp3"


def _note(name: str) -> str:
    return f"{SPEECH}{name}.meta.json"


def _lock(name: str) -> str:
    return f"{SPEECH}{name}.lock"


def _is_absent(error: ClientError) -> bool:
    return error.response["ResponseMetadata"]["HTTPStatusCode"] in _ABSENT


def _is_not_met(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in _NOT_MET
