"""The routes that push: what each reads, sends, and tells of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from api.contents import (
    Content,
    Sources,
    audio_content,
    image_content,
    messages_content,
    speech_content,
    text_content,
    uploaded_audio,
    uploaded_image,
    video_content,
)
from api.models import (
    AudioPush,
    AudioSent,
    ImagePush,
    ImageSent,
    MessagesPush,
    PushBody,
    Sent,
    SpeechPush,
    SpeechSent,
    TextPush,
    VideoPush,
    VideoSent,
)
from api.multipart import Part
from kairan.line.client import Message

Told = Callable[[Message], Mapping[str, Any]]


def _nothing(_: Message) -> Mapping[str, Any]:
    return {}


def _url(name: str) -> Told:
    return lambda message: {name: message["originalContentUrl"]}


def _url_and_duration(url: str, duration: str) -> Told:
    return lambda message: {url: message["originalContentUrl"], duration: message["duration"]}


@dataclass(frozen=True)
class PushRoute:
    """`POST /v1/push_message/{user_id}/<name>`. The name is a part of the delivery's id: with another one a repeat is sent again.

    `content` is made of the body, `uploaded` of a form whose file has the route's name, where there may be one; `told` is what
    the answer says of the last message, as the ledger has it.
    """

    name: str
    summary: str
    description: str
    body: type[PushBody]
    content: Callable[[Any, Sources], Content]
    answer: type[BaseModel]
    told: Told = _nothing
    uploaded: Callable[[Part, str | None, Sources], Content] | None = None

    @property
    def path(self) -> str:
        return f"/v1/push_message/<user_id>/{self.name}"


PUSH_ROUTES = (
    PushRoute(
        "text",
        "Push a text",
        "Sends one text message.",
        body=TextPush,
        content=text_content,
        answer=Sent,
    ),
    PushRoute(
        "tts",
        "Push words as a voice message",
        "Speaks the words and sends the sound. The same words by the same voice are spoken once and kept. Speaking ends 20 s after "
        "the call began; then nothing is sent and the answer is 504.",
        body=SpeechPush,
        content=speech_content,
        answer=SpeechSent,
        told=_url_and_duration("tts_audio_url", "tts_audio_duration"),
    ),
    PushRoute(
        "image",
        "Push an image",
        "Sends a JPEG or PNG: posted as a form (up to 4.5 MB), uploaded before, or one of the images bucket. A preview is made.",
        body=ImagePush,
        content=image_content,
        answer=ImageSent,
        told=_url("image_url"),
        uploaded=uploaded_image,
    ),
    PushRoute(
        "audio",
        "Push a sound",
        "Sends an MP3 or M4A: posted as a form (up to 4.5 MB), uploaded before, or one of the audio bucket. Its duration is measured.",
        body=AudioPush,
        content=audio_content,
        answer=AudioSent,
        told=_url_and_duration("audio_url", "audio_duration"),
        uploaded=uploaded_audio,
    ),
    PushRoute(
        "video",
        "Push a video",
        "Sends an MP4 with its cover, both uploaded before or of the video bucket.",
        body=VideoPush,
        content=video_content,
        answer=VideoSent,
        told=_url("video_url"),
    ),
    PushRoute(
        "messages",
        "Push any messages",
        "Sends one to five message objects of the Messaging API, in one push.",
        body=MessagesPush,
        content=messages_content,
        answer=Sent,
    ),
)
