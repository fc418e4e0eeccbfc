"""Text in LINE's message objects: where it stands, and as what."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.messengers.line.native import PLAIN, TEXT_V2, URL, map_texts
from kairan.messengers.line.urls import URL_PROPERTIES
from kairan.messengers.port import NativeObject, TextForm
from tests.cases.line_limits import GOOD

FORMS = {id(PLAIN): "plain", id(URL): "url", id(TEXT_V2): "text v2"}


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
            {"type": "plain: textV2", "substitution": {"x": {"text": "plain: a", "imageUrl": "url: b"}}},
        ),
        (
            {"contents": [{"text": "a", "url": "b"}, "c", ["d"]]},
            {"contents": [{"text": "plain: a", "url": "url: b"}, "plain: c", ["plain: d"]]},
        ),
        ({"url": ["a", {"text": "b"}]}, {"url": ["url: a", {"text": "plain: b"}]}),
        ({"number": 1, "none": None, "flag": True}, {"number": 1, "none": None, "flag": True}),
    ],
)
def test_every_string_is_changed_in_the_form_of_its_place(message: NativeObject, expected: NativeObject) -> None:
    assert map_texts([message], named) == (expected,)


@pytest.mark.parametrize("name", sorted(URL_PROPERTIES))
def test_addresses_are_written_as_addresses(name: str) -> None:
    (message,) = map_texts([{name: "a", "inside": {name: "b"}}], named)

    assert message == {name: "url: a", "inside": {name: "url: b"}}


@pytest.mark.parametrize(
    ("form", "value", "encoded", "finished"),
    [
        (PLAIN, "{春}/&", "{春}/&", "{春}/&"),
        (URL, "{春}/&", "%7B%E6%98%A5%7D%2F%26", "%7B%E6%98%A5%7D/&"),
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


def filled(text: str, form: TextForm) -> str:
    return form.finish(text.replace("{{name}}", form.encode("🍎子")).replace("{{none}}", form.encode("")))


SIGN = {"productId": "p", "emojiId": "1"}


@pytest.mark.parametrize(
    ("text", "indexes", "expected", "moved"),
    [
        ("{{name}} $", [9], "🍎子 $", [4]),
        ("{{none}}$", [8], "$", [0]),
        ("$ {{name}}", [0], "$ 🍎子", [0]),
        ("$$ {{name}} $", [12, 0], "$$ 🍎子 $", [7, 0]),
        ("price: $5, {{name}} $", [20], "price: $5, 🍎子 $", [15]),
        ("🍎{{name}}$", [10], "🍎🍎子$", [5]),
    ],
)
def test_an_emoji_moves_with_what_is_filled_in_before_it(
    text: str, indexes: list[int], expected: str, moved: list[int]
) -> None:
    message = {"type": "text", "text": text, "emojis": [{"index": index, **SIGN} for index in indexes]}

    (changed,) = map_texts([message], filled)

    assert changed == {"type": "text", "text": expected, "emojis": [{"index": index, **SIGN} for index in moved]}


@pytest.mark.parametrize("index", [1, -1, 100, True, None, "0"])
def test_an_emoji_that_is_at_no_sign_stays_for_the_limits_to_refuse(index: object) -> None:
    message = {"type": "text", "text": "$ {{name}}", "emojis": [{"index": index, **SIGN}]}

    (changed,) = map_texts([message], filled)

    assert changed == {"type": "text", "text": "$ 🍎子", "emojis": [{"index": index, **SIGN}]}


pieces = st.text(st.sampled_from("$🍎子a{}\ufdd0 "), max_size=4)


@given(st.lists(st.tuples(pieces, pieces), min_size=1, max_size=4), pieces)
def test_every_emoji_stands_at_its_sign_whatever_is_filled_in(parts: list[tuple[str, str]], last: str) -> None:
    def units(text: str) -> int:
        return len(text.encode("utf-16-le")) // 2

    before, after, places, moved = "", "", [], []
    values = {}
    for number, (words, value) in enumerate(parts):
        name = f"<{number}>"
        words = words.replace("\ufdd0", "")
        before, after = before + words + name, after + words + value.replace("\ufdd0", "")
        values[name] = value
        places.append(units(before))
        moved.append(units(after))
        before, after = before + "$", after + "$"

    def fill(text: str, form: TextForm) -> str:
        for name, value in values.items():
            text = text.replace(name, form.encode(value))
        return form.finish(text)

    words = last.replace("\ufdd0", "")
    message = {"type": "text", "text": before + words, "emojis": [{"index": place, **SIGN} for place in places]}
    (changed,) = map_texts([message], fill)

    assert changed["text"] == after + words
    assert [emoji["index"] for emoji in changed["emojis"]] == moved


@pytest.mark.parametrize("end", ["\n", " ", "\r\n", "\u3000", "\u200b", "\ufeff\t"])
def test_an_address_ends_before_the_line_break_that_was_copied_with_it(end: str) -> None:
    assert URL.finish(f"{end}https://example.com/a b.jpg{end}") == "https://example.com/a%20b.jpg"
