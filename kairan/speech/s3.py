"""Generated speech in the audio bucket: `tts/sounds/<random>.mp3`, a note that leads to it (`tts/<name>.meta.json`),
and a lock while it is made (`tts/<name>.lock`).

A sound is public, so its address cannot be guessed: who knows the words does not know where they are spoken. The note,
whose name is a hash of the words, is never served. It is written after its MP3 and names the MP3's ETag, so a note
exists only when the whole does. The first note stays. Every write and delete of a note or a lock states what it expects
(Amazon S3 User Guide, "Conditional requests").

Release 0.1.0 put the sound beside its note (`tts/<name>.mp3`). It stays there for old messages; when the words are
spoken again, a copy gets an address of its own.
"""

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

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

SOUNDS = f"{SPEECH}sounds/"
ATTEMPTS = 5
_ABSENT = (403, 404)
"""Without the permission to list a bucket, S3 answers 403 for a missing key ("GetObject")."""
_NOT_MET = {"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"}
"""S3's answers when an object is not as expected, when it changed at the same moment, and when it was deleted."""
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class _Sound(NamedTuple):
    key: str
    etag: str
    duration_ms: int


class _Note(NamedTuple):
    content: Mapping[str, Any]
    version: str
    sound: _Sound | None
    is_beside_note: bool = False


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
        found = self._found(name)
        if found is None or found.sound is None:
            return None
        return self._moved(name, found, found.sound) if found.is_beside_note else self._spoken(found.sound)

    def keep(self, name: str, speech: Speech, mp3: bytes, duration_ms: int) -> Audio:
        note = {
            "tts": speech.text,
            "speaker": speech.style_id,
            "speed": speech.speed,
            "pitch": speech.pitch,
            "volume": speech.volume,
        }
        return self._kept(name, note, self._stored(mp3, duration_ms))

    def _moved(self, name: str, found: _Note, sound: _Sound) -> Audio:
        read = self._read(sound.key)
        if read is None:
            raise StoreUnavailableError(f"{sound.key} was deleted at the same moment")
        return self._kept(name, found.content, self._stored(read[0], sound.duration_ms))

    def _kept(self, name: str, note: Mapping[str, Any], sound: _Sound) -> Audio:
        """The sound that the note leads to afterwards: the first one stays."""
        content = {**note, "audio_length": sound.duration_ms, "mp3": sound.key, "etag": sound.etag}
        for _ in range(ATTEMPTS):
            found = self._found(name)
            if found is not None and found.sound is not None and not found.is_beside_note:
                return self._spoken(found.sound)
            expected = {"IfNoneMatch": "*"} if found is None else {"IfMatch": found.version}
            if self._put(_note(name), json.dumps(content, ensure_ascii=False).encode(), "application/json", **expected):
                return self._spoken(sound)
        raise StoreUnavailableError(f"{_note(name)} changes all the time")

    def _stored(self, mp3: bytes, duration_ms: int) -> _Sound:
        key = f"{SOUNDS}{uuid4().hex}.mp3"
        etag = self._put(key, mp3, MediaType.MP3)
        if etag is None:
            raise StoreUnavailableError(f"{key} met another write")
        return _Sound(key, etag, duration_ms)

    def _found(self, name: str) -> _Note | None:
        """The note; its sound is None when the note makes no sense, or when its MP3 is gone or another one."""
        if (read := self._read(_note(name))) is None:
            return None
        try:
            content = json.loads(read[0])
            key = str(content.get("mp3") or _beside_note(name))
            sound = _Sound(key, str(content["etag"]), int(content["audio_length"]))
        except (ValueError, TypeError, KeyError, AttributeError):
            return _Note({}, read[1], None)
        is_whole = key.startswith(SPEECH) and self._etag_of(key) == sound.etag
        return _Note(content, read[1], sound if is_whole else None, is_beside_note=key == _beside_note(name))

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

    def _spoken(self, sound: _Sound) -> Audio:
        return Audio(link(self._base_url, sound.key, sound.etag), sound.duration_ms, (sound.key,))

    def _etag_of(self, key: str) -> str | None:
        with self._unavailable_for(key):
            try:
                return self._s3.head_object(Bucket=self._bucket, Key=key)["ETag"]
            except ClientError as error:
                if _is_absent(error):
                    return None
                raise

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


def _beside_note(name: str) -> str:
    """Where release 0.1.0 put the sound."""
    return f"{SPEECH}{name}.mp3"


def _note(name: str) -> str:
    return f"{SPEECH}{name}.meta.json"


def _lock(name: str) -> str:
    return f"{SPEECH}{name}.lock"


def _is_absent(error: ClientError) -> bool:
    return error.response["ResponseMetadata"]["HTTPStatusCode"] in _ABSENT


def _is_not_met(error: ClientError) -> bool:
    return error.response["Error"]["Code"] in _NOT_MET
