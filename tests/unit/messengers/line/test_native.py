"""Text in LINE's message objects: where it stands, and as what."""

import random
import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.composing.templates import fill
from kairan.content import Native
from kairan.messengers.line.messages import violations
from kairan.messengers.line.messenger import LineMessenger
from kairan.messengers.line.native import LINK, MEDIA_URL, PLAIN, TEXT_V2, map_texts
from kairan.messengers.line.urls import LINK_PROPERTIES, MEDIA_URL_PROPERTIES, media_url_violation
from kairan.messengers.port import NativeObject, TextForm
from kairan.text import utf16_length
from tests.cases.characters import BLANKS
from tests.cases.line_limits import EMOJI, GOOD
from tests.fakes.clock import FakeClock
from tests.fakes.line import FakeLine

LINE = LineMessenger(FakeLine(FakeClock()))
FORMS = {id(PLAIN): "plain", id(LINK): "link", id(MEDIA_URL): "media url", id(TEXT_V2): "text v2"}


def named(text: str, form: TextForm) -> str:
    return f"{FORMS[id(form)]}: {text}"


def unchanged(text: str, _: TextForm) -> str:
    return text


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"type": "text", "text": "a"}, {"type": "plain: text", "text": "plain: a"}),
        ({"type": "textV2", "text": "a"}, {"type": "plain: textV2", "text": "text v2: a"}),
        (
            {"type": "textV2", "substitution": {"x": {"text": "a", "imageUrl": "b"}}},
            {"type": "plain: textV2", "substitution": {"x": {"text": "plain: a", "imageUrl": "media url: b"}}},
        ),
        (
            {"contents": [{"text": "a", "url": "b"}, "c", ["d"]]},
            {"contents": [{"text": "plain: a", "url": "media url: b"}, "plain: c", ["plain: d"]]},
        ),
        ({"uri": ["a", {"text": "b"}]}, {"uri": ["link: a", {"text": "plain: b"}]}),
        ({"number": 1, "none": None, "flag": True}, {"number": 1, "none": None, "flag": True}),
    ],
)
def test_every_string_is_changed_in_the_form_of_its_place(message: NativeObject, expected: NativeObject) -> None:
    assert map_texts([message], named) == (expected,)


@pytest.mark.parametrize(
    ("name", "form"),
    [(name, "media url") for name in sorted(MEDIA_URL_PROPERTIES)]
    + [(name, "link") for name in sorted(LINK_PROPERTIES)],
)
def test_addresses_are_written_as_addresses(name: str, form: str) -> None:
    (message,) = map_texts([{name: "a", "inside": {name: "b"}}], named)

    assert message == {name: f"{form}: a", "inside": {name: f"{form}: b"}}


@pytest.mark.parametrize("blanks", BLANKS)
def test_an_address_loses_the_blanks_around_it(blanks: str) -> None:
    assert LINK.finish(f"{blanks}https://a/b{blanks}") == "https://a/b"
    assert MEDIA_URL.finish(f"{blanks}https://a/b.jpg{blanks}") == "https://a/b.jpg"
    assert MEDIA_URL.finish(f"https://a/b.jpg{quote(blanks)}") == "https://a/b.jpg"
    assert MEDIA_URL.finish(f"https://a/{MEDIA_URL.encode(f'b.jpg{blanks}')}") == "https://a/b.jpg"


def test_a_link_may_lead_to_a_text_that_ends_in_a_line_break() -> None:
    assert LINK.finish("https://line.me/R/share?text=Hello%0A") == "https://line.me/R/share?text=Hello%0A"


@pytest.mark.parametrize("blanks", BLANKS)
def test_a_media_address_that_is_finished_ends_in_no_blank(blanks: str) -> None:
    why = "ends in a blank, a line break or a character of no width, or begins with one"

    for url in (f"https://a/b.jpg{blanks}", f"https://a/b.jpg{quote(blanks)}", f"https://a/b.jpg{quote(blanks)}?v=1"):
        assert media_url_violation(url) == why
    assert media_url_violation(MEDIA_URL.finish(f"https://a/b.jpg{blanks}")) is None


