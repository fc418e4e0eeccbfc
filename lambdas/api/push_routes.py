"""`POST /v1/push_message/{user_id}/…`: messages to one chat, sent once however often the call is repeated."""

from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel

from api.call import RETRY_KEY, Call, PushKey
from api.models import (
    AudioPush,
    AudioSent,
    ImagePush,
    ImageSent,
    MessagesPush,
    Sent,
    SentMessage,
    SpeechPush,
    SpeechSent,
    TextPush,
    VideoPush,
    VideoSent,
)
from api.parameters import Body, Chat, JsonBody, ReadBy, UploadedFile
from api.routes import Group, Routes
from api.sources import Sources
from kairan.content import Audio, Image, Piece, Video
from kairan.observability import logger
from kairan.people import ChatId
from kairan.push import push_contents
from kairan.push.push_contents import PushContent, SentFile
from kairan.push.push_once import Pushed, PushOnce
from kairan.sending.batch import BatchId
from kairan.sending.identity import batch_id

SPEECH_WITHIN_S = 20.0
"""The time to speak, from the call's beginning. API Gateway gives up after 29 s, and LINE needs some time, too."""

Medium = TypeVar("Medium", bound=Piece)

PUSH = Group(
    "Push",
    "Send to one user, group or room",
    statuses=("400", "401", "404", "409", "413", "422", "4XX", "501"),
    has_retry_key=True,
)

LINK = "https://d111111abcdef8.cloudfront.net"
SENT = {"sentMessages": [{"id": "461230966842064897", "quoteToken": "IStG5h1Tz7b…"}]}
SENT_TWO = {"sentMessages": [*SENT["sentMessages"], {"id": "461230966842064898"}]}


@dataclass(frozen=True)
class PushCall:
    """The push that a call asks for. It is read before the body, so that the answer to a wrong body has the key."""

    call: Call
    kind: str
    key: PushKey
    batch_id: BatchId


def push_call(call: Call) -> PushCall:
    """The kind is the last step of the path, and part of the batch's id: a renamed route would send repeats again."""
    kind = call.path.rstrip("/").rpartition("/")[2]
    key = call.push_key()
    call.answer_headers[RETRY_KEY] = key.value
    identity = batch_id("push", call.caller, key.value, kind, call.path_values["user_id"])
    call.log_ids.update(route=kind, batch_id=identity)
    return PushCall(call, kind, key, identity)


ThisPush = Annotated[PushCall, ReadBy(push_call)]
ImageBody = Annotated[ImagePush | UploadedFile, Body(ImagePush, file="image")]
AudioBody = Annotated[AudioPush | UploadedFile, Body(AudioPush, file="audio", fields=("text", "duration_ms"))]


