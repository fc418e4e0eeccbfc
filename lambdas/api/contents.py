"""What each route sends: the body, or the form, as message objects."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

from api.errors import InvalidRequestError
from api.files import Bucket, Files
from api.models import AudioPush, ImagePush, MessagesPush, SpeechPush, TextPush, VideoPush
from api.multipart import Part
from kairan.errors import Fault
from kairan.line.client import Message
from kairan.line.messages import audio_message, faults, image_message, text_message, video_message
from kairan.media.model import MediaType
from kairan.media.uploads import examine
from kairan.speech.model import Words
from kairan.speech.port import Speech


@dataclass(frozen=True)
class Content:
    """`data` tells it from another body under the same key. `compose` makes the messages, once: it speaks, and stores the files it
    needs in the `Files` of the push. Content that `is_whole` needs neither: composing it again costs nothing."""

    data: Mapping[str, Any]
    compose: Callable[[Files], Sequence[Message]]
    notification_disabled: bool = False
    is_whole: bool = False


@dataclass(frozen=True)
class Voice:
    """Who speaks unless the body says otherwise, and how much at once."""

    speech: Speech
    speaker: int
    max_characters: int


@dataclass(frozen=True)
class Sources:
    """Where voices and files come from. `speaks_until` is when speaking ends, on the clock's monotonic scale."""

    voice: Voice
    images: Bucket
    audio: Bucket
    video: Bucket
    speaks_until: float = 0.0


def text_content(body: TextPush, _: Sources) -> Content:
    return Content({"text": body.text}, lambda _: [text_message(body.text)], is_whole=True)


def speech_content(body: SpeechPush, sources: Sources) -> Content:
    """Raises InvalidRequestError for more than is spoken at once."""
    voice = sources.voice
    if (length := len(body.tts)) > voice.max_characters:
        raise InvalidRequestError(
            Fault("tts", f"{length:,} characters; at most {voice.max_characters:,} are spoken (tts_max_characters)")
        )
    words = Words(
        body.tts,
        speaker=voice.speaker if body.speaker is None else body.speaker,
        speed=1.0 if body.speed is None else body.speed,
        pitch=0.0 if body.pitch is None else body.pitch,
        volume=1.0 if body.volume is None else body.volume,
    )

    def compose(_: Files) -> Sequence[Message]:
        spoken = voice.speech.speak(words, until=sources.speaks_until)
        return _with_text(body.text, audio_message(spoken.url, spoken.duration_ms))

    return Content(body.model_dump(exclude_none=True), compose)


def image_content(body: ImagePush, sources: Sources) -> Content:
    bucket = sources.images

    def compose(files: Files) -> Sequence[Message]:
        image = files.named(bucket, body.image, "image")
        preview = None if body.preview is None else files.named(bucket, body.preview, "image", beside=True)
        links = bucket.media.image(image, preview)
        return _with_text(body.text, image_message(links.url, links.preview_url))

    return Content(body.model_dump(exclude_none=True), compose)


def audio_content(body: AudioPush, sources: Sources) -> Content:
    bucket = sources.audio

    def compose(files: Files) -> Sequence[Message]:
        link = bucket.media.audio(files.named(bucket, body.audio, "audio"), body.duration_ms)
        return _with_text(body.text, audio_message(link.url, link.duration_ms))

    return Content(body.model_dump(exclude_none=True), compose)


def video_content(body: VideoPush, sources: Sources) -> Content:
    bucket = sources.video

    def compose(files: Files) -> Sequence[Message]:
        video = files.named(bucket, body.video, "video")
        cover = files.named(bucket, body.preview, "image", beside=True)
        links = bucket.media.video(video, cover)
        return _with_text(body.text, video_message(links.url, links.preview_url, body.tracking_id))

    return Content(body.model_dump(exclude_none=True), compose)


def messages_content(body: MessagesPush, _: Sources) -> Content:
    """Raises InvalidRequestError for everything that LINE would refuse."""
    empty = [
        Fault(f"messages[{index}].text", "must not be empty")
        for index, message in enumerate(body.messages)
        if message.get("type") in ("text", "textV2")
        and isinstance(text := message.get("text"), str)
        and text
        and not text.strip()
    ]
    if broken := [*faults(body.messages), *empty]:
        raise InvalidRequestError(*broken)
    return Content({"messages": body.messages}, lambda _: body.messages, body.notificationDisabled, is_whole=True)


def uploaded_image(file: Part, text: str | None, sources: Sources) -> Content:
    bucket = sources.images

    def compose(files: Files) -> Sequence[Message]:
        links = bucket.media.image(files.store(bucket, file.data, _examined("image", file)))
        return _with_text(text, image_message(links.url, links.preview_url))

    return Content(_form_data("image", file, text), compose)


def uploaded_audio(file: Part, text: str | None, sources: Sources) -> Content:
    bucket = sources.audio

    def compose(files: Files) -> Sequence[Message]:
        link = bucket.media.audio(files.store(bucket, file.data, _examined("audio", file)))
        return _with_text(text, audio_message(link.url, link.duration_ms))

    return Content(_form_data("audio", file, text), compose)


def _examined(kind: Literal["image", "audio"], file: Part) -> MediaType:
    return examine(kind, content_type=file.content_type, filename=file.filename, data=file.data)


def _form_data(kind: str, file: Part, text: str | None) -> dict[str, Any]:
    return {kind: {"sha256": sha256(file.data).hexdigest()}} | ({} if text is None else {"text": text})


def _with_text(text: str | None, message: Message) -> list[Message]:
    return [message] if text is None else [text_message(text), message]
