"""What goes wrong, as HTTP: one shape, and the status that tells a caller what to do."""

import json
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

from api import answers
from kairan import errors
from kairan.content import Audio, Speech
from kairan.errors import (
    KairanError,
    SpeechFailedError,
    SpeechNotConfiguredError,
    SpeechRejectedError,
    SpeechTimedOutError,
    SpeechUnavailableError,
    StoreUnavailableError,
    UnsupportedByStoreError,
)
from kairan.messengers.port import Refusal, Refused
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.line import FakeLine
from tests.rigs.gateway import Context, answered, gateway_event
from tests.rigs.push_service import KEY, USER, PushServiceRig


def every_error(root: type[KairanError] = KairanError) -> list[type[KairanError]]:
    """The tree of `kairan.errors`, with LINE's own."""
    return [root, *(error for kind in root.__subclasses__() for error in every_error(kind))]


def raised(kind: type[KairanError]) -> KairanError:
    if issubclass(kind, Refused):
        return kind(Refusal(410, "It is gone", ("to",)))
    if kind is errors.InvalidInputError:
        return errors.InvalidInputError.at("data.tts", "is too long")
    return kind("something is wrong")


@pytest.mark.parametrize("kind", every_error())
def test_every_error_of_the_tree_has_an_answer_in_the_one_shape(kind: type[KairanError]) -> None:
    answer = answers.error_answer(raised(kind))

    assert 400 <= answer.status < 600
    assert set(answer.body) - {"details"} == {"error", "code"}
    assert answer.body["code"] == answer.body["code"].lower()


@pytest.mark.parametrize("kind", every_error(errors.RejectedError)[1:])
def test_what_repeating_cannot_cure_is_no_trouble_of_the_server(kind: type[KairanError]) -> None:
    status = answers.error_answer(raised(kind)).status

    assert status < 500 or (status == 501 and kind in (SpeechNotConfiguredError, UnsupportedByStoreError))


@pytest.mark.parametrize(
    ("lines_answer", "status", "code"),
    [
        ("rate", 429, "rate_limited"),
        ("quota", 429, "monthly_quota"),
        ("unauthorized", 401, "line_unauthorized"),
        ("lost_before", 502, "line_unavailable"),
        ("late", 504, "line_timed_out"),
    ],
)
def test_what_line_answers_decides_what_the_caller_hears(
    service: PushServiceRig, lines_answer: Any, status: int, code: str
) -> None:
    service.line.answers = [lines_answer] * 5

    answer = service.push("text", {"text": "Hello"}, key=KEY)

    assert (answer.status, answer.json["code"]) == (status, code)
    assert answer.headers["x-line-retry-key"] == KEY


def test_lines_rate_is_passed_on_at_once_with_when_to_come_again(service: PushServiceRig) -> None:
    service.line.answers = ["rate"] * 5

    answer = service.push("text", {"text": "Hello"})

    assert answer.headers["retry-after"] == "1"
    assert len(service.line.calls) == 1
    assert service.clock.passed_s == 0


def test_nobody_is_told_to_come_again_for_the_monthly_quota(service: PushServiceRig) -> None:
    service.line.answers = ["quota"]

    assert "retry-after" not in service.push("text", {"text": "Hello"}).headers


@pytest.mark.parametrize(
    ("lines_answer", "metric"),
    [
        ("rate", "LineRateLimited"),
        ("quota", "MonthlyQuotaReached"),
        ("quota", "MessagesFailed"),
        ("unauthorized", "LineUnauthorized"),
    ],
)
def test_what_line_refuses_is_counted(
    service: PushServiceRig, counted: Callable[[str], int], lines_answer: Any, metric: str
) -> None:
    service.handler = service.api  # without what flushes the metrics at the end
    service.line.answers = [lines_answer]

    service.push("text", {"text": "Hello"})

    assert counted(metric) == 1
    assert counted("MessagesSent") == 0


def test_lines_refusal_is_answered_in_lines_words() -> None:
    clock = FakeClock()
    service = PushServiceRig(clock=clock, line=FakeLine(clock, refuses=lambda _: "messages[0].text"))

    answer = service.push("text", {"text": "Hello"})

    assert answer.status == 400
    assert answer.json == {
        "error": "The request body has 1 error(s)",
        "code": "line_rejected",
        "details": [{"path": "messages[0].text", "message": "LINE refuses it"}],
    }


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (SpeechRejectedError("the speech engine answered 404: no such style"), 422, "speech_rejected"),
        (SpeechUnavailableError("no answer from the speech engine"), 502, "speech_unavailable"),
        (SpeechFailedError("the speech engine answered 500"), 502, "speech_failed"),
        (SpeechTimedOutError("the speech engine took too long"), 504, "speech_timed_out"),
        (SpeechNotConfiguredError("no speech engine is set"), 501, "speech_not_configured"),
        (StoreUnavailableError("the audio bucket did not answer"), 503, "store_unavailable"),
    ],
)
def test_without_sound_there_is_no_message(service: PushServiceRig, error: KairanError, status: int, code: str) -> None:
    service.speech.fails = error

    answer = service.push("tts", {"tts": "おはよう", "text": "Good morning"})

    assert answer.status == status
    assert answer.json == {"error": str(error), "code": code}
    assert service.line.calls == []
    assert service.ledger.batches() == set()