@pytest.mark.parametrize(
    ("form", "value", "encoded", "finished"),
    [
        (PLAIN, "{春}/&", "{春}/&", "{春}/&"),
        (LINK, "{春}/&", "%7B%E6%98%A5%7D%2F%26", "%7B%E6%98%A5%7D/&"),
        (TEXT_V2, "{春}/&", "{{春}}/&", "{春}/&"),
    ],
)
def test_a_form_says_how_a_value_is_written_into_it(form: TextForm, value: str, encoded: str, finished: str) -> None:
    assert (form.encode(value), form.finish(value)) == (encoded, finished)


@pytest.mark.parametrize("message", GOOD.values(), ids=GOOD)
def test_a_change_that_changes_nothing_gives_an_equal_message(message: NativeObject) -> None:
    assert map_texts([message], unchanged) == (message,)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.lists(st.dictionaries(st.text(), json_values, max_size=3) | json_values, max_size=3))
def test_any_json_keeps_its_form(messages: list[Any]) -> None:
    assert map_texts(messages, unchanged) == tuple(messages)


NAMES = {"{{name}}": "name", "{{none}}": "none", "{{price}}": "price"}
PARTS = st.lists(
    st.text(st.characters(exclude_characters="${}", exclude_categories=["Cs"])) | st.sampled_from([*NAMES, "$"])
)
VALUES = st.fixed_dictionaries(
    {"name": st.text(st.characters(exclude_categories=["Cs"])), "none": st.just(""), "price": st.just("$5 {{name}}")}
)


@given(parts=PARTS, values=VALUES, order=st.randoms(use_true_random=False))
def test_a_line_emoji_moves_with_the_text_in_front_of_it(
    parts: list[str], values: dict[str, str], order: random.Random
) -> None:
    def filled(text: str) -> str:
        return re.sub(r"{{(\w+)}}", lambda name: values[name[1]], text)

    places = [place for place, part in enumerate(parts) if part == "$"]

    def emojis(texts: list[str]) -> list[dict[str, Any]]:
        return [{"index": utf16_length("".join(texts[:place])), **EMOJI, "emojiId": str(place)} for place in places]

    before, after = emojis(parts), emojis([filled(part) if part in NAMES else part for part in parts])
    numbers = list(range(len(before)))
    order.shuffle(numbers)
    message = {"type": "text", "text": "".join(parts), "emojis": [before[number] for number in numbers]}

    (changed,) = map_texts([message], lambda text, _: filled(text))

    assert changed["text"] == "".join(filled(part) for part in parts)
    assert (changed["emojis"] or []) == [after[number] for number in numbers]


@pytest.mark.parametrize(("name", "text", "indexes"), [("Hanako", "Hanako $", [7]), ("", "$ $", [0, 2])])
def test_an_emoji_in_a_default_is_there_when_the_default_is(name: str, text: str, indexes: list[int]) -> None:
    emojis = [{"index": 18, **EMOJI}, {"index": 22, **EMOJI}]
    content = (Native("line", ({"type": "text", "text": "{{Attributes.name|$}} $", "emojis": emojis},)),)

    (piece,) = fill(content, {"Attributes.name": name}, LINE)

    assert isinstance(piece, Native)
    assert [emoji["index"] for emoji in piece.objects[0]["emojis"]] == indexes
    assert piece.objects[0]["text"] == text


@pytest.mark.parametrize(
    "emojis", [[{"index": 0}], [{"index": True}], [{"index": "1"}], ["$"], [{}], "$", [], {"index": 1}]
)
def test_an_emoji_that_stands_at_no_dollar_stays_where_it_is(emojis: Any) -> None:
    message = {"type": "text", "text": "a$", "emojis": emojis}

    assert map_texts([message], lambda text, _: text) == (message,)


def test_an_emoji_that_stands_at_no_dollar_never_meets_the_dollar_of_a_value() -> None:
    message = {"type": "text", "text": "a{{price}}", "emojis": [{"index": 1, **EMOJI}]}

    (changed,) = map_texts([message], lambda text, _: text.replace("{{price}}", "$5"))

    assert [violation.path for violation in violations([changed])] == ["messages[0].emojis[0].index"]


def test_half_a_character_in_a_value_becomes_no_emoji() -> None:
    message = {"type": "text", "text": "{{name}}$", "emojis": [{"index": 8, **EMOJI}]}

    (changed,) = map_texts([message], lambda text, _: text.replace("{{name}}", "\udc00"))

    assert "messages[0].text" in [violation.path for violation in violations([changed])]
