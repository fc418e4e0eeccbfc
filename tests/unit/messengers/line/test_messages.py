"""What LINE would refuse, found before it is asked."""

from collections.abc import Iterator
from typing import Any

import pytest

from kairan.messengers.line.messages import has_empty_text, violations
from tests.cases.characters import INVISIBLE
from tests.cases.line_limits import BAD, GOOD, HALF_CHARACTERS, STRICTER, TAP, image, text


def paths(*messages: Any) -> list[str]:
    return [violation.path for violation in violations(messages)]


@pytest.mark.parametrize("name", GOOD)
def test_what_is_within_the_limits_has_no_violations(name: str) -> None:
    assert violations([GOOD[name]]) == []


@pytest.mark.parametrize(("message", "path"), [*BAD, *STRICTER, *HALF_CHARACTERS])
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


def test_any_message_may_have_quick_replies() -> None:
    replies = text("t") | {"quickReply": {"items": [{"action": TAP}]}}

    assert paths(text("t"), replies) == []
    assert paths(replies, text("t")) == []


def test_a_hundred_violations_are_named_and_the_rest_is_not_looked_at() -> None:
    looked_at = 0

    class Emojis(list[Any]):
        def __iter__(self) -> Iterator[Any]:
            nonlocal looked_at
            for emoji in super().__iter__():
                looked_at += 1
                yield emoji

    found = violations([text("t") | {"emojis": Emojis([{}] * 1_000_000)}])

    assert len(found) == 100
    assert looked_at < 100


@pytest.mark.parametrize("words", INVISIBLE)
@pytest.mark.parametrize("kind", ["text", "textV2"])
def test_a_text_that_shows_nothing_is_empty(kind: str, words: str) -> None:
    assert has_empty_text([GOOD["image"], {"type": kind, "text": words}])


def test_other_messages_have_no_empty_text() -> None:
    assert not has_empty_text([*GOOD.values()])