def test_speaking_ends_twenty_seconds_after_the_call_began(service: PushServiceRig) -> None:
    began = service.clock.monotonic()
    untils = []
    speak = service.speech.speak

    def noted(speech: Speech, *, until: float) -> Audio:
        untils.append(until)
        return speak(speech, until=until)

    service.speech.speak = noted  # type: ignore[method-assign]
    service.push("tts", {"tts": "おはよう"})

    assert untils == [began + 20]


def test_with_too_little_time_left_nothing_is_begun(service: PushServiceRig) -> None:
    answer = service.push("text", {"text": "Hello"}, lasts_s=3)

    assert (answer.status, answer.json["code"]) == (504, "out_of_time")
    assert service.line.calls == []


class DeafLedger(FakeLedger):
    def load(self, batch_id: Any) -> Any:
        raise StoreUnavailableError("the ledger could not be read: ThrottlingException")

    def save(self, record: Any, *, writer: str) -> None:
        raise StoreUnavailableError("the ledger could not be written: ThrottlingException")


@pytest.mark.parametrize(("route", "body"), [("text", {"text": "Hello"}), ("tts", {"tts": "おはよう"})])
def test_without_its_ledger_nothing_is_sent(route: str, body: dict[str, str]) -> None:
    service = PushServiceRig(ledger=DeafLedger())

    answer = service.push(route, body, key=KEY)

    assert (answer.status, answer.json["code"]) == (503, "store_unavailable")
    assert service.line.calls == []


def test_what_nobody_expected_is_answered_in_the_same_shape_and_logged(
    service: PushServiceRig, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("secret words")

    service.speech.speak = fail  # type: ignore[method-assign]

    answer = service.push("tts", {"tts": "おはよう"}, key=KEY)

    assert answer.status == 500
    assert answer.json == {"error": "something went wrong here; it is in the function's log", "code": "unexpected"}
    assert answer.headers["x-line-retry-key"] == KEY
    [line] = logged()
    assert line["level"] == "ERROR"
    assert line["error"] == "ZeroDivisionError"
    assert line["stack"][-1].endswith(" fail")
    assert "secret words" not in json.dumps(line)


def test_an_error_is_logged_once_without_anything_personal(
    service: PushServiceRig, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    service.push("text", {"text": 5, "a secret": 1})

    [line] = logged()
    assert (line["message"], line["status"], line["code"]) == ("refused", 422, "invalid_request")
    assert "secret" not in json.dumps(line)
    assert USER not in json.dumps(line)


# what is no route


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", f"/v1/push_message/{USER}/text", "POST"),
        ("DELETE", f"/v1/followers/{USER}", "GET"),
        ("PATCH", "/v1/media/images", "POST"),
        ("POST", "/health", "GET"),
        ("HEAD", "/version/", "GET"),
    ],
)
def test_a_route_by_another_method_says_which_it_takes(
    service: PushServiceRig, method: str, path: str, allowed: str
) -> None:
    answer = service.ask(method, path)

    assert (answer.status, answer.json["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == allowed


NO_ROUTES = (
    "/v1/",
    "/v1/push_message",
    "/v1/push_message//text",
    f"/v1/push_message/{USER}/sticker",
    f"/v1/push_message/{USER}/text/more",
    "/v1/followers/",
    "/v2/health",
)


@pytest.mark.parametrize(
    ("method", "path"),
    [*product(("GET", "POST"), NO_ROUTES), ("POST", "/v1/media/documents"), ("GET", '/v1/followers/"')],
)
def test_what_is_no_route_is_not_found(service: PushServiceRig, method: str, path: str) -> None:
    answer = service.ask(method, path, body="{}")

    assert (answer.status, answer.json["code"]) == (404, "not_found")


def test_a_bucket_that_does_not_answer_is_logged_without_the_name_of_the_file(
    service: PushServiceRig, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise StoreUnavailableError("incoming/1/花子の写真.jpg: the media bucket did not answer: SlowDown")

    service.images.image = fail  # type: ignore[method-assign]
    service.images.files["cat.jpg"] = b""

    assert service.push("image", {"image": "cat.jpg"}, key=KEY).status == 503

    [line] = logged()
    assert line["error"] == "SlowDown"


def test_a_domain_with_a_base_path_leads_to_the_same_routes(service: PushServiceRig) -> None:
    event = gateway_event("GET", "/version")

    answer = answered(service.handler({**event, "path": "/messaging/version"}, Context(service.clock)))

    assert answer.status == 200
