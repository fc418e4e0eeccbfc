"""Counting characters as LINE does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.text import grapheme_count, has_lone_surrogate, utf16_length


@given(st.text())
def test_utf_16_units_are_what_the_encoding_has(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("日本", 2),
        ("🍎", 1),
        ("か\u3099", 1),
        ("👨‍👩‍👧", 1),
        ("👍🏽", 1),
        ("🇯🇵🇺🇸", 2),
        ("❤️", 1),
        ("\r\n", 1),
        ("\n\u0301", 2),
        ("각", 1),
        ("\u1100\u1161\u11a8", 1),
        ("1️⃣2️⃣", 2),
    ],
)
def test_graphemes_are_what_a_reader_counts(text: str, count: int) -> None:
    assert grapheme_count(text) == count


@given(st.text())
def test_there_are_never_more_graphemes_than_units(text: str) -> None:
    assert grapheme_count(text) <= utf16_length(text)


def test_half_a_character_is_found() -> None:
    assert has_lone_surrogate("a\ud83c")
    assert not has_lone_surrogate("a🍎")
