"""URLs as LINE takes them."""

import pytest

from kairan.messengers.line.urls import link_violation, media_url_violation

NOT_HTTPS = "must be an https URL (http is for loopback addresses only)"
NOT_OPENED = "must begin with one of https:, http:, line:, tel:"


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
    assert media_url_violation(url) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/a.jpg", NOT_HTTPS),
        ("http://localhost.example.com/a.jpg", NOT_HTTPS),
        ("http://127.0.0.1.example.com/a.jpg", NOT_HTTPS),
        ("http://10.0.0.1/a.jpg", NOT_HTTPS),
        ("ftp://example.com/a.jpg", NOT_HTTPS),
        ("example.com/a.jpg", NOT_HTTPS),
        ("", NOT_HTTPS),
        ("https:///a.jpg", "must be a URL with a host"),
        ("https://[::1/a.jpg", "is not a URL"),
        ("https://example.com/春", "must be percent-encoded"),
        ("https://example.com/a b", "must be percent-encoded"),
        ("https://example.com/" + "a" * 1981, "a URL of 2,001 characters; LINE takes 2,000"),
    ],
)
def test_other_media_addresses_are_refused(url: str, why: str) -> None:
    assert media_url_violation(url) == why


@pytest.mark.parametrize("url", ["http://example.com/", "tel:09012345678", "line://nv/chat", "https://line.me/R/"])
def test_a_tap_may_open_what_line_opens(url: str) -> None:
    assert link_violation(url, at_most=100) is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("javascript:alert(1)", NOT_OPENED),
        ("data:text/html,x", NOT_OPENED),
        ("file:///etc/passwd", NOT_OPENED),
        ("example.com", NOT_OPENED),
        ("http:///x", "must be a URL with a host"),
    ],
)
def test_a_tap_may_open_nothing_else(url: str, why: str) -> None:
    assert link_violation(url, at_most=100) == why


def test_a_link_has_a_greatest_length() -> None:
    link = "https://example.com/" + "l" * 10

    assert link_violation(link, at_most=30) is None
    assert link_violation(link + "l", at_most=30) == "a URL of 31 characters; LINE takes 30"
