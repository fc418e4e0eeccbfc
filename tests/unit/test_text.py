"""Counting characters as LINE does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.text import grapheme_count, has_lone_surrogate, is_invisible, trimmed, utf16_length
from tests.cases.characters import BLANKS, COUNTED, INVISIBLE, VISIBLE


@given(st.text())
def test_utf_16_units_are_what_the_encoding_has(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize(("text", "units", "clusters"), COUNTED)
def test_characters_are_counted_in_units_or_as_a_reader_sees_them(text: str, units: int, clusters: int) -> None:
    assert (utf16_length(text), grapheme_count(text)) == (units, clusters)


@given(st.text())
def test_there_are_never_more_graphemes_than_units(text: str) -> None:
    assert grapheme_count(text) <= utf16_length(text)


def test_half_a_character_is_found() -> None:
    assert has_lone_surrogate("a\ud83c")
    assert not has_lone_surrogate("a🍎")


@pytest.mark.parametrize("text", INVISIBLE)
def test_a_text_of_invisible_characters_shows_nothing(text: str) -> None:
    assert is_invisible(text)


@pytest.mark.parametrize("text", VISIBLE)
def test_one_visible_character_is_enough(text: str) -> None:
    assert not is_invisible(text)


@pytest.mark.parametrize("blanks", BLANKS)
def test_a_text_is_trimmed_at_its_ends_alone(blanks: str) -> None:
    assert trimmed(f"{blanks}a{blanks}b{blanks}") == f"a{blanks}b"
    assert trimmed(blanks) == ""


@given(st.characters())
def test_what_is_trimmed_is_invisible(character: str) -> None:
    assert trimmed(character) == character or is_invisible(character)
