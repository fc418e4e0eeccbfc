"""What LINE would refuse, found before it is asked."""

from typing import Any

import pytest

from kairan.messengers.line.messages import has_empty_text, violations
from tests.cases.characters import INVISIBLE
from tests.cases.line_limits import BAD, GOOD, HALF_CHARACTERS, TAP, image, text


def paths(*messages: Any) -> list[str]:
    return [violation.path for violation in violations(messages)]


@pytest.mark.parametrize("name", GOOD)
def test_what_is_within_the_limits_has_no_violations(name: str) -> None:
    assert violations([GOOD[name]]) == []


@pytest.mark.parametrize(("message", "path"), [*BAD, *HALF_CHARACTERS])
def test_a_violation_is_named_by_its_path_and_nothing_else_is(message: Any, path: str) -> None:
    assert paths(message) == [f"messages[0]{path}"]


def test_every_violation_is_named() -> None:
    assert paths(text(""), image("a", "b"), {"type": "x"}) == [
        "messages[0].text",
        "messages[1].originalContentUrl",
        "messages[1].previewImageUrl",
        "messages[2].type",
    ]


@pytest.mark.parametrize("number", [0, 6])
def test_a_request_carries_one_to_five_messages(number: int) -> None:
    assert paths(*[text("t")] * number) == ["messages"]


def test_quick_replies_may_be_on_any_message() -> None:
    replies = text("t") | {"quickReply": {"items": [{"type": "action", "action": TAP}]}}

    assert paths(replies, text("t"), replies) == []


@pytest.mark.parametrize("words", INVISIBLE)
@pytest.mark.parametrize("kind", ["text", "textV2"])
def test_a_text_that_shows_nothing_is_empty(kind: str, words: str) -> None:
    assert has_empty_text([GOOD["image"], {"type": kind, "text": words}])


def test_other_messages_have_no_empty_text() -> None:
    assert not has_empty_text([*GOOD.values()])
