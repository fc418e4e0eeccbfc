"""What was spoken, in the audio bucket: `tts/<name>.mp3`, and beside it `tts/<name>.meta.json`, `tts/<name>.lock` while it is made.

The MP3 is written before the note about it, and carries its own duration: a note is there only when the whole is, and names the MP3
it is about. Every write and delete says what it expects to find (Amazon S3 User Guide, "Conditional requests").
"""

import json
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from kairan import aws
from kairan.clock import from_iso, iso
from kairan.errors import StoreUnavailableError
from kairan.media.links import link
from kairan.media.model import MediaType
from kairan.speech.model import Spoken, Words
from kairan.speech.port import Lock

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

FOLDER = "tts/"
QUICK = Config(
    connect_timeout=1, read_timeout=3, retries={"mode": "standard", "total_max_attempts": 2}, max_pool_connections=32
)
"""Whoever wants to speak has seconds: a bucket that hangs must not use them up."""

_DURATION = "duration-ms"
_ABSENT = (403, 404)
"""Without the permission to list a bucket, S3 answers 403 for a key that is not there ("GetObject")."""
_NOT_MET = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
"""What S3 answers when it found something else than expected, when that changed just then, and when it was deleted."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class S3SpeechStore:
    def __init__(self, bucket: str, *, base_url: str, client: "S3Client | None" = None) -> None:
        self._bucket = bucket
        self._base_url = base_url.rstrip("/")
        self._given_client = client

    @property
    def _s3(self) -> "S3Client":
        return self._given_client or aws.client("s3", QUICK)

    def find(self, name: str) -> Spoken | None:
        """A note that is not to be understood, or is about an MP3 that is not there any more, finds nothing: it is written anew."""
        if (read := self._read(_note(name))) is None:
            return None
        try:
            note = json.loads(read[0])
            etag, duration_ms = str(note["etag"]), int(note["audio_length"])
        except (ValueError, TypeError, KeyError):
            return None
        there = self._head(name)
        return self._spoken(name, etag, duration_ms) if there is not None and there[0] == etag else None

    def keep(self, name: str, words: Words, mp3: bytes, duration_ms: int) -> Spoken:
        metadata = {_DURATION: str(duration_ms)}
        etag = self._put(_mp3(name), mp3, MediaType.MP3, IfNoneMatch="*", Metadata=metadata)
        if etag is None:
            if (first := self._head(name)) is None:
                raise StoreUnavailableError(f"{_mp3(name)} was deleted just then")
            etag, duration_ms = first[0], first[1] or duration_ms
        note = {
            "tts": words.text,
            "audio_length": duration_ms,
            "speaker": words.speaker,
            "speed": words.speed,
            "pitch": words.pitch,
            "volume": words.volume,
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
        except (ValueError, TypeError, KeyError):  # nobody's
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

    def _spoken(self, name: str, etag: str, duration_ms: int) -> Spoken:
        return Spoken(_mp3(name), link(self._base_url, _mp3(name), etag), duration_ms)

    def _head(self, name: str) -> tuple[str, int] | None:
        """ETag and duration of the MP3; 0 for one that somebody put there by hand."""
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
        """The ETag; None when what the options expect is not so."""
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
    return f"{FOLDER}{name}.mp3"


def _note(name: str) -> str:
    return f"{FOLDER}{name}.meta.json"


def _lock(name: str) -> str:
    return f"{FOLDER}{name}.lock"


def _is_absent(error: ClientError) -> bool:
    return error.response["ResponseMetadata"]["HTTPStatusCode"] in _ABSENT


def _is_not_met(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in _NOT_MET
