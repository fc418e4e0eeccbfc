"""Each bad input has its answer and leaves nothing behind: no call to LINE, no file, nothing in the ledger."""

import json
from base64 import b64encode
from typing import Any

import pytest

from api import answers
from kairan.contract import API_MAX_BODY_BYTES
from tests.cases.bad_bodies import BAD_BODIES, Case
from tests.cases.bad_files import BAD_FILES, BadFile
from tests.cases.line_limits import image
from tests.fakes.line import text
from tests.rigs import media_files
from tests.rigs.gateway import Context, answered, form, gateway_event
from tests.rigs.push_service import KEY, USER, PushServiceRig

JPEG = "image/jpeg"


def assert_nothing_is_left(service: PushServiceRig, *files: str) -> None:
    """But for `files`, which were there before."""
    assert service.line.calls == []
    assert service.files() == set(files)
    assert service.ledger.batches() == set()


@pytest.mark.parametrize("case", BAD_BODIES, ids=str)
def test_a_body_that_is_not_what_it_must_be_is_refused_with_its_fault_by_path(
    service: PushServiceRig, case: Case
) -> None:
    answer = service.push(case.route, case.body, key=KEY)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request")
    assert [detail["path"] for detail in answer.json["details"]] == [case.path]
    assert answer.headers["x-line-retry-key"] == KEY
    assert service.speech.asked == []
    assert_nothing_is_left(service)


@pytest.mark.parametrize(
    ("key", "to", "path"),
    [("no uuid", "me", "X-Line-Retry-Key"), (KEY, "me", "user_id"), (KEY, USER, "text")],
)
def test_the_first_fault_is_answered_the_key_before_the_id_before_the_body(
    service: PushServiceRig, key: str, to: str, path: str
) -> None:
    answer = service.push("text", {}, to=to, key=key)

    assert answer.status == 422
    assert [detail["path"] for detail in answer.json["details"]] == [path]


def test_a_name_that_is_given_twice_is_found_among_many(service: PushServiceRig) -> None:
    names = ", ".join(f'"{number}": 1' for number in range(200_000))

    answer = service.push("text", "{" + names + ', "199999": 2}')

    assert (answer.status, answer.json["error"]) == (422, "body: gives '199999' twice")


@pytest.mark.parametrize(
    "body",
    [
        {"text": "Hello"} | {f"name {number}": 1 for number in range(200_000)},
        {"text": "Hello", "n" * 4_000_000: 1},
        {"text": "Hello", "猫" * 700_000: 1},
    ],
    ids=["many", "long", "long in Japanese"],
)
def test_whatever_is_wrong_fits_into_the_answer(service: PushServiceRig, body: Any) -> None:
    answer = service.push("text", body)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request")
    assert 1 <= len(answer.json["details"]) <= answers.MAX_DETAILS
    assert len(json.dumps(answer.json)) < 100_000


@pytest.mark.parametrize("text", ["a" * 5001, "😀" * 2500 + "a", "猫" * 5001])
def test_a_text_over_lines_limit_is_counted_as_line_counts(service: PushServiceRig, text: str) -> None:
    answer = service.push("text", {"text": text})

    assert answer.status == 422
    assert answer.json["details"] == [{"path": "text", "message": "5,001 characters; LINE takes 5,000"}]
    assert_nothing_is_left(service)


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=Shift_JIS",
        "application/jsonp",
        "multipart/form-data; boundary=x",
    ],
)
def test_a_body_of_another_type_is_refused(service: PushServiceRig, content_type: str) -> None:
    answer = service.push("text", {"text": "Hello"}, content_type=content_type)

    assert (answer.status, answer.json["details"][0]["path"]) == (422, "Content-Type")
    assert_nothing_is_left(service)


@pytest.mark.parametrize(
    "user_id",
    ["me", "U123", "u" + "a" * 32, "U" + "A" * 32, "X" + "a" * 32, "U" + "a" * 33, "U" + "a" * 31 + "%0A", "ユーザー"],
)
def test_an_id_of_another_form_is_refused(service: PushServiceRig, user_id: str) -> None:
    answer = service.push("text", {"text": "Hello"}, to=user_id)

    assert (answer.status, answer.json["details"][0]["path"]) == (422, "user_id")
    assert "x-line-retry-key" in answer.headers
    assert_nothing_is_left(service)


def test_more_than_is_spoken_at_once_is_refused_after_stripping(service: PushServiceRig) -> None:
    assert service.push("tts", {"tts": "あ" * 1500 + " " * 50}).status == 200

    answer = service.push("tts", {"tts": "あ" * 10_000})

    assert answer.status == 422
    assert answer.json["details"] == [
        {"path": "tts", "message": "10,000 characters; at most 1,500 are spoken (tts_max_characters)"}
    ]


