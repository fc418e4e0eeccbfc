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
