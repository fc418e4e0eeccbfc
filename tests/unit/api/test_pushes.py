"""What each route sends, and what it answers."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.fakes.line import text
from tests.rigs import media_files
from tests.rigs.gateway import form
from tests.rigs.push_service import KEY, USER, PushServiceRig

GROUP, ROOM = "C" + "0" * 32, "R" + "f" * 32
IMAGE_MESSAGE = {
    "type": "image",
    "originalContentUrl": "https://media.example/cat.jpg?v=1",
    "previewImageUrl": "https://media.example/cat.jpg?v=1",
}


def test_a_text_is_pushed_and_lines_ids_are_answered(service: PushServiceRig) -> None:
    answer = service.push("text", {"text": "Hello"})

    assert answer.status == 200
    assert answer.json == {"sentMessages": [{"id": "request-1-0"}]}
    assert service.sent() == [text("Hello")]


@pytest.mark.parametrize("chat", [USER, GROUP, ROOM])
def test_users_groups_and_rooms_can_be_pushed_to(service: PushServiceRig, chat: str) -> None:
    assert service.push("text", {"text": "Hello"}, to=chat).status == 200

    assert service.sent(chat) == [text("Hello")]


def test_text_is_stripped(service: PushServiceRig) -> None:
    service.push("text", {"text": "\n  Hello, \u3000you \t"})

    assert service.sent() == [text("Hello, \u3000you")]


def test_braces_stay_as_they_are(service: PushServiceRig) -> None:
    service.push("text", {"text": "{{Attributes.name}}"})

    assert service.sent() == [text("{{Attributes.name}}")]


def test_two_and_a_half_thousand_emoji_are_a_text(service: PushServiceRig) -> None:
    assert service.push("text", {"text": "😀" * 2500}).status == 200


def test_words_are_spoken_after_the_text(service: PushServiceRig) -> None:
    answer = service.push("tts", {"tts": "おはよう", "text": "Good morning"})

    sound = service.sent()[1]
    assert answer.json == {
        "sentMessages": [{"id": "request-1-0"}, {"id": "request-1-1"}],
        "tts_audio_url": sound["originalContentUrl"],
        "tts_audio_duration": 600,
    }
    assert service.sent() == [text("Good morning"), sound]


def test_words_are_spoken_as_the_setting_says_unless_told_otherwise(service: PushServiceRig) -> None:
    service.push("tts", {"tts": "おはよう"})

    [words] = service.speech.asked
    assert (words.text, words.style_id, words.speed, words.pitch, words.volume) == (
        "おはよう",
        888753760,
        1.0,
        0.0,
        1.0,
    )


@pytest.mark.parametrize("speaker", [0, -1, 2**31 - 1, -(2**31)])
def test_any_voice_of_32_bits_may_speak_and_nothing_is_a_value(service: PushServiceRig, speaker: int) -> None:
    answer = service.push("tts", {"tts": "おはよう", "volume": 0, "pitch": 0, "speed": 0.5, "speaker": speaker})

    assert answer.status == 200
    [words] = service.speech.asked
    assert (words.volume, words.pitch, words.speed, words.style_id) == (0, 0, 0.5, speaker)


@pytest.mark.parametrize("text", ["", "  \n", "\u200b", None])
def test_an_empty_text_beside_a_medium_is_left_out(service: PushServiceRig, text: str | None) -> None:
    service.push("tts", {"tts": "おはよう", "text": text})

    assert [message["type"] for message in service.sent()] == ["audio"]


@pytest.mark.parametrize(
    ("route", "name", "data", "type_"),
    [
        ("image", "cat.jpg", media_files.image, "image/jpeg"),
        ("image", "猫.png", lambda: media_files.image("PNG"), "image/png"),
        ("audio", "hi.mp3", media_files.audio, "audio/mpeg"),
        ("audio", "hi.m4a", lambda: media_files.audio("m4a"), "audio/x-m4a"),
        ("image", "cat.jpg", media_files.image, None),
        ("audio", None, media_files.audio, "application/octet-stream"),
    ],
)
def test_a_file_is_pushed_from_a_form(
    service: PushServiceRig, route: str, name: str | None, data: Callable[[], bytes], type_: str | None
) -> None:
    content_type, body = form(("text", None, None, "こんにちは".encode()), (route, name, type_, data()))

    answer = service.push(route, body, content_type=content_type)

    assert answer.status == 200
    medium = service.sent()[1]
    assert service.sent()[0] == text("こんにちは")
    assert medium["type"] == route
    assert answer.json[f"{route}_url"] == medium["originalContentUrl"]
    [key] = [key for key in service.files() if key.startswith("uploads/")]
    assert f"/{key}?v=" in medium["originalContentUrl"]


def test_the_duration_of_a_sound_is_answered(service: PushServiceRig) -> None:
    content_type, body = form(("audio", "hi.mp3", "audio/mpeg", media_files.audio(seconds=2.0)))

    answer = service.push("audio", body, content_type=content_type)

    assert answer.json["audio_duration"] == pytest.approx(2000, abs=20)
    assert service.sent()[0]["duration"] == answer.json["audio_duration"]


@pytest.mark.parametrize("given", [b"3000", b" 3000 "])
def test_a_form_may_give_the_duration_of_its_sound(service: PushServiceRig, given: bytes) -> None:
    sound = media_files.m4a_of_unknown_duration()
    content_type, body = form(("audio", "rec.m4a", None, sound), ("duration_ms", None, None, given))

    answer = service.push("audio", body, content_type=content_type)

    assert (answer.status, answer.json["audio_duration"]) == (200, 3000)
    assert service.sent()[0]["duration"] == 3000


@pytest.mark.parametrize("name", ["photo.jfif", "photo.jpe", "Screenshot_2026.11.24", "report v1.2", "photo.png"])
def test_the_bytes_of_a_form_decide_what_is_pushed(service: PushServiceRig, name: str) -> None:
    content_type, body = form(("image", name, None, media_files.image()))

    answer = service.push("image", body, content_type=content_type)

    assert answer.status == 200
    assert urlsplit(answer.json["image_url"]).path.endswith(".jpg")


def test_a_file_of_the_bucket_is_pushed_by_its_key(service: PushServiceRig) -> None:
    service.images.files |= {"summer/猫.jpg": media_files.image(), "small.jpg": media_files.image(size=(4, 3))}

    answer = service.push("image", {"image": "summer/猫.jpg", "preview": "small.jpg"})

    [message] = service.sent()
    assert answer.json["image_url"] == message["originalContentUrl"]
    assert "/small.jpg?v=" in message["previewImageUrl"]


def test_a_given_duration_is_shown_as_it_is(service: PushServiceRig) -> None:
    service.audio.files["hi.mp3"] = media_files.audio()

    assert service.push("audio", {"audio": "hi.mp3", "duration_ms": 7}).json["audio_duration"] == 7


def test_an_upload_is_copied_to_where_it_is_served(service: PushServiceRig) -> None:
    ticket = create_upload(service, "images", "cat.jpg", "image/jpeg")
    service.images.files[ticket["key"]] = media_files.image()

    answer = service.push("image", {"image": ticket["key"], "text": "A cat"})

    assert answer.status == 200
    assert "/uploads/" in answer.json["image_url"]
    assert "incoming" not in json.dumps(service.sent())


def test_an_image_and_its_preview_may_both_be_uploads(service: PushServiceRig) -> None:
    image, preview = (create_upload(service, "images", name, "image/jpeg")["key"] for name in ("cat.jpg", "small.jpg"))
    service.images.files |= {image: media_files.image(), preview: media_files.image(size=(4, 3))}

    service.push("image", {"image": image, "preview": preview})

    [message] = service.sent()
    assert message["originalContentUrl"].partition("?")[0] != message["previewImageUrl"].partition("?")[0]


def test_a_video_is_pushed_with_its_cover(service: PushServiceRig) -> None:
    video, cover = (
        create_upload(service, "video", *what)["key"] for what in (("a.mp4", "video/mp4"), ("a.jpg", "image/jpeg"))
    )
    service.video.files |= {video: media_files.video(), cover: media_files.image()}

    answer = service.push("video", {"video": video, "preview": cover, "tracking_id": " tour ", "text": "Look"})

    message = service.sent()[1]
    assert answer.json["video_url"] == message["originalContentUrl"]
    assert message["trackingId"] == "tour"


def create_upload(service: PushServiceRig, bucket: str, name: str, content_type: str) -> Any:
    body = json.dumps({"name": name, "content_type": content_type, "size": 1000})
    return service.ask("POST", f"/v1/media/{bucket}", body=body).json


def test_message_objects_are_pushed_as_they_are(service: PushServiceRig) -> None:
    messages = [text(f"number {number}") for number in range(4)] + [IMAGE_MESSAGE | {"unknown": {"to": "us"}}]

    answer = service.push("messages", {"messages": messages, "notificationDisabled": True})

    assert len(answer.json["sentMessages"]) == 5
    assert service.sent() == messages


@pytest.mark.parametrize(
    "content_type", ["application/json", 'Application/JSON; charset="UTF-8"', "", "application/vnd.api+json"]
)
def test_json_is_read_under_all_its_names(service: PushServiceRig, content_type: str) -> None:
    assert service.push("text", {"text": "Hello"}, content_type=content_type).status == 200


@pytest.mark.parametrize("body", ['{"text": "猫"}'.encode(), b'\xef\xbb\xbf{"text": "\\u732b"}', '{"text": "猫"}'])
def test_json_is_read_in_all_its_writings(service: PushServiceRig, body: bytes | str) -> None:
    service.push("text", body)

    assert service.sent() == [text("猫")]


# the key


def test_the_callers_key_comes_back_and_another_is_made_for_who_gives_none(service: PushServiceRig) -> None:
    assert service.push("text", {"text": "Hello"}, key=KEY).headers["x-line-retry-key"] == KEY

    minted = [service.push("text", {"text": "Hello"}).headers["x-line-retry-key"] for _ in range(2)]
    assert len({*minted, KEY}) == 3


def test_a_key_that_was_made_for_a_call_names_it_afterwards(service: PushServiceRig) -> None:
    first = service.push("text", {"text": "Hello"})

    again = service.push("text", {"text": "Hello"}, key=first.headers["x-line-retry-key"])

    assert again == first
    assert service.line.received[USER] == 1


@pytest.mark.parametrize(
    "headers",
    [
        [("X-LINE-RETRY-KEY", KEY)],
        [("idempotency-key", KEY.upper())],
        [("x-line-retry-key", KEY), ("Idempotency-Key", KEY.upper())],
        [("Idempotency-Key", f'"{KEY}"')],
        [("X-Line-Retry-Key", f'" {KEY}"'), ("Idempotency-Key", KEY)],
        [("x-line-retry-key", KEY), ("x-line-retry-key", KEY)],
        [("x-line-retry-key", f"{KEY}, {KEY}")],
    ],
)
def test_a_key_is_read_from_either_header_however_it_is_written(
    service: PushServiceRig, headers: list[tuple[str, str]]
) -> None:
    for _ in range(2):
        answer = service.ask("POST", f"/v1/push_message/{USER}/text", headers=headers, body='{"text": "Hello"}')
        assert answer.headers["x-line-retry-key"] == KEY

    assert service.line.received[USER] == 1


@pytest.mark.parametrize(
    "headers",
    [
        [("X-Line-Retry-Key", "not a uuid")],
        [("X-Line-Retry-Key", KEY.replace("-", ""))],
        [("Idempotency-Key", "")],
        [("Idempotency-Key", '"')],
        [("Idempotency-Key", '""')],
        [("Idempotency-Key", f'"{KEY}')],
        [("X-Line-Retry-Key", KEY), ("Idempotency-Key", KEY[:-1] + "0")],
        [("X-Line-Retry-Key", f"{KEY},{KEY[:-1]}0")],
    ],
)
def test_a_key_that_is_none_or_two_is_refused(service: PushServiceRig, headers: list[tuple[str, str]]) -> None:
    answer = service.ask("POST", f"/v1/push_message/{USER}/text", headers=headers, body='{"text": "Hello"}')

    assert (answer.status, answer.json["code"]) == (422, "invalid_request")
    assert answer.json["details"][0]["path"] == headers[-1][0]
    assert service.line.calls == []


@pytest.mark.parametrize(
    "other",
    [
        {"to": "U" + "b" * 32},
        {"identity": {"apiKeyId": "key-2"}},
        {"identity": {"caller": "AROAEXAMPLE:session"}},
        {"identity": {}},
    ],
)
def test_the_same_key_for_another_chat_or_by_another_caller_is_another_push(
    service: PushServiceRig, other: dict[str, Any]
) -> None:
    service.push("text", {"text": "Hello"}, key=KEY)

    assert service.push("text", {"text": "Hello"}, key=KEY, **other).status == 200

    assert len(service.line.calls) == 2


def test_a_callers_sessions_are_one_caller(service: PushServiceRig) -> None:
    for session in ("monday", "tuesday"):
        service.push("text", {"text": "Hello"}, key=KEY, identity={"caller": f"AROAEXAMPLE:{session}"})

    assert len(service.line.calls) == 1


def test_where_no_id_is_told_the_key_itself_tells_callers_apart(service: PushServiceRig) -> None:
    for value in ("one", "two", "two"):
        headers = [("X-API-Key", value), ("X-Line-Retry-Key", KEY)]
        service.ask("POST", f"/v1/push_message/{USER}/text", headers=headers, body='{"text": "Hi"}', identity={})

    assert len(service.line.calls) == 2


# what is counted and logged


def test_a_push_is_counted_and_logged_once_without_anything_personal(
    service: PushServiceRig, counted: Callable[[str], int], logged: Callable[[], list[dict[str, Any]]]
) -> None:
    service.handler = service.api  # without what flushes the metrics at the end
    service.push("text", {"text": "a secret"}, key=KEY)
    service.push("text", {"text": "a secret"}, key=KEY)

    assert counted("MessagesSent") == 1
    lines = logged()
    assert [line["message"] for line in lines] == ["pushed", "pushed"]
    assert lines[0]["batch_id"] == lines[1]["batch_id"]
    assert lines[0]["line_request_id"] == "request-1"
    assert "secret" not in json.dumps(lines)
    assert USER not in json.dumps(lines)