def test_all_faults_are_told_at_once(service: PushServiceRig) -> None:
    answer = service.push("tts", {"tts": 1, "speed": 9, "more": 2})

    assert {detail["path"] for detail in answer.json["details"]} == {"tts", "speed", "more"}
    assert all(detail["message"] in answer.json["error"] for detail in answer.json["details"])


# files


@pytest.mark.parametrize(
    "bad",
    [bad for bad in BAD_FILES if bad.kind != "video" and not bad.is_misnamed and len(bad.data) < API_MAX_BODY_BYTES],
    ids=str,
)
def test_a_file_that_is_not_what_it_must_be_is_refused(service: PushServiceRig, bad: BadFile) -> None:
    content_type, body = form((bad.kind, bad.name, None, bad.data))

    answer = service.push(bad.kind, body, content_type=content_type)

    assert (answer.status, answer.json) == (400, {"error": bad.refusal, "code": "unsupported_media"})
    assert_nothing_is_left(service)


@pytest.mark.parametrize(
    ("parts", "path"),
    [
        ([], "image"),
        ([("text", None, None, b"Hello")], "image"),
        ([("image", "a.jpg", JPEG, b"x"), ("image", "b.jpg", JPEG, b"x")], "image"),
        ([("image", "a.jpg", JPEG, b"x"), ("more", None, None, b"x")], "more"),
        ([("image", "a.jpg", JPEG, b"x"), ("text", None, None, b"\xff")], "text"),
        ([("image", "a.jpg", JPEG, b"x"), ("text", None, None, b"a" * 5001)], "text"),
        ([("image", "../a.jpg", JPEG, b"x")], "image"),
        ([("image", "a.jpg", JPEG, b"x"), ("duration_ms", None, None, b"1")], "duration_ms"),
    ],
)
def test_a_form_that_is_not_what_it_must_be_is_refused(
    service: PushServiceRig, parts: list[tuple[str, str | None, str | None, bytes]], path: str
) -> None:
    content_type, body = form(*parts)

    answer = service.push("image", body, content_type=content_type)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request")
    assert [detail["path"] for detail in answer.json["details"]] == [path]
    assert_nothing_is_left(service)


@pytest.mark.parametrize(
    ("content_type", "cut"),
    [
        ("multipart/form-data", 0),
        ("multipart/form-data; boundary=", 0),
        ("multipart/form-data; boundary=other", 0),
        ("multipart/form-data; boundary=" + "x" * 300, 0),
        ("multipart/form-data; boundary=2f1e", 10),
        ("multipart/form-data; boundary=\u732b", 0),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(service: PushServiceRig, content_type: str, cut: int) -> None:
    _, body = form(("image", "a.jpg", JPEG, media_files.image()))

    answer = service.push("image", body[: len(body) - cut], content_type=content_type)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request")
    assert_nothing_is_left(service)


@pytest.mark.parametrize("encoded", [True, False])
def test_a_body_over_what_is_carried_is_refused_with_the_number_and_the_way(
    service: PushServiceRig, encoded: bool
) -> None:
    body = b"x" * 4_500_001

    answer = service.push("image", body if encoded else body.decode(), key=KEY)

    assert (answer.status, answer.json["code"]) == (413, "too_large")
    assert "4,500,000 bytes" in answer.json["error"]
    assert "/v1/media/images" in answer.json["error"]
    assert answer.headers["x-line-retry-key"] == KEY
    assert_nothing_is_left(service)


def test_a_body_of_just_what_is_carried_is_read(service: PushServiceRig) -> None:
    body = b'{"text": "Hello"' + b" " * (4_500_000 - 17) + b"}"

    assert service.push("text", body).status == 200


def test_base64_that_is_none_is_refused(service: PushServiceRig) -> None:
    event = gateway_event("POST", f"/v1/push_message/{USER}/text", body=b"")
    event["body"] = b64encode(b"x").decode().replace("=", "*")

    answer = answered(service.handler(event, Context(service.clock)))

    assert answer.status == 422


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("image", {"image": "absent.jpg"}),
        ("image", {"image": f"incoming/{KEY}/absent.jpg"}),
        ("audio", {"audio": "absent.mp3"}),
        ("video", {"video": "absent.mp4", "preview": "absent.jpg"}),
    ],
)
def test_a_key_of_nothing_is_refused(service: PushServiceRig, route: str, body: Any) -> None:
    answer = service.push(route, body)

    assert (answer.status, answer.json["code"]) == (422, "media_not_found")
    assert_nothing_is_left(service)


def test_an_upload_that_is_not_what_its_name_says_is_refused_and_not_copied(service: PushServiceRig) -> None:
    key = f"incoming/{KEY}/cat.jpg"
    service.images.files[key] = b"hello"

    answer = service.push("image", {"image": key})

    assert (answer.status, answer.json["code"]) == (400, "unsupported_media")
    assert_nothing_is_left(service, key)


