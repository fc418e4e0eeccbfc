"""The boundary: Step Functions and Lambda match exact class names, and a queue's reader sees the message alone."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from kairan import errors
from kairan.contract import Metric
from kairan.errors import InvalidInputError, KairanError, RejectedError, RetryableError
from kairan.messengers.line.errors import LineRejectedError, LineUnavailableError
from kairan.messengers.port import Refusal, Refused
from kairan.observability import count, observed
from tests.rigs.events import Context


def raising(error: Exception) -> Callable[[dict[str, Any], Any], Any]:
    def handler(event: dict[str, Any], context: Any) -> Any:
        count(Metric.MESSAGES_SENT, 3)
        raise error

    return observed(handler)


def all_kinds(of: type[KairanError] = KairanError) -> list[type[KairanError]]:
    return [of, *(kind for below in of.__subclasses__() for kind in all_kinds(below))]


KINDS = [kind for kind in all_kinds() if kind.__module__.startswith("kairan.")]


def made(kind: type[KairanError]) -> KairanError:
    if issubclass(kind, Refused):
        return kind(Refusal(400, "what happened"))
    if issubclass(kind, InvalidInputError):
        return kind.at("", "what happened")
    return kind("what happened")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_leaves_as_one_of_two_from_the_concrete_one(kind: type[KairanError]) -> None:
    concrete = made(kind)
    expected = RejectedError if issubclass(kind, RejectedError) else RetryableError

    with pytest.raises(KairanError) as raised:
        raising(concrete)({}, Context())

    assert type(raised.value) is expected
    assert str(raised.value) == f"{expected.__name__} {kind.code}: {concrete}"
    assert raised.value.__cause__ is concrete


def test_errors_of_messengers_are_among_them() -> None:
    assert {Refused, *all_kinds(LineRejectedError), *all_kinds(LineUnavailableError)} <= set(KINDS)


MARKED = "marked-secret"


def from_a_library(error: Exception) -> Exception:
    """The error as an adapter raises it: from one whose message has a header, as Python's http.client writes it."""
    try:
        raise ValueError(f"Invalid header value b'Bearer {MARKED}\\n'")
    except ValueError as cause:
        error.__cause__ = cause
        return error


@pytest.mark.parametrize(
    "error",
    [
        *map(made, KINDS),
        RuntimeError(f"a header: {MARKED}"),
        KeyError(MARKED),
        UnicodeEncodeError("ascii", MARKED, 0, 1, MARKED),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_error_brings_a_secret_of_its_causes_into_the_log(
    error: Exception, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    with pytest.raises(KairanError) as raised:
        raising(from_a_library(error))({}, Context())

    [line] = logged()
    assert line["message"] in ("failed", "failed unexpectedly")
    assert MARKED not in json.dumps(line) + str(raised.value)


def test_an_unexpected_error_is_logged_with_the_code_that_it_and_its_cause_passed(
    logged: Callable[[], list[dict[str, Any]]],
) -> None:
    with pytest.raises(KairanError):
        raising(from_a_library(RuntimeError("words")))({}, Context())

    [line] = logged()
    assert line["error"] == "RuntimeError from ValueError"
    assert [frame.rpartition(" ")[2] for frame in line["stack"]] == ["from_a_library", "boundary", "handler"]


def test_codes_tell_errors_apart() -> None:
    codes = [kind.code for kind in KINDS]

    assert len(codes) == len(set(codes))


def test_an_unexpected_error_is_retryable_and_tells_strangers_nothing() -> None:
    with pytest.raises(RetryableError, match=r"^RetryableError unexpected: ValueError$") as raised:
        raising(ValueError("U0123456789abcdef"))({}, Context())

    assert type(raised.value) is RetryableError


def test_metrics_are_written_also_when_the_function_fails(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RetryableError):
        raising(errors.RateLimitedError("LINE answered 429"))({}, Context())

    written = [json.loads(line) for line in capsys.readouterr().out.splitlines() if "_aws" in line]
    assert [line["MessagesSent"] for line in written] == [[3.0]]


def test_an_answer_passes_as_it_is() -> None:
    assert observed(lambda event, context: {"answer": event})({"a": 1}, Context()) == {"answer": {"a": 1}}
