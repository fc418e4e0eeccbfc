"""The same push asked for more than once: twice, at once, after a broken connection, after its function was killed."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairan.errors import StoreUnavailableError
from tests.fakes.clock import FakeClock
from tests.fakes.line import FakeLine, text
from tests.fakes.steps import KilledError, Stage
from tests.rigs import media_files
from tests.rigs.gateway import Answered, form
from tests.rigs.push_service import KEY, USER, PushServiceRig

IMAGE = media_files.image()
OTHER_KEY = KEY[:-1] + "0"


def image_form(data: bytes = IMAGE, text: bytes = b"A cat") -> dict[str, Any]:
    content_type, body = form(("image", "cat.jpg", "image/jpeg", data), ("text", None, None, text))
    return {"content_type": content_type, "body": body}


PUSHES: dict[str, dict[str, Any]] = {
    "text": {"body": {"text": "Hello"}},
    "tts": {"body": {"tts": "おはよう", "text": "Good morning"}},
    "image": image_form(),
    "messages": {"body": {"messages": [text("Hello"), text("you")]}},
}


@pytest.mark.parametrize("route", PUSHES)
def test_a_repeat_is_answered_as_the_first_and_sends_nothing(service: PushServiceRig, route: str) -> None:
    first = service.push(route, **PUSHES[route], key=KEY)
    spoken = len(service.speech.asked)
    service.clock.passed_s += 3600

    again = service.push(route, **PUSHES[route], key=KEY)

    assert first.status == 200
    assert again == first
    assert service.line.received[USER] == 1
    assert len(service.speech.asked) == spoken


def test_what_was_refused_is_refused_again_without_asking_line(service: PushServiceRig) -> None:
    service.line = FakeLine(service.clock, bad_ids=[USER])
    service = PushServiceRig(clock=service.clock, line=service.line)

    first, again = (service.push("image", **image_form(), key=KEY) for _ in range(2))

    assert first.status == 400
    assert again == first
    assert len(service.line.calls) == 1
    assert service.files() == set()


@pytest.mark.parametrize(
    ("route", "other"),
    [
        ("text", {"body": {"text": "Hello!"}}),
        ("tts", {"body": {"tts": "おはよう", "text": "Good morning", "speed": 1.5}}),
        ("image", image_form(data=media_files.image(size=(8, 8)))),
        ("image", image_form(text=b"A dog")),
        ("messages", {"body": {"messages": [text("Hello"), text("you")], "notificationDisabled": True}}),
    ],
)
def test_another_body_under_the_same_key_is_refused_and_leaves_nothing(
    service: PushServiceRig, route: str, other: dict[str, Any]
) -> None:
    first = service.push(route, **PUSHES[route], key=KEY)
    files = service.files()

    refused = service.push(route, **other, key=KEY)

    assert (refused.status, refused.json["code"]) == (409, "key_reused")
    assert refused.headers["x-line-retry-key"] == KEY
    assert service.files() == files
    assert service.push(route, **PUSHES[route], key=KEY) == first
    assert service.line.received[USER] == 1


def test_white_space_that_is_removed_makes_no_other_body(service: PushServiceRig) -> None:
    service.push("text", {"text": "Hello"}, key=KEY)

    assert service.push("text", {"text": " Hello\n"}, key=KEY).status == 200


def test_the_same_key_on_another_route_is_another_push(service: PushServiceRig) -> None:
    for route in ("text", "tts"):
        assert service.push(route, **PUSHES[route], key=KEY).status == 200

    assert service.line.received[USER] == 2


@pytest.mark.parametrize("lost", ["lost_after", "late"])
def test_a_push_that_line_took_before_the_connection_broke_is_not_sent_again(
    service: PushServiceRig, lost: Any
) -> None:
    service.line.answers = [lost] * 5

    first = service.push("image", **image_form(), key=KEY)
    files = service.files()
    again = service.push("image", **image_form(), key=KEY)

    assert first.status == (504 if lost == "late" else 502)
    assert again.status == 200
    assert service.line.received[USER] == 1
    assert again.json["sentMessages"] == [{"id": "request-1-0"}, {"id": "request-1-1"}]
    assert again.json["image_url"] == service.sent()[1]["originalContentUrl"]
    assert service.files() == files != set()


def test_after_a_day_without_an_answer_nothing_is_sent_and_the_caller_is_told(service: PushServiceRig) -> None:
    service.line.answers = ["lost_after"] * 5
    service.push("text", {"text": "Hello"}, key=KEY)
    service.clock.passed_s += 24 * 3600

    answer = service.push("text", {"text": "Hello"}, key=KEY)

    assert (answer.status, answer.json["code"]) == (409, "retry_window_closed")
    assert service.line.received[USER] == 1


def test_what_the_monthly_quota_stopped_goes_out_under_its_key_with_its_file(service: PushServiceRig) -> None:
    service.line.answers = ["quota"]
    first = service.push("image", **image_form(), key=KEY)

    again = service.push("image", **image_form(), key=KEY)

    assert (first.status, first.json["code"]) == (429, "monthly_quota")
    assert again.status == 200
    assert any(f"/{key}?" in again.json["image_url"] for key in service.files())


# at once


class Kept:
    """What calls of two callers came to."""

    def __init__(self, service: PushServiceRig, **push: Any) -> None:
        self._service = service
        self._push = push
        self.answers: list[Answered] = []

    def __call__(self) -> None:
        self.answers.append(self._service.push(**self._push))


def test_a_second_call_waits_for_the_first_and_is_answered_as_it() -> None:
    stage = Stage()
    service = PushServiceRig(stage=stage)
    ask = Kept(service, route="text", body={"text": "Hello"}, key=KEY)

    # the first stops while LINE works; the second looks at the ledger three times
    raised = stage.play([ask, ask], [0] * 4 + [1] * 4, [None, None])

    assert raised == [None, None]
    [first, second] = ask.answers
    assert first == second
    assert first.status == 200
    assert service.line.received[USER] == 1
    assert 0 < service.clock.passed_s < 10


def test_a_second_call_does_not_wait_for_ever() -> None:
    stage = Stage()
    service = PushServiceRig(stage=stage)
    ask = Kept(service, route="text", body={"text": "Hello"}, key=KEY)

    raised = stage.play([ask, ask], [0] * 4 + [1] * 100, [None, None])

    assert raised == [None, None]
    refused, first = ask.answers
    assert (refused.status, refused.json["code"]) == (409, "in_progress")
    assert refused.headers["x-line-retry-key"] == KEY
    assert first.status == 200
    assert service.clock.passed_s == pytest.approx(10, abs=0.5)


def test_another_body_is_refused_while_the_first_is_under_way() -> None:
    stage = Stage()
    service = PushServiceRig(stage=stage)
    one, other = (Kept(service, route="image", **image_form(text=word), key=KEY) for word in (b"one", b"other"))

    stage.play([one, other], [0, 1, 0, 1, 0], [None, None])

    assert {one.answers[0].status, other.answers[0].status} == {200, 409}
    assert len(service.files()) == 1
    assert service.line.received[USER] == 1


def test_a_call_that_was_killed_is_done_by_the_next_one() -> None:
    stage = Stage()
    service = PushServiceRig(stage=stage)
    ask = Kept(service, route="image", **image_form(), key=KEY)

    raised = stage.play([ask], [], [5])  # LINE has taken it, and the ledger does not say so
    waits = service.push("image", **image_form(), key=KEY)
    service.clock.passed_s += 60
    again = service.push("image", **image_form(), key=KEY)

    assert isinstance(raised[0], KilledError)
    assert (waits.status, waits.json["code"]) == (409, "in_progress")
    assert again.status == 200
    assert service.line.received[USER] == 1


ONE_ANSWER = ["ok", "lost_before", "lost_after", "late", "rate", "quota", "unauthorized"]
ANSWERS = st.lists(st.sampled_from(ONE_ANSWER), max_size=12)
KILLS = st.one_of(st.none(), st.integers(1, 12))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    route=st.sampled_from(sorted(PUSHES)),
    refused=st.booleans(),
    answers=ANSWERS,
    order=st.lists(st.integers(0, 1), max_size=40),
    killed_at=st.tuples(KILLS, KILLS),
    pauses_s=st.lists(st.sampled_from([1.0, 60.0, 3600.0]), max_size=5),
)
def test_whatever_happens_it_is_sent_once_answered_alike_and_its_files_are_there(
    route: str,
    refused: bool,
    answers: list[Any],
    order: list[int],
    killed_at: tuple[int | None, int | None],
    pauses_s: list[float],
) -> None:
    clock, stage = FakeClock(), Stage()
    line = FakeLine(clock, answers=answers, bad_ids=[USER] if refused else [])
    service = PushServiceRig(clock=clock, line=line, stage=stage)
    ask = Kept(service, route=route, **PUSHES[route], key=KEY)

    raised = stage.play([ask, ask], order, killed_at)
    assert all(error is None or isinstance(error, KilledError) for error in raised), raised
    for repeat in range(20):
        clock.passed_s += pauses_s[repeat] if repeat < len(pauses_s) else 60
        ask()

    settled = [answer for answer in ask.answers if answer.status in (200, 400)]
    assert ask.answers[-1].status == (400 if refused else 200)
    assert all(answer == settled[0] for answer in settled)
    assert line.received[USER] == (0 if refused else 1)
    if not refused and route == "image":
        assert any(f"/{key}?" in settled[0].json["image_url"] for key in service.files())


# files of a failed call


def fails_once(service: PushServiceRig) -> None:
    """The bucket stores the file, and does not answer when it is looked at."""
    image: Callable[..., Any] = service.images.image

    def fail(*_: Any, **__: Any) -> Any:
        service.images.image = image  # type: ignore[method-assign]
        raise StoreUnavailableError("the media bucket did not answer: 503")

    service.images.image = fail  # type: ignore[method-assign]


@pytest.mark.parametrize("key", [None, KEY])
def test_a_file_is_taken_back_when_nothing_was_recorded(service: PushServiceRig, key: str | None) -> None:
    fails_once(service)

    answer = service.push("image", **image_form(), key=key)

    assert (answer.status, answer.json["code"]) == (503, "store_unavailable")
    assert service.files() == set()


def test_a_repeat_of_what_failed_before_it_was_recorded_stores_its_file_anew(service: PushServiceRig) -> None:
    fails_once(service)
    service.push("image", **image_form(), key=KEY)

    answer = service.push("image", **image_form(), key=KEY)

    assert answer.status == 200
    [key] = service.files()
    assert f"/{key}?" in answer.json["image_url"]


@given(order=st.lists(st.integers(0, 1), max_size=40))
def test_of_two_calls_at_once_the_file_that_was_sent_stays_and_no_other(order: list[int]) -> None:
    stage = Stage()
    service = PushServiceRig(stage=stage)
    ask = Kept(service, route="image", **PUSHES["image"], key=KEY)

    stage.play([ask, ask], order, (None, None))

    settled = {answer.json["image_url"] for answer in ask.answers if answer.status == 200}
    assert len(settled) == 1
    sent = [key for key in service.files() if f"/{key}?" in next(iter(settled))]
    assert len(sent) == 1
    if all(answer.status == 200 for answer in ask.answers):
        assert service.files() == set(sent)


def test_a_cover_that_is_not_there_leaves_no_copy_of_the_video(service: PushServiceRig) -> None:
    upload = service.ask(
        "POST",
        "/v1/media/video",
        headers=[("Content-Type", "application/json")],
        body=json.dumps({"name": "tour.mp4", "content_type": "video/mp4", "size": len(media_files.video())}),
    ).json["key"]
    service.video.files[upload] = media_files.video()

    answer = service.push("video", {"video": upload, "preview": "no_such_cover.jpg"}, key=KEY)

    assert (answer.status, answer.json["code"]) == (422, "media_not_found")
    assert service.files() == {upload}