def test_the_first_of_two_uploads_is_taken_back_when_the_second_is_refused(service: PushServiceRig) -> None:
    video, cover = f"incoming/{KEY}/a.mp4", f"incoming/{KEY}/a.jpg"
    service.video.files |= {video: media_files.video(), cover: b"hello"}

    assert service.push("video", {"video": video, "preview": cover}).status == 400

    assert_nothing_is_left(service, video, cover)


@pytest.mark.parametrize(
    ("fault", "path"),
    [
        ({"name": "../cat.jpg"}, "name"),
        ({"name": 5}, "name"),
        ({"size": 0}, "size"),
        ({"size": "1"}, "size"),
        ({"size": 1.0}, "size"),
        ({"content_type": None}, "content_type"),
        ({"more": 1}, "more"),
    ],
)
def test_an_upload_that_cannot_be_gets_no_upload_ticket(
    service: PushServiceRig, fault: dict[str, Any], path: str
) -> None:
    body = {"name": "cat.jpg", "content_type": JPEG, "size": 1000} | fault

    answer = service.ask("POST", "/v1/media/images", body=json.dumps(body))

    assert (answer.status, answer.json["code"]) == (422, "invalid_request")
    assert [detail["path"] for detail in answer.json["details"]] == [path]


@pytest.mark.parametrize(
    ("bucket", "body"),
    [
        ("images", {"name": "cat.svg", "content_type": "image/svg+xml", "size": 1000}),
        ("images", {"name": "cat.jpg", "content_type": JPEG, "size": 10_000_001}),
        ("audio", {"name": "hi.wav", "content_type": "audio/wav", "size": 1000}),
        ("video", {"name": "a.mov", "content_type": "video/quicktime", "size": 1000}),
    ],
)
def test_a_file_that_line_does_not_take_gets_no_upload_ticket(service: PushServiceRig, bucket: str, body: Any) -> None:
    answer = service.ask("POST", f"/v1/media/{bucket}", body=json.dumps(body))

    assert (answer.status, answer.json["code"]) == (400, "unsupported_media")


@pytest.mark.parametrize("blank", [None, "", " ", "\n\u3000"])
@pytest.mark.parametrize(
    ("route", "body", "optional"),
    [
        ("tts", {"tts": "こんにちは"}, ["text", "speaker", "speed", "pitch", "volume"]),
        ("image", {"image": "cat.jpg"}, ["preview", "text"]),
        ("audio", {"audio": "hi.mp3"}, ["duration_ms", "text"]),
        ("video", {"video": "tour.mp4", "preview": "tour.jpg"}, ["tracking_id", "text"]),
        ("messages", {"messages": [text("Hello")]}, ["notificationDisabled"]),
    ],
)
def test_a_field_that_may_be_left_out_may_be_null_or_blank(
    service: PushServiceRig, route: str, body: dict[str, Any], optional: list[str], blank: str | None
) -> None:
    service.images.files["cat.jpg"] = service.video.files["tour.jpg"] = media_files.image()
    service.audio.files["hi.mp3"] = media_files.audio()
    service.video.files["tour.mp4"] = media_files.video()

    plain = service.push(route, body)
    answer = service.push(route, body | dict.fromkeys(optional, blank))

    assert (plain.status, answer.status) == (200, 200), answer.json
    sent = service.line.messages[USER]
    assert sent[: len(sent) // 2] == sent[len(sent) // 2 :]


@pytest.mark.parametrize("blank", [None, "", " "])
@pytest.mark.parametrize(
    ("route", "body", "field"),
    [
        ("text", {}, "text"),
        ("tts", {"text": "t"}, "tts"),
        ("image", {}, "image"),
        ("video", {"video": "tour.mp4"}, "preview"),
        ("messages", {}, "messages"),
    ],
)
def test_a_field_that_is_needed_may_not_be_blank(
    service: PushServiceRig, route: str, body: dict[str, Any], field: str, blank: str | None
) -> None:
    answer = service.push(route, body | {field: blank})

    assert (answer.status, [detail["path"] for detail in answer.json["details"]]) == (422, [field])
    assert_nothing_is_left(service)


@pytest.mark.parametrize("end", ["%0A", "%20", "%E3%80%80", "\n", "\u200b"])
def test_a_media_address_that_ends_in_a_blank_is_refused_with_that_reason(service: PushServiceRig, end: str) -> None:
    picture = f"https://example.com/a.jpg{end}"

    answer = service.push("messages", {"messages": [image(picture, "https://example.com/a.jpg")]})

    assert answer.status == 422
    assert answer.json["details"] == [
        {
            "path": "messages[0].originalContentUrl",
            "message": "ends in a blank, a line break or a character of no width, or begins with one",
        }
    ]
    assert_nothing_is_left(service)
