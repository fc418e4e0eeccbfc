"""The referee: the messages of every sender are messages to LINE's own SDK too."""

import json
from typing import Any

import linebot.v3.messaging.models as sdk  # type: ignore[import-untyped]
import pytest

from kairan.delivery.content import compose
from kairan.delivery.model import Sender
from kairan.delivery.templates import render
from kairan.line.client import Message
from kairan.line.messages import faults
from tests import media_files
from tests.fakes.media import FakeMedia
from tests.unit.delivery.test_speaking import speaker
from tests.unit.line.test_messages import GOOD

USER = "U0123456789abcdef0123456789abcdef"
MEDIA = FakeMedia(
    {
        "sample_image.jpg": media_files.image(),
        "sample_audio.mp3": media_files.audio(),
        "sample_video.mp4": media_files.video(),
        "春 1.png": media_files.image("PNG"),
    }
)

SPEAKER = speaker()

CONTENTS: list[tuple[Sender, Any]] = [
    *[(sender, None) for sender in Sender],
    (Sender.TEXT, "こんにちは {{Attributes.name|friend}}"),
    (Sender.IMAGE, "春 1.png"),
    (Sender.IMAGE, {"image": "sample_image.jpg", "preview": "春 1.png"}),
    (Sender.AUDIO, "sample_audio.mp3,5000"),
    (Sender.SPEECH, {"tts": "おはよう、{{Attributes.name}}さん", "text": "Good morning"}),
    (Sender.VIDEO, {"video": "sample_video.mp4", "preview": "sample_image.jpg", "tracking_id": "spring"}),
]


def as_the_sdk_reads(messages: tuple[Message, ...]) -> list[dict[str, Any]]:
    """What the SDK's models keep of the messages: what they do not know, they drop."""
    written = json.loads(json.dumps(messages))
    for request in (
        sdk.PushMessageRequest.from_dict({"to": USER, "messages": written}),
        sdk.MulticastRequest.from_dict({"to": [USER], "messages": written}),
    ):
        assert request is not None
        assert len(request.messages) == len(written)
    return [sdk.Message.from_dict(message).to_dict() for message in written]


@pytest.mark.parametrize(("sender", "data"), CONTENTS)
def test_the_sdk_reads_what_a_sender_composes(sender: Sender, data: Any) -> None:
    somebody = {"Attributes": {"name": ["花子"]}}
    messages = SPEAKER.finish(render(compose(sender, data, MEDIA, SPEAKER), somebody))

    assert faults(messages) == []
    assert as_the_sdk_reads(messages) == [dict(message) for message in messages]


@pytest.mark.parametrize("name", [name for name in GOOD if name != "flex"])
def test_the_sdk_reads_what_the_limits_let_through(name: str) -> None:
    assert as_the_sdk_reads((GOOD[name],))[0]["type"] == GOOD[name]["type"]
