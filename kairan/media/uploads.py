"""Files that a caller hands over: within the call itself, or by an upload to which the caller is invited first.

An upload waits under `incoming/`, where nobody has looked at it and nothing serves it, and is gone after a day. What is sent is
a copy under `uploads/`, made when the file has been looked at.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath
from typing import Literal, Protocol
from uuid import uuid4

from kairan.errors import Fault, InvalidEventError, UnsupportedMediaError
from kairan.line.limits import MAX_PREVIEW_BYTES
from kairan.line.text import has_lone_surrogate
from kairan.media.inspect import (
    AUDIO,
    IMAGES,
    LIMITS,
    MAX_MEASURED_BYTES,
    VIDEOS,
    audio_duration_ms,
    check_frames,
    check_size,
    check_type,
    named_type,
)
from kairan.media.keys import INCOMING, MediaKey, parse_key
from kairan.media.model import MediaType
from kairan.media.preview import image_size
from kairan.media.sniffing import FIRST_BYTES, UNKNOWN, content_type_of, types_of

Kind = Literal["image", "audio", "video"]
"""As what a file is sent; and what a bucket is for."""

UPLOADS = "uploads/"
"""Where files of callers are kept once they have been looked at."""
INVITATION_LASTS = timedelta(minutes=15)
MAX_NAME_BYTES = 765
"""The longest name that a computer gives a file: 255 characters, of three bytes each in Japanese."""
TAKEN: Mapping[Kind, str] = {"image": "JPEG and PNG", "audio": "MP3 and M4A", "video": "MP4"}
"""For people whose file was refused."""

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
class Invitation:
    """A form to be posted as multipart/form-data to `url`: `fields` as they are, and then the bytes as `file`. It is good until
    `expires_at` for the file that was announced: one of this name, type and size. `key` is what to call it when it is sent."""

    key: str
    url: str
    fields: Mapping[str, str]
    expires_at: datetime


class Uploads(Protocol):
    """Files of callers in one media bucket. Every method but `invite` raises StoreUnavailableError when the bucket does not answer;
    the same call again does the same."""

    def invite(self, name: str, content_type: str, size_bytes: int) -> Invitation:
        """Raises InvalidEventError for a `name` that no file can have or a `size` that is none, UnsupportedMediaError for a type
        that is not kept here, a name that does not end as the type's do, and a size over LINE's limit. Where videos are kept,
        their covers are too."""

    def store(self, place: str, data: bytes, type_: MediaType) -> MediaKey:
        """Keep what `examine` has looked at. `place` is a key under UPLOADS without its ending."""

    def adopt(self, incoming_key: str, place: str, *, kind: Kind) -> MediaKey:
        """Copy an upload to `place`, exactly as it was when it was looked at. Raises MediaNotFoundError when it is not there, and
        UnsupportedMediaError when it is not of that kind, or not what its name says; then nothing is copied."""

    def discard(self, key: MediaKey) -> None:
        """Remove a file that `store` or `adopt` made, with its preview and what was found out about it. Nothing happens when it
        is not there. Raises ValueError for any other key: the owner's files are not the callers'."""


def parse_name(text: str) -> str:
    """Raises ValueError, with a sentence for the caller, for what cannot be the name of an upload."""
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


def is_incoming(key: str) -> bool:
    """Whether it is the key of an invitation."""
    named = _INCOMING_KEY.fullmatch(key)
    if named is None:
        return False
    try:
        parse_name(named[1])
    except ValueError:
        return False
    return True


def new_incoming_key(name: str) -> str:
    """A new one each time, which nobody can guess."""
    return f"{INCOMING}{uuid4()}/{name}"


def key_at(place: str, type_: MediaType) -> MediaKey:
    return own_key(parse_key(place + _ENDINGS[type_]))


def own_key(key: MediaKey) -> MediaKey:
    """Raises ValueError for a key that is not among the uploads."""
    if not key.startswith(UPLOADS):
        raise ValueError(f"{key}: not in {UPLOADS}")
    return key


def check_invited(bucket: Kind, name: str, content_type: str, size_bytes: int) -> MediaType:
    """The type of the file that somebody wants to upload; raises what `Uploads.invite` raises."""
    faults = []
    try:
        parse_name(name)
    except ValueError as error:
        faults.append(Fault("name", str(error)))
    if size_bytes < 1:
        faults.append(Fault("size", "must be at least 1"))
    if faults:
        raise InvalidEventError(faults)
    among = VIDEOS | IMAGES if bucket == "video" else _KINDS[bucket]
    declared = _declared(content_type)
    endings = {ending: type_ for ending, type_ in among.items() if type_ == declared}
    if not endings:
        raise _not_of(bucket, declared)
    type_ = named_type(name, endings)
    check_size(name, size_bytes, _limit(bucket, type_))
    return type_


def examine(
    kind: Literal["image", "audio"], *, content_type: str | None, filename: str | None, data: bytes
) -> MediaType:
    """What a file is that came within the call. `content_type` and `filename` are what the caller says of it, if anything, and
    must not contradict the bytes; `application/octet-stream` says nothing.

    Raises UnsupportedMediaError, and InvalidEventError for a file name that leads elsewhere.
    """
    name = filename or kind
    try:
        parse_name(name)
    except ValueError as error:
        raise InvalidEventError([Fault(kind, f"the name of the file {error}")]) from error
    declared = _declared(content_type or UNKNOWN)
    if declared != UNKNOWN and not declared.startswith(f"{kind}/"):
        raise _not_of(kind, declared)
    if not data:
        raise UnsupportedMediaError(f"{name}: the file is empty")
    first = data[:FIRST_BYTES]
    found = [type_ for type_ in types_of(first) if type_ in _KINDS[kind].values()]
    if not found:
        raise _not_of(kind, content_type_of(first))
    if PurePosixPath(name).suffix:
        check_type(name, first, named_type(name, _KINDS[kind]))
    [type_] = found
    check_size(name, len(data), LIMITS[type_])
    check_content(name, data, type_)
    if type_ is MediaType.M4A:
        audio_duration_ms(name, data, type_)
    return type_


def check_upload(bucket: Kind, kind: Kind, key: str, size_bytes: int) -> MediaType:
    """The type of a file that was uploaded, as far as its name and size tell."""
    if not size_bytes:
        raise UnsupportedMediaError(f"{key}: the file is empty")
    promised = named_type(key, _KINDS[kind])
    check_size(key, size_bytes, _limit(bucket, promised))
    return promised


def bytes_to_check(type_: MediaType) -> int:
    """How much of a file `check_content` wants, when there is as much: an image whole."""
    return FIRST_BYTES if type_ in (MediaType.M4A, MediaType.MP4) else MAX_MEASURED_BYTES


def check_content(key: str, data: bytes, promised: MediaType) -> None:
    """`data` is the beginning of the file, see `bytes_to_check`."""
    check_type(key, data[:FIRST_BYTES], promised)
    if promised in IMAGES.values():
        image_size(key, data)
    elif promised is MediaType.MP3:
        check_frames(key, data)


def _declared(content_type: str) -> str:
    """Without parameters, and under the name that is registered."""
    bare = content_type.partition(";")[0].strip().lower()
    return _OTHER_NAMES.get(bare, bare)


def _not_of(kind: Kind, content_type: str) -> UnsupportedMediaError:
    return UnsupportedMediaError(f"'{content_type:.100}' is not {kind} type")


def _limit(bucket: Kind, type_: MediaType) -> int:
    """An image among the videos is a cover."""
    return MAX_PREVIEW_BYTES if bucket == "video" and type_ in IMAGES.values() else LIMITS[type_]
