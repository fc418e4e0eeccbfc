"""The referee: the messages of every sender are messages to LINE's own SDK too."""

import json
from collections.abc import Sequence
from typing import Any

import linebot.v3.messaging.models as sdk  # type: ignore[import-untyped]
import pytest

from kairan.composing.composer import Composer
from kairan.composing.read_data import Sources
from kairan.composing.speaking import Voice
from kairan.composing.templates import fill
from kairan.contract import Sender
from kairan.messengers.line.messages import violations
from kairan.messengers.line.messenger import LineMessenger
from kairan.messengers.line.render import render
from kairan.messengers.port import NativeObject
from tests.cases.line_limits import GOOD
from tests.fakes.clock import FakeClock
from tests.fakes.line import FakeLine
from tests.fakes.media import FakeMedia
from tests.fakes.speech import FakeSynthesizer
from tests.rigs import media_files
from tests.rigs.batches import NAME
from tests.rigs.events import user
from tests.rigs.senders import STYLE_ID

LINE = LineMessenger(FakeLine(FakeClock()))
MEDIA = FakeMedia(
    {
        "sample_image.jpg": media_files.image(),
        "sample_audio.mp3": media_files.audio(),
        "sample_video.mp4": media_files.video(),
        "春 1.png": media_files.image("PNG"),
    }
)
SOURCES = Sources(LINE, media=MEDIA, voice=Voice(FakeSynthesizer(), STYLE_ID, max_characters=100))

DATA: list[tuple[Sender, Any]] = [
    *[(sender, None) for sender in Sender],
    (Sender.TEXT, "こんにちは {{Attributes.name|friend}}"),
    (Sender.IMAGE, "春 1.png"),
    (Sender.IMAGE, {"image": "sample_image.jpg", "preview": "春 1.png"}),
    (Sender.AUDIO, "sample_audio.mp3,5000"),
    (Sender.SPEECH, {"tts": "おはよう、{{Attributes.name}}さん", "text": "Good morning"}),
    (Sender.VIDEO, {"video": "sample_video.mp4", "preview": "sample_image.jpg", "tracking_id": "spring"}),
]


def as_the_sdk_reads(messages: Sequence[NativeObject]) -> list[dict[str, Any]]:
    """What the SDK's models keep of the messages: what they do not know, they drop."""
    written = json.loads(json.dumps(messages))
    for request in (
        sdk.PushMessageRequest.from_dict({"to": user(1), "messages": written}),
        sdk.MulticastRequest.from_dict({"to": [user(1)], "messages": written}),
    ):
        assert request is not None
        assert len(request.messages) == len(written)
    return [sdk.Message.from_dict(message).to_dict() for message in written]


@pytest.mark.parametrize(("sender", "data"), DATA)
def test_the_sdk_reads_what_a_sender_composes(sender: Sender, data: Any) -> None:
    composer = Composer(sender, SOURCES, speak_until=float("inf"))

    filled = fill(composer.compose(data), {NAME: ["花子"]}, LINE)
    messages = render(composer.complete(filled))

    assert violations(messages) == []
    assert as_the_sdk_reads(messages) == messages


@pytest.mark.parametrize("name", [name for name in GOOD if name != "flex"])
def test_the_sdk_reads_what_the_limits_let_through(name: str) -> None:
    assert as_the_sdk_reads([GOOD[name]])[0]["type"] == GOOD[name]["type"]
