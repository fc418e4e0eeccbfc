"""Files that a caller hands over: within the call itself, or by an upload that the caller announces first.

An upload waits under `incoming/`, unchecked and not served, and is removed after a day. Messages link to a copy under
`uploads/`, made once the file is checked.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol
from uuid import uuid4

from kairan.contract import INCOMING, UPLOADS
from kairan.errors import InvalidInputError, UnsupportedMediaError, Violation
from kairan.media.inspect import (
    LIMITS,
    MAX_MEASURED_BYTES,
    audio_duration_ms,
    check_frames,
    check_size,
    check_type,
    named_type,
)
from kairan.media.keys import MediaKey, parse_key
from kairan.media.model import AUDIO, IMAGES, VIDEOS, MediaType
from kairan.media.preview import image_size
from kairan.media.sniffing import FIRST_BYTES, UNKNOWN, content_type_of, types_of
from kairan.messengers.line.limits import MAX_PREVIEW_BYTES
from kairan.text import has_lone_surrogate

Kind = Literal["image", "audio", "video"]
"""What a file is sent as, and what a bucket is for."""

UPLOAD_TICKET_LASTS = timedelta(minutes=15)
MAX_NAME_BYTES = 765
"""Operating systems allow names of 255 characters, which are three bytes each in Japanese."""
TAKEN: Mapping[Kind, str] = {"image": "JPEG and PNG", "audio": "MP3 and M4A", "video": "MP4 files"}
"""Names the types to a caller whose file was refused."""

_KINDS: Mapping[Kind, dict[str, MediaType]] = {"image": IMAGES, "audio": AUDIO, "video": VIDEOS}
_ENDINGS = {
    MediaType.JPEG: ".jpg",
    MediaType.PNG: ".png",
    MediaType.MP3: ".mp3",
    MediaType.M4A: ".m4a",
    MediaType.MP4: ".mp4",
}
_OTHER_NAMES = {
    "image/jpg": MediaType.JPEG,
    "audio/mp3": MediaType.MP3,
    "audio/m4a": MediaType.M4A,
    "audio/x-m4a": MediaType.M4A,
}
_INCOMING_KEY = re.compile(rf"{INCOMING}[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}/(.+)", re.DOTALL)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True)
class UploadTicket:
    """A form to post as multipart/form-data to `url`: `fields` as they are, and then the bytes as `file`.

    It is valid until `expires_at`, for a file of the announced name, type and size. A push then names `key`.
    """

    key: str
    url: str
    fields: Mapping[str, str]
    expires_at: datetime


class Uploads(Protocol):
    """Callers' files in one media bucket.

    Every method except `presign_upload` raises StoreUnavailableError when the bucket does not answer. Each call may be
    repeated.
    """

    def presign_upload(self, name: str, content_type: str, size_bytes: int) -> UploadTicket:
        """A bucket of videos takes their covers, too. Raises

        - InvalidInputError: a file cannot have this name or size
        - UnsupportedMediaError: this bucket does not take the type, the name's ending does not fit the type, or the
          size is over LINE's limit
        """

    def store(self, stem: str, data: bytes, type_: MediaType) -> MediaKey:
        """Stores a file that `examine` has checked. `stem` is a key under UPLOADS without its ending."""

    def publish_upload(self, incoming_key: str, stem: str, *, kind: Kind) -> MediaKey:
        """Checks an upload and copies exactly the checked version to `stem`. Copies nothing when it raises

        - MediaNotFoundError: there is no such upload
        - UnsupportedMediaError: the file is not of that kind, or not what its name says. The sentence begins with the
          name that the caller gave the file.
        """

    def remove(self, key: MediaKey) -> None:
        """Removes a file that `store` or `publish_upload` made, with its preview and its stored facts.

        Does nothing when the file is missing. Raises ValueError for any other key, because those files are the owner's.
        """


def parse_name(text: str) -> str:
    """Raises ValueError for a text that cannot be the name of an upload. Its sentence is for the caller."""
    if not text.strip():
        raise ValueError("must not be empty")
    if "/" in text or "\\" in text:
        raise ValueError("must be a name without folders")
    if text in (".", ".."):
        raise ValueError("must not be . or ..")
    if "$" in text:
        raise ValueError("must not hold $, which S3 would replace")
    if has_lone_surrogate(text) or _CONTROL.search(text):
        raise ValueError("must not hold control characters or halves of characters")
    if len(text.encode()) > MAX_NAME_BYTES:
        raise ValueError(f"must be at most {MAX_NAME_BYTES} bytes in UTF-8")
    return text


def name_of(incoming_key: str) -> str:
    """What the caller called the file of an upload ticket."""
    named = _INCOMING_KEY.fullmatch(incoming_key)
    return named[1] if named else incoming_key


def is_incoming(key: str) -> bool:
    """Whether the key is an upload ticket's."""
    named = _INCOMING_KEY.fullmatch(key)
    if named is None:
        return False
    try:
        parse_name(named[1])
    except ValueError:
        return False
    return True


