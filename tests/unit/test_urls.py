"""Percent-encoding of URLs, and of pieces of them."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.text import has_lone_surrogate
from kairan.urls import percent_encode, percent_encode_url


@pytest.mark.parametrize(
    ("url", "encoded"),
    [
        ("https://example.com/a.jpg?v=1&w=2#top", "https://example.com/a.jpg?v=1&w=2#top"),
        ("https://example.com/春 セール", "https://example.com/%E6%98%A5%20%E3%82%BB%E3%83%BC%E3%83%AB"),
        ("https://example.com/%E6%98%A5?q=a%20b", "https://example.com/%E6%98%A5?q=a%20b"),
        ("https://example.com/100%", "https://example.com/100%25"),
        ("https://example.com/a|b[c]", "https://example.com/a%7Cb%5Bc%5D"),
        ("https://example.com/#a#b", "https://example.com/#a%23b"),
        ("https://日本語.jp/春", "https://xn--wgv71a119e.jp/%E6%98%A5"),
        ("https://[::1]:8080/春", "https://[::1]:8080/%E6%98%A5"),
        ("tel:+81-3-1234", "tel:+81-3-1234"),
        ("line://nv/chat", "line://nv/chat"),
    ],
)
def test_only_what_may_not_stand_in_a_url_is_encoded(url: str, encoded: str) -> None:
    assert percent_encode_url(url) == encoded


@given(st.text())
def test_encoding_twice_changes_nothing(text: str) -> None:
    for url in (text, f"https://example.com/{text}", f"https://{text}/"):
        assert percent_encode_url(percent_encode_url(url)) == percent_encode_url(url)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_encoded_url_is_ascii_and_says_the_same(text: str) -> None:
    encoded = percent_encode_url(f"https://example.com/?q={text.replace('%', '')}")

    assert encoded.isascii()
    assert unquote(encoded) == f"https://example.com/?q={text.replace('%', '')}"


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_piece_of_a_url_cannot_leave_its_place(text: str) -> None:
    url = f"https://example.com/hello/{percent_encode(text)}?name={percent_encode(text)}"

    parts = urlsplit(url)

    assert parts.netloc == "example.com"
    assert parts.path.count("/") == 2
    assert unquote(parts.query) == f"name={text}"
    assert percent_encode_url(url) == url


def test_half_a_character_stays_to_be_refused() -> None:
    assert has_lone_surrogate(percent_encode("a\ud800"))
    assert has_lone_surrogate(percent_encode_url("https://example.com/\ud800"))
