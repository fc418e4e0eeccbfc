"""The content of pushes: cheap content, and content that stores files or speaks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from kairan.composing.speaking import Voice
from kairan.content import Content, Native, Piece, Speech, Text
from kairan.errors import InvalidInputError, Violation
from kairan.media.keys import MediaKey
from kairan.media.uploads import examine
from kairan.messengers.port import Messenger, NativeObject
from kairan.push.push_files import MediaBucket, PushFiles


@dataclass(frozen=True)
class PushContent:
    """Content that is made when it is needed.

    - `data`: what a repeat under the same key must have in common
    - `make`: makes the content, once; it speaks and stores files where needed
    - `is_cheap`: `make` does neither, so making the content again costs nothing
    """

    data: Mapping[str, Any]
    make: Callable[[PushFiles], Content]
    silent: bool = False
    is_cheap: bool = False


@dataclass(frozen=True)
class SentFile:
    """A file that came within the call. `content_type` and `filename` are the caller's statements."""

    data: bytes
    content_type: str | None = None
    filename: str | None = None


def text(data: Mapping[str, Any], words: str) -> PushContent:
    return PushContent(data, lambda _: (Text(words),), is_cheap=True)


def speech(
    data: Mapping[str, Any], words: Speech, *, voice: Voice, until: float, accompanying: str | None
) -> PushContent:
    """Speaking ends by `until`, on the clock's monotonic scale. Raises InvalidInputError for a text over the limit."""
    voice.check_length(words, "tts")
    return PushContent(data, lambda _: _after(accompanying, voice.speak(words, until=until)))


def image(
    data: Mapping[str, Any], bucket: MediaBucket, key: str, preview: str | None, *, accompanying: str | None
) -> PushContent:
    def make(files: PushFiles) -> Content:
        image_key = files.named(bucket, key, "image")
        preview_key = None if preview is None else files.named(bucket, preview, "image", is_cover=True)
        return _after(accompanying, bucket.media.image(image_key, preview_key))

    return PushContent(data, make)


def audio(
    data: Mapping[str, Any], bucket: MediaBucket, key: str, duration_ms: int | None, *, accompanying: str | None
) -> PushContent:
    def make(files: PushFiles) -> Content:
        return _after(accompanying, bucket.media.audio(files.named(bucket, key, "audio"), duration_ms))

    return PushContent(data, make)


def video(
    data: Mapping[str, Any],
    bucket: MediaBucket,
    key: str,
    cover: str,
    *,
    tracking_id: str | None,
    accompanying: str | None,
) -> PushContent:
    def make(files: PushFiles) -> Content:
        video_key = files.named(bucket, key, "video")
        cover_key = files.named(bucket, cover, "image", is_cover=True)
        return _after(accompanying, bucket.media.video(video_key, cover_key)._replace(tracking_id=tracking_id))

    return PushContent(data, make)


def native(objects: Sequence[NativeObject], *, messenger: Messenger, silent: bool) -> PushContent:
    """A messenger's own objects. Raises InvalidInputError with everything that the messenger would refuse."""
    content = (Native(messenger.name, tuple(objects)),)
    blank = [
        Violation(f"messages[{index}].text", "must not be empty")
        for index, object_ in enumerate(objects)
        if object_.get("text") and messenger.has_empty_text((Native(messenger.name, (object_,)),))
    ]
    if violations := [*messenger.violations(content), *blank]:
        raise InvalidInputError(violations)
    return PushContent({"messages": list(objects)}, lambda _: content, silent=silent, is_cheap=True)


def sent_image(file: SentFile, bucket: MediaBucket, *, accompanying: str | None) -> PushContent:
    def make(files: PushFiles) -> Content:
        return _after(accompanying, bucket.media.image(_stored("image", file, bucket, files)))

    return PushContent(_data_of("image", file, accompanying), make)


def sent_audio(
    file: SentFile, bucket: MediaBucket, duration_ms: int | None, *, accompanying: str | None
) -> PushContent:
    def make(files: PushFiles) -> Content:
        key = _stored("audio", file, bucket, files, duration_ms=duration_ms)
        return _after(accompanying, bucket.media.audio(key, duration_ms))

    data = _data_of("audio", file, accompanying)
    return PushContent(data if duration_ms is None else data | {"duration_ms": duration_ms}, make)


def _stored(
    kind: Literal["image", "audio"],
    file: SentFile,
    bucket: MediaBucket,
    files: PushFiles,
    *,
    duration_ms: int | None = None,
) -> MediaKey:
    type_ = examine(
        kind, content_type=file.content_type, filename=file.filename, data=file.data, duration_ms=duration_ms
    )
    return files.store(bucket, file.data, type_)


def _data_of(kind: str, file: SentFile, accompanying: str | None) -> dict[str, Any]:
    data = {kind: {"sha256": sha256(file.data).hexdigest()}}
    return data if accompanying is None else data | {"text": accompanying}


def _after(accompanying: str | None, piece: Piece) -> Content:
    """The piece after its accompanying text, if there is one."""
    return (piece,) if accompanying is None else (Text(accompanying), piece)
