"""`Data`, as each sender reads it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.delivery.content import compose
from kairan.delivery.model import Sender
from kairan.delivery.samples import SAMPLE_MESSAGES, SAMPLE_TEXT
from kairan.errors import ConfigurationError, InvalidEventError, MediaNotFoundError, UnsupportedMediaError
from kairan.line.messages import faults
from tests import media_files
from tests.fakes.media import FakeMedia
from tests.unit.delivery.test_speaking import speaker

SAMPLE_AUDIO_S = 2.0
MEDIA = FakeMedia(
    {
        "sample_image.jpg": media_files.image(),
        "sample_audio.mp3": media_files.audio("mp3", SAMPLE_AUDIO_S),
        "sample_video.mp4": media_files.video(),
        "a.png": media_files.image("PNG"),
        "a,b.mp3": media_files.audio(),
        "a,b.mp4": media_files.video(),
        "a.m4a": media_files.audio("m4a"),
    }
)

SPEAKER = speaker()
NOTHING = [None, "", " ", "\n\u3000\t"]


def composed(sender: Sender, data: Any) -> dict[str, Any]:
    (message,) = compose(sender, data, MEDIA)
    return dict(message)


def faults_of(sender: Sender, data: Any) -> list[str]:
    with pytest.raises(InvalidEventError) as raised:
        compose(sender, data, MEDIA)
    return [fault.path for fault in raised.value.faults]


def is_link_to(key: str, url: str) -> bool:
    return url.startswith(f"https://media.example/{key}?v=")


@pytest.mark.parametrize("data", NOTHING)
def test_nothing_is_the_sample(data: Any) -> None:
    image, audio, video = (composed(sender, data) for sender in (Sender.IMAGE, Sender.AUDIO, Sender.VIDEO))

    assert composed(Sender.TEXT, data) == {"type": "text", "text": SAMPLE_TEXT}
    assert is_link_to("sample_image.jpg", image["originalContentUrl"])
    assert is_link_to("sample_audio.mp3", audio["originalContentUrl"])
    assert abs(audio["duration"] - SAMPLE_AUDIO_S * 1000) <= 20
    assert is_link_to("sample_video.mp4", video["originalContentUrl"])
    assert is_link_to("sample_image.jpg", video["previewImageUrl"])
    assert compose(Sender.MESSAGES, data) == SAMPLE_MESSAGES
    assert faults(SAMPLE_MESSAGES) == []


@pytest.mark.parametrize(
    "text",
    [
        "こんにちは",
        "a, b, c",
        " kept ",
        '{"greeting": "hi"}',
        '{"text": broken',
        '["text"]',
        '"text"',
        "5",
        "null",
        "{{Attributes.name}}",
    ],
)
def test_a_text_is_a_text_whatever_it_looks_like(text: str) -> None:
    assert composed(Sender.TEXT, text) == {"type": "text", "text": text}


@pytest.mark.parametrize("data", [{"text": "hi"}, '{"text": "hi"}', ' {"text": "hi"} '])
def test_a_text_may_come_in_an_object(data: Any) -> None:
    assert composed(Sender.TEXT, data) == {"type": "text", "text": "hi"}


@given(st.text().filter(str.strip))
def test_any_text_gets_through(text: str) -> None:
    assert composed(Sender.TEXT, {"text": text})["text"] == text
    assert composed(Sender.TEXT, json.dumps({"text": text}))["text"] == text
    if not text.lstrip().startswith("{"):
        assert composed(Sender.TEXT, text)["text"] == text


@pytest.mark.parametrize(
    "data", ["a.png", " a.png ", {"image": "a.png"}, '{"image": "a.png"}', {"image": "a.png", "preview": None}]
)
def test_an_image_is_named_by_its_key(data: Any) -> None:
    message = composed(Sender.IMAGE, data)

    assert is_link_to("a.png", message["originalContentUrl"])
    assert message["previewImageUrl"].startswith("https://media.example/previews/a.png.")


def test_an_image_may_bring_its_preview() -> None:
    message = composed(Sender.IMAGE, {"image": "a.png", "preview": "sample_image.jpg"})

    assert is_link_to("sample_image.jpg", message["previewImageUrl"])


@pytest.mark.parametrize(
    "data",
    [
        "sample_audio.mp3,5000",
        "sample_audio.mp3, 5000 ",
        {"audio": "sample_audio.mp3", "duration_ms": 5000},
        {"audio": "sample_audio.mp3", "duration_ms": "5000"},
        {"Audio_bucket_key": "sample_audio.mp3", "Audio_duration": 5000},
        '{"Audio_bucket_key": "sample_audio.mp3", "Audio_duration": "5000"}',
    ],
)
def test_audio_may_bring_its_duration(data: Any) -> None:
    message = composed(Sender.AUDIO, data)

    assert is_link_to("sample_audio.mp3", message["originalContentUrl"])
    assert message["duration"] == 5000


@pytest.mark.parametrize("data", ["a.m4a", "a.m4a,", {"audio": "a.m4a"}])
def test_audio_without_a_duration_is_measured(data: Any) -> None:
    assert abs(composed(Sender.AUDIO, data)["duration"] - 1000) <= 20


@pytest.mark.parametrize(("data", "duration_ms"), [("a,b.mp3", 1000), ("a,b.mp3,700", 700)])
def test_a_key_may_hold_commas(data: str, duration_ms: int) -> None:
    message = composed(Sender.AUDIO, data)

    assert is_link_to("a%2Cb.mp3", message["originalContentUrl"])
    assert abs(message["duration"] - duration_ms) <= 20


@pytest.mark.parametrize(
    "data",
    [
        "a,b.mp4,a.png",
        "a,b.mp4 , a.png",
        {"video": "a,b.mp4", "preview": "a.png"},
        {"video_file_key": "a,b.mp4", "video_image_key": "a.png"},
        '{"video_file_key": "a,b.mp4", "preview": "a.png"}',
    ],
)
def test_a_video_comes_with_its_cover(data: Any) -> None:
    message = composed(Sender.VIDEO, data)

    assert is_link_to("a%2Cb.mp4", message["originalContentUrl"])
    assert is_link_to("a.png", message["previewImageUrl"])
    assert "trackingId" not in message


def test_a_video_may_be_tracked() -> None:
    data = {"video": "sample_video.mp4", "preview": "a.png", "tracking_id": "spring"}

    assert composed(Sender.VIDEO, data)["trackingId"] == "spring"


def test_a_video_without_a_cover_says_what_is_missing() -> None:
    with pytest.raises(InvalidEventError, match=r"data\.preview: is missing: name the cover"):
        compose(Sender.VIDEO, "sample_video.mp4", MEDIA)


@pytest.mark.parametrize("form", [lambda one: one, lambda one: [one], json.dumps, lambda one: json.dumps([one])])
def test_messages_are_lines_own_objects(form: Any) -> None:
    message = {"type": "sticker", "packageId": "446", "stickerId": "1988"}

    assert compose(Sender.MESSAGES, form(message)) == (message,)


def test_urls_in_messages_are_percent_encoded() -> None:
    message = {
        "type": "image",
        "originalContentUrl": "https://example.com/春",
        "previewImageUrl": "https://example.com/a b",
    }

    assert composed(Sender.MESSAGES, message) == {
        "type": "image",
        "originalContentUrl": "https://example.com/%E6%98%A5",
        "previewImageUrl": "https://example.com/a%20b",
    }


@pytest.mark.parametrize(
    ("sender", "data", "paths"),
    [
        (Sender.TEXT, {"text": 5}, ["data.text"]),
        (Sender.TEXT, {"text": " "}, ["data.text"]),
        (Sender.TEXT, {}, ["data.text"]),
        (Sender.TEXT, '{"text": null}', ["data.text"]),
        (Sender.TEXT, {"text": "a", "txet": "b"}, ["data.txet"]),
        (Sender.TEXT, 5, ["data"]),
        (Sender.TEXT, ["a"], ["data"]),
        (Sender.IMAGE, {}, ["data.image"]),
        (Sender.IMAGE, "{}", ["data.image"]),
        (
            Sender.IMAGE,
            {"image": "../a.png", "preview": "/b.png", "size": 1},
            ["data.image", "data.preview", "data.size"],
        ),
        (Sender.IMAGE, "https://example.com/a.png", ["data.image"]),
        (Sender.IMAGE, "previews/a.png", ["data.image"]),
        (Sender.IMAGE, {"image": ["a.png"]}, ["data.image"]),
        (Sender.AUDIO, "a.mp3,soon", ["data.duration_ms"]),
        (Sender.AUDIO, "a.mp3,-5", ["data.duration_ms"]),
        (Sender.AUDIO, "a.mp3,0", ["data.duration_ms"]),
        (Sender.AUDIO, "incoming/a.mp3,5.5", ["data.audio", "data.duration_ms"]),
        (Sender.AUDIO, {"audio": "a.mp3", "duration_ms": True}, ["data.duration_ms"]),
        (Sender.AUDIO, {"audio": "a.mp3", "duration_ms": 1.5}, ["data.duration_ms"]),
        (Sender.AUDIO, {"audio": "a.mp3", "Audio_bucket_key": "b.mp3"}, ["data.Audio_bucket_key"]),
        (Sender.AUDIO, {"Audio_bucket_key": "/a.mp3"}, ["data.Audio_bucket_key"]),
        (Sender.VIDEO, {}, ["data.video", "data.preview"]),
        (Sender.VIDEO, ",", ["data.video", "data.preview"]),
        (Sender.VIDEO, {"video": "a.mp4", "preview": "c.png", "tracking_id": 5}, ["data.tracking_id"]),
        (Sender.MESSAGES, "hello", ["data"]),
        (Sender.MESSAGES, "5", ["data"]),
        (Sender.MESSAGES, [], ["data"]),
        (Sender.MESSAGES, [{"type": "text", "text": "a"}] * 6, ["data"]),
        (Sender.MESSAGES, [{"type": "text", "text": "a"}, "b", None], ["data[1]", "data[2]"]),
        (Sender.MESSAGES, "[" * 100_000, ["data"]),
    ],
)
def test_every_fault_is_named_by_its_path(sender: Sender, data: Any, paths: list[str]) -> None:
    assert faults_of(sender, data) == paths


@pytest.mark.parametrize("sender", list(Sender))
@given(
    data=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["text", "image", "audio", "video", "type", "tts", "speed"]), inner)
        ),
        max_leaves=6,
    )
)
def test_any_data_is_composed_or_refused(sender: Sender, data: Any) -> None:
    try:
        messages = compose(sender, data, MEDIA, SPEAKER)
    except (InvalidEventError, MediaNotFoundError, UnsupportedMediaError):
        return
    assert 1 <= len(messages) <= 5


@pytest.mark.parametrize("sender", [Sender.IMAGE, Sender.AUDIO, Sender.VIDEO, Sender.SPEECH])
def test_a_sender_of_files_needs_its_bucket_and_one_that_speaks_its_voice(sender: Sender) -> None:
    with pytest.raises(ConfigurationError, match=sender.value):
        compose(sender, None, None)
