"""URLs as LINE takes them."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.line.text import has_lone_surrogate
from kairan.line.urls import link_fault, media_url_fault, percent_encode, percent_encode_url


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


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.jpg",
        "http://127.0.0.1:4566/bucket/a.jpg",
        "http://127.9.9.9/a.jpg",
        "http://localhost:4566/a.jpg",
        "http://[::1]:80/a.jpg",
        "https://example.com/" + "a" * 1980,
    ],
)
def test_media_are_fetched_over_https_or_from_this_machine(url: str) -> None:
    assert media_url_fault(url) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/a.jpg", "https"),
        ("http://localhost.example.com/a.jpg", "https"),
        ("http://127.0.0.1.example.com/a.jpg", "https"),
        ("http://10.0.0.1/a.jpg", "https"),
        ("ftp://example.com/a.jpg", "https"),
        ("example.com/a.jpg", "https"),
        ("", "https"),
        ("https:///a.jpg", "host"),
        ("https://[::1/a.jpg", "not a URL"),
        ("https://example.com/春", "percent-encoded"),
        ("https://example.com/a b", "percent-encoded"),
        ("https://example.com/" + "a" * 1981, "2,000"),
    ],
)
def test_other_media_addresses_are_refused(url: str, why: str) -> None:
    assert why in (media_url_fault(url) or "")


@pytest.mark.parametrize("url", ["http://example.com/", "tel:09012345678", "line://nv/chat", "https://line.me/R/"])
def test_a_tap_may_open_what_line_opens(url: str) -> None:
    assert link_fault(url) is None


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "example.com", "http:///x"]
)
def test_a_tap_may_open_nothing_else(url: str) -> None:
    assert link_fault(url) is not None
