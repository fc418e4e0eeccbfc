"""`Data`, as each sender reads it."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.composing.read_data import Sources, read_data
from kairan.composing.samples import SAMPLE_MESSAGES, SAMPLE_SPEECH, SAMPLE_TEXT
from kairan.composing.speaking import Voice
from kairan.content import Audio, Content, Image, Native, Speech, Text, Video
from kairan.contract import Sender
from kairan.errors import ConfigurationError, InvalidInputError, MediaNotFoundError, UnsupportedMediaError
from kairan.messengers.line.messenger import LineMessenger
from tests.cases.characters import BLANKS, INVISIBLE
from tests.fakes.clock import FakeClock
from tests.fakes.line import FakeLine
from tests.fakes.media import FakeMedia
from tests.fakes.speech import FakeSynthesizer
from tests.rigs import media_files

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

STYLE_ID = 888753760
LINE = LineMessenger(FakeLine(FakeClock()))
SOURCES = Sources(LINE, MEDIA, Voice(FakeSynthesizer(), STYLE_ID, max_characters=100))
NOTHING = [None, "", " ", "\n\u3000\t"]


def read(sender: Sender, data: Any) -> Content:
    return read_data(sender, data, SOURCES)


def text(data: Any) -> str:
    (piece,) = read(Sender.TEXT, data)
    assert isinstance(piece, Text)
    return piece.text


def image(data: Any) -> Image:
    (piece,) = read(Sender.IMAGE, data)
    assert isinstance(piece, Image)
    return piece


def audio(data: Any) -> Audio:
    (piece,) = read(Sender.AUDIO, data)
    assert isinstance(piece, Audio)
    return piece


def video(data: Any) -> Video:
    (piece,) = read(Sender.VIDEO, data)
    assert isinstance(piece, Video)
    return piece


def messages(data: Any) -> Sequence[Any]:
    (piece,) = read(Sender.MESSAGES, data)
    assert isinstance(piece, Native)
    return piece.objects


def violations_of(sender: Sender, data: Any) -> list[str]:
    with pytest.raises(InvalidInputError) as raised:
        read(sender, data)
    return [violation.path for violation in raised.value.violations]


def is_link_to(key: str, url: str) -> bool:
    return url.startswith(f"https://media.example/{key}?v=")


@pytest.mark.parametrize("data", NOTHING)
def test_nothing_is_the_sample(data: Any) -> None:
    assert text(data) == SAMPLE_TEXT
    assert is_link_to("sample_image.jpg", image(data).url)
    assert is_link_to("sample_audio.mp3", audio(data).url)
    assert abs(audio(data).duration_ms - SAMPLE_AUDIO_S * 1000) <= 20
    assert is_link_to("sample_video.mp4", video(data).url)
    assert is_link_to("sample_image.jpg", video(data).preview_url)
    assert read(Sender.SPEECH, data) == (Speech(SAMPLE_SPEECH, STYLE_ID),)
    assert messages(data) == SAMPLE_MESSAGES
    assert LINE.violations(read(Sender.MESSAGES, data)) == []


@pytest.mark.parametrize(
    "words",
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
def test_a_text_is_a_text_whatever_it_looks_like(words: str) -> None:
    assert text(words) == words


@pytest.mark.parametrize("data", [{"text": "hi"}, '{"text": "hi"}', ' {"text": "hi"} '])
def test_a_text_may_come_in_an_object(data: Any) -> None:
    assert text(data) == "hi"


@given(st.text().filter(str.strip))
def test_any_text_gets_through(words: str) -> None:
    assert text({"text": words}) == words
    assert text(json.dumps({"text": words})) == words
    if not words.lstrip().startswith("{"):
        assert text(words) == words


@pytest.mark.parametrize(
    "data", ["a.png", " a.png ", {"image": "a.png"}, '{"image": "a.png"}', {"image": "a.png", "preview": None}]
)
def test_an_image_is_named_by_its_key(data: Any) -> None:
    assert is_link_to("a.png", image(data).url)
    assert image(data).preview_url.startswith("https://media.example/previews/a.png.")
    assert image(data).media_keys == ("a.png",)


def test_an_image_may_bring_its_preview() -> None:
    piece = image({"image": "a.png", "preview": "sample_image.jpg"})

    assert is_link_to("sample_image.jpg", piece.preview_url)
    assert piece.media_keys == ("a.png", "sample_image.jpg")


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
    assert is_link_to("sample_audio.mp3", audio(data).url)
    assert audio(data).duration_ms == 5000


@pytest.mark.parametrize("blanks", BLANKS)
def test_a_key_loses_the_blanks_around_it(blanks: str) -> None:
    assert is_link_to("a.png", image(f"{blanks}a.png{blanks}").url)
    assert is_link_to("a.png", image({"image": f"a.png{blanks}"}).url)
    assert is_link_to("a%2Cb.mp4", video(f"a,b.mp4{blanks},a.png{blanks}").url)
    assert audio(f"a,b.mp3{blanks},700{blanks}").duration_ms == 700


@pytest.mark.parametrize("data", ["a.m4a", "a.m4a,", {"audio": "a.m4a"}])
def test_audio_without_a_duration_is_measured(data: Any) -> None:
    assert abs(audio(data).duration_ms - 1000) <= 20


@pytest.mark.parametrize(("data", "duration_ms"), [("a,b.mp3", 1000), ("a,b.mp3,700", 700)])
def test_a_key_may_hold_commas(data: str, duration_ms: int) -> None:
    assert is_link_to("a%2Cb.mp3", audio(data).url)
    assert abs(audio(data).duration_ms - duration_ms) <= 20


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
    assert is_link_to("a%2Cb.mp4", video(data).url)
    assert is_link_to("a.png", video(data).preview_url)
    assert video(data).tracking_id is None


def test_a_video_may_be_tracked() -> None:
    data = {"video": "sample_video.mp4", "preview": "a.png", "tracking_id": "spring"}

    assert video(data).tracking_id == "spring"


def test_a_video_without_a_cover_says_what_is_missing() -> None:
    with pytest.raises(InvalidInputError, match=r"data\.preview: is missing: name the cover"):
        read(Sender.VIDEO, "sample_video.mp4")


@pytest.mark.parametrize("data", ["おはよう", " おはよう\n", {"tts": "おはよう"}, '{"tts": "おはよう"}'])
def test_words_are_speech_in_the_deployments_style(data: Any) -> None:
    assert read(Sender.SPEECH, data) == (Speech("おはよう", STYLE_ID),)


@pytest.mark.parametrize("words", ["1,2,3", '{"text": "no tts in it"}', "{not JSON}"])
def test_words_that_look_like_something_else_are_words(words: str) -> None:
    assert read(Sender.SPEECH, words) == (Speech(words, STYLE_ID),)


def test_a_text_goes_before_the_speech() -> None:
    assert read(Sender.SPEECH, {"tts": "おはよう", "text": "Good morning"}) == (
        Text("Good morning"),
        Speech("おはよう", STYLE_ID),
    )


@pytest.mark.parametrize("blank", [None, "", " \u3000"])
@pytest.mark.parametrize(
    ("sender", "data", "name"),
    [
        (Sender.IMAGE, {"image": "a.png"}, "preview"),
        (Sender.AUDIO, {"audio": "a,b.mp3"}, "duration_ms"),
        (Sender.VIDEO, {"video": "a,b.mp4", "preview": "a.png"}, "tracking_id"),
        (Sender.SPEECH, {"tts": "a"}, "text"),
        (Sender.SPEECH, {"tts": "a"}, "speaker"),
    ],
)
def test_a_blank_optional_field_is_as_absent(
    sender: Sender, data: dict[str, Any], name: str, blank: str | None
) -> None:
    assert read(sender, {**data, name: blank}) == read(sender, data)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_have_is_refused(number: str) -> None:
    flex = f'[{{"type": "flex", "altText": "a", "contents": {{"type": "bubble", "size": {number}}}}}]'

    for data in (flex, json.loads(flex)):
        with pytest.raises(InvalidInputError) as raised:
            read(Sender.MESSAGES, data)
        assert [violation.path for violation in raised.value.violations] == ["data"]


@pytest.mark.parametrize("words", INVISIBLE)
def test_a_text_beside_words_that_shows_nothing_is_left_out(words: str) -> None:
    assert read(Sender.SPEECH, {"tts": "a", "text": words}) == (Speech("a", STYLE_ID),)


def test_zero_is_a_value() -> None:
    data = {"tts": "a", "speaker": 0, "volume": 0, "pitch": 0, "speed": 0.5}

    assert read(Sender.SPEECH, data) == (Speech("a", 0, speed=0.5, pitch=0.0, volume=0.0),)


@pytest.mark.parametrize("form", [lambda one: one, lambda one: [one], json.dumps, lambda one: json.dumps([one])])
def test_messages_are_lines_own_objects(form: Any) -> None:
    message = {"type": "sticker", "packageId": "446", "stickerId": "1988"}

    assert messages(form(message)) == (message,)


@pytest.mark.parametrize("blanks", BLANKS)
def test_media_addresses_in_messages_lose_the_blanks_around_them(blanks: str) -> None:
    message = {
        "type": "image",
        "originalContentUrl": f"{blanks}https://a/a.jpg{blanks}",
        "previewImageUrl": "https://a/b",
    }

    assert messages(message) == ({**message, "originalContentUrl": "https://a/a.jpg"},)


def test_urls_in_messages_are_percent_encoded() -> None:
    message = {
        "type": "image",
        "originalContentUrl": "https://example.com/春",
        "previewImageUrl": "https://example.com/a b",
    }

    assert messages(message) == (
        {
            "type": "image",
            "originalContentUrl": "https://example.com/%E6%98%A5",
            "previewImageUrl": "https://example.com/a%20b",
        },
    )


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
        (Sender.SPEECH, {}, ["data.tts"]),
        (Sender.SPEECH, {"tts": 5}, ["data.tts"]),
        (Sender.SPEECH, {"tts": " "}, ["data.tts"]),
        (
            Sender.SPEECH,
            {"tts": "a", "text": 5, "speaker": 1.5, "speed": 0.4, "pitch": "0", "volume": True},
            ["data.text", "data.speaker", "data.speed", "data.pitch", "data.volume"],
        ),
        (Sender.SPEECH, {"tts": "a", "speaker": 2**31}, ["data.speaker"]),
        (Sender.SPEECH, {"tts": "a", "pich": 0}, ["data.pich"]),
        (Sender.SPEECH, ["a"], ["data"]),
        (Sender.MESSAGES, "hello", ["data"]),
        (Sender.MESSAGES, "5", ["data"]),
        (Sender.MESSAGES, [], ["data"]),
        (Sender.MESSAGES, [{"type": "text", "text": "a"}] * 6, ["data"]),
        (Sender.MESSAGES, [{"type": "text", "text": "a"}, "b", None], ["data[1]", "data[2]"]),
        (Sender.MESSAGES, "[" * 100_000, ["data"]),
    ],
)
def test_every_violation_is_named_by_its_path(sender: Sender, data: Any, paths: list[str]) -> None:
    assert violations_of(sender, data) == paths


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
def test_any_data_is_read_or_refused(sender: Sender, data: Any) -> None:
    try:
        content = read(sender, data)
    except (InvalidInputError, MediaNotFoundError, UnsupportedMediaError):
        return
    assert 1 <= len(content) <= 2


@pytest.mark.parametrize("sender", [Sender.IMAGE, Sender.AUDIO, Sender.VIDEO, Sender.SPEECH])
def test_a_sender_of_files_needs_its_bucket_and_one_that_speaks_its_voice(sender: Sender) -> None:
    with pytest.raises(ConfigurationError, match=sender.value):
        read_data(sender, None, Sources(LINE))