def new_incoming_key(name: str) -> str:
    """A new key each time, which cannot be guessed."""
    return f"{INCOMING}{uuid4()}/{name}"


def key_at(stem: str, type_: MediaType) -> MediaKey:
    return own_key(parse_key(stem + _ENDINGS[type_]))


def own_key(key: MediaKey) -> MediaKey:
    """Raises ValueError for a key outside UPLOADS."""
    if not key.startswith(UPLOADS):
        raise ValueError(f"{key}: not in {UPLOADS}")
    return key


def check_announced(bucket: Kind, name: str, content_type: str, size_bytes: int) -> MediaType:
    """The type of the file that a caller wants to upload. Raises the errors of `Uploads.presign_upload`."""
    violations = []
    try:
        parse_name(name)
    except ValueError as error:
        violations.append(Violation("name", str(error)))
    if size_bytes < 1:
        violations.append(Violation("size", "must be at least 1"))
    if violations:
        raise InvalidInputError(violations)
    allowed = VIDEOS | IMAGES if bucket == "video" else _KINDS[bucket]
    declared = _declared(content_type)
    endings = {ending: type_ for ending, type_ in allowed.items() if type_ == declared}
    if not endings:
        raise _not_of(bucket, declared)
    type_ = named_type(name, endings)
    check_size(name, size_bytes, _limit(bucket, type_))
    return type_


def examine(
    kind: Literal["image", "audio"],
    *,
    content_type: str | None,
    filename: str | None,
    data: bytes,
    duration_ms: int | None = None,
) -> MediaType:
    """The type of a file that came within the call.

    The bytes decide, and a name may end as it likes. A `content_type` of another kind is refused, because the caller
    meant another file. Raises UnsupportedMediaError, and InvalidInputError for a bad file name.

    `duration_ms`: of a sound, if the caller gives it; then it is not measured
    """
    name = filename or kind
    try:
        parse_name(name)
    except ValueError as error:
        raise InvalidInputError([Violation(kind, f"the name of the file {error}")]) from error
    declared = _declared(content_type or UNKNOWN)
    if declared != UNKNOWN and not declared.startswith(f"{kind}/"):
        raise _not_of(kind, declared)
    if not data:
        raise UnsupportedMediaError(f"{name}: the file is empty")
    first = data[:FIRST_BYTES]
    candidates = [type_ for type_ in types_of(first) if type_ in _KINDS[kind].values()]
    if not candidates:
        raise _not_of(kind, content_type_of(first))
    [type_] = candidates
    check_size(name, len(data), LIMITS[type_])
    check_content(name, data, type_)
    if type_ is MediaType.M4A and duration_ms is None:
        audio_duration_ms(name, data, type_)
    return type_


def check_upload(bucket: Kind, kind: Kind, key: str, size_bytes: int) -> MediaType:
    """The type of an uploaded file, as far as its name and size show."""
    if not size_bytes:
        raise UnsupportedMediaError(f"{key}: the file is empty")
    promised = named_type(key, _KINDS[kind])
    check_size(key, size_bytes, _limit(bucket, promised))
    return promised


def bytes_to_check(type_: MediaType) -> int:
    """How much of a file `check_content` needs, if the file is that large. An image is needed whole."""
    return FIRST_BYTES if type_ in (MediaType.M4A, MediaType.MP4) else MAX_MEASURED_BYTES


def check_content(key: str, data: bytes, promised: MediaType) -> None:
    """`data` is the beginning of the file: `bytes_to_check` says how much."""
    check_type(key, data[:FIRST_BYTES], promised)
    if promised in IMAGES.values():
        image_size(key, data)
    elif promised is MediaType.MP3:
        check_frames(key, data)


def _declared(content_type: str) -> str:
    """The type without its parameters, under its registered name."""
    bare = content_type.partition(";")[0].strip().lower()
    return _OTHER_NAMES.get(bare, bare)


def _not_of(kind: Kind, content_type: str) -> UnsupportedMediaError:
    return UnsupportedMediaError(f"'{content_type:.100}' is not {kind} type: {TAKEN[kind]} are taken")


def _limit(bucket: Kind, type_: MediaType) -> int:
    """An image in the bucket of videos is a cover."""
    return MAX_PREVIEW_BYTES if bucket == "video" and type_ in IMAGES.values() else LIMITS[type_]