def add_push_routes(routes: Routes, push_once: PushOnce, sources: Sources) -> None:
    def send(push: PushCall, chat: ChatId, content: PushContent) -> Pushed:
        pushed = push_once.push(
            content,
            chat,
            batch_id=push.batch_id,
            route=push.kind,
            assume_new=push.key.is_new,
            remaining_s=push.call.remaining_s,
        )
        logger.info("pushed", line_request_id=pushed.outcome.request_id, **push.call.log_ids)
        return pushed

    @routes.post(
        "/v1/push_message/<user_id>/text",
        PUSH,
        example_body={"text": "Your order has left our house."},
        example_answer=SENT,
    )
    def push_text(push: ThisPush, user_id: Chat, body: JsonBody[TextPush]) -> Sent:
        """Push a text

        Sends one text message.
        """
        pushed = send(push, user_id, push_contents.text(sent_data(body), body.text))
        return Sent(sentMessages=sent_messages(pushed))

    @routes.post(
        "/v1/push_message/<user_id>/tts",
        PUSH,
        example_body={"tts": "お荷物が届きました。", "text": "お荷物が届きました。", "speed": 1.1},
        example_answer=SENT_TWO
        | {"tts_audio_url": f"{LINK}/tts/sounds/2c26b46b68ff.mp3?v=5d41402a", "tts_audio_duration": 2140},
    )
    def push_speech(push: ThisPush, user_id: Chat, body: JsonBody[SpeechPush]) -> SpeechSent:
        """Push words as a voice message

        Speaks the words and sends the sound. The same words in the same voice are spoken once and stored. If speaking
        takes longer than 20 s from the call's beginning, nothing is sent and the answer is 504.
        """
        words = sources.voice.speech(
            body.tts, style_id=body.speaker, speed=body.speed, pitch=body.pitch, volume=body.volume
        )
        until = push.call.began + SPEECH_WITHIN_S
        content = push_contents.speech(sent_data(body), words, voice=sources.voice, until=until, accompanying=body.text)
        pushed = send(push, user_id, content)
        audio = shown(pushed, Audio)
        return SpeechSent(
            sentMessages=sent_messages(pushed), tts_audio_url=audio.url, tts_audio_duration=audio.duration_ms
        )

    @routes.post(
        "/v1/push_message/<user_id>/image",
        PUSH,
        example_body={"image": "cat.jpg", "text": "Our new colleague"},
        example_answer=SENT_TWO | {"image_url": f"{LINK}/cat.jpg?v=5d41402a"},
    )
    def push_image(push: ThisPush, user_id: Chat, body: ImageBody) -> ImageSent:
        """Push an image

        Sends a JPEG or PNG: posted as a form (up to 4.5 MB), uploaded before, or in the images bucket. A preview is
        made.
        """
        if isinstance(body, UploadedFile):
            content = push_contents.sent_image(sent_file(body), sources.images, accompanying=body.fields.text)
        else:
            content = push_contents.image(
                sent_data(body), sources.images, body.image, body.preview, accompanying=body.text
            )
        pushed = send(push, user_id, content)
        return ImageSent(sentMessages=sent_messages(pushed), image_url=shown(pushed, Image).url)

    @routes.post(
        "/v1/push_message/<user_id>/audio",
        PUSH,
        example_body={"audio": "incoming/0b8e9c1c-5f2f-4b52-9d0e-3a1b7c3b9f11/greeting.mp3"},
        example_answer=SENT | {"audio_url": f"{LINK}/uploads/3f5a/greeting.mp3?v=5d41402a", "audio_duration": 5230},
    )
    def push_audio(push: ThisPush, user_id: Chat, body: AudioBody) -> AudioSent:
        """Push a sound

        Sends an MP3 or M4A: posted as a form (up to 4.5 MB), uploaded before, or in the audio bucket. Its duration is
        measured, unless `duration_ms` gives it.
        """
        if isinstance(body, UploadedFile):
            content = push_contents.sent_audio(
                sent_file(body), sources.audio, body.fields.duration_ms, accompanying=body.fields.text
            )
        else:
            content = push_contents.audio(
                sent_data(body), sources.audio, body.audio, body.duration_ms, accompanying=body.text
            )
        pushed = send(push, user_id, content)
        audio = shown(pushed, Audio)
        return AudioSent(sentMessages=sent_messages(pushed), audio_url=audio.url, audio_duration=audio.duration_ms)

    @routes.post(
        "/v1/push_message/<user_id>/video",
        PUSH,
        example_body={"video": "tour.mp4", "preview": "tour.jpg", "tracking_id": "tour-2026"},
        example_answer=SENT | {"video_url": f"{LINK}/tour.mp4?v=5d41402a"},
    )
    def push_video(push: ThisPush, user_id: Chat, body: JsonBody[VideoPush]) -> VideoSent:
        """Push a video

        Sends an MP4 with its cover, both uploaded before or in the video bucket.
        """
        content = push_contents.video(
            sent_data(body),
            sources.video,
            body.video,
            body.preview,
            tracking_id=body.tracking_id,
            accompanying=body.text,
        )
        pushed = send(push, user_id, content)
        return VideoSent(sentMessages=sent_messages(pushed), video_url=shown(pushed, Video).url)

    @routes.post(
        "/v1/push_message/<user_id>/messages",
        PUSH,
        example_body={
            "messages": [{"type": "sticker", "packageId": "446", "stickerId": "1988"}],
            "notificationDisabled": True,
        },
        example_answer=SENT,
    )
    def push_messages(push: ThisPush, user_id: Chat, body: JsonBody[MessagesPush]) -> Sent:
        """Push any messages

        Sends one to five message objects of the Messaging API, in one push.
        """
        content = push_contents.native(body.messages, messenger=sources.messenger, silent=body.notificationDisabled)
        pushed = send(push, user_id, content)
        return Sent(sentMessages=sent_messages(pushed))


def sent_data(body: BaseModel) -> dict[str, Any]:
    """The data that a repeat under the same key must have in common."""
    return body.model_dump(exclude_none=True)


def sent_file(form: UploadedFile) -> SentFile:
    return SentFile(form.file.data, form.file.content_type, form.file.filename)


def sent_messages(pushed: Pushed) -> list[SentMessage]:
    """LINE's ids, unchecked: the messages are sent, whatever their ids look like."""
    return [SentMessage.model_construct(None, **message) for message in pushed.outcome.sent_messages]


def shown(pushed: Pushed, kind: type[Medium]) -> Medium:
    """The medium of the push, as recorded. It is the last piece, after an accompanying text."""
    piece = pushed.content[-1]
    assert isinstance(piece, kind)  # noqa: S101 - its route made it
    return piece
