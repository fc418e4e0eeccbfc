"""What LINE would refuse, found before it is asked."""

import tracemalloc
from typing import Any

import pytest

from kairan.messengers.line.messages import MAX_VIOLATIONS, has_empty_text, violations
from tests.cases.characters import INVISIBLE
from tests.cases.line_limits import (
    BAD,
    EMOJI,
    GOOD,
    HALF_CHARACTERS,
    STRICTER,
    TAP,
    bubble,
    buttons,
    columns,
    flex,
    image,
    text,
    text_v2,
)


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


MANY = 50_000
FLOODS: dict[str, dict[str, Any]] = {
    "empty emojis": text("$") | {"emojis": [{}] * MANY},
    "emojis nowhere": text("$") | {"emojis": [EMOJI | {"index": 5}] * MANY},
    "empty actions": buttons(actions=[{}] * MANY),
    "empty columns": columns(*[{}] * MANY),
    "empty components": flex(bubble(*[{}] * MANY)),
    "halves of characters": flex(bubble({"type": "text", "text": "t", "next": ["\ud800"] * MANY})),
    "substitutions": text_v2("t") | {"substitution": {f"-{n}": {} for n in range(MANY)}},
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_violations_is_not_counted_to_its_end(name: str) -> None:
    tracemalloc.start()
    try:
        found = violations([FLOODS[name]])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert 2 <= len(found) <= MAX_VIOLATIONS
    assert peak < 10_000_000


def test_a_flood_of_messages_is_not_counted_to_its_end() -> None:
    assert len(violations([{}] * MANY)) == 6


def test_a_violation_beyond_the_hundredth_is_left_out() -> None:
    message = buttons(actions=[{"type": "uri"}] * 4)

    assert len(violations([message] * 5)) == 5 * 4 * 2
    assert len(violations([flex(bubble(*[{"type": "image"}] * 300))])) == MAX_VIOLATIONS


def test_quick_replies_may_be_on_any_message() -> None:
    replies = text("t") | {"quickReply": {"items": [{"type": "action", "action": TAP}]}}

    assert paths(replies, text("t"), replies) == []


@pytest.mark.parametrize("words", INVISIBLE)
@pytest.mark.parametrize("kind", ["text", "textV2"])
def test_a_text_that_shows_nothing_is_empty(kind: str, words: str) -> None:
    assert has_empty_text([GOOD["image"], {"type": kind, "text": words}])


def test_other_messages_have_no_empty_text() -> None:
    assert not has_empty_text([*GOOD.values()])
