"""The boundary: Step Functions and Lambda match exact class names, and a queue's reader sees the message alone."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from kairan import errors
from kairan.errors import KairanError, RejectedError, RetryableError
from kairan.observability import count, observed


@dataclass
class Context:
    aws_request_id: str = "r-1"
    function_name: str = "send_text"


def raising(error: Exception) -> Callable[[dict[str, Any], Any], Any]:
    def handler(event: dict[str, Any], context: Any) -> Any:
        count("MessagesSent", 3)
        raise error

    return observed(handler)


def all_kinds(of: type[KairanError] = KairanError) -> list[type[KairanError]]:
    return [of, *(kind for below in of.__subclasses__() for kind in all_kinds(below))]


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.__name__)
def test_every_error_leaves_as_one_of_two_from_the_concrete_one(kind: type[KairanError]) -> None:
    concrete = kind.__new__(kind)
    concrete.args = ("what happened",)
    expected = RejectedError if issubclass(kind, RejectedError) else RetryableError

    with pytest.raises(KairanError) as raised:
        raising(concrete)({}, Context())

    assert type(raised.value) is expected
    assert str(raised.value) == f"{expected.__name__} {kind.code}: what happened"
    assert raised.value.__cause__ is concrete


def test_codes_tell_errors_apart() -> None:
    codes = [kind.code for kind in all_kinds() if kind.__module__ == errors.__name__]

    assert len(codes) == len(set(codes))


def test_what_nobody_expected_is_retryable_and_tells_strangers_nothing() -> None:
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
