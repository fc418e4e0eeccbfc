"""URLs as LINE takes them (Messaging API reference, "Common specifications" and "Encoding a URL").

A URL is percent-encoded in UTF-8. One of a file begins with https, and has at most 2,000 characters. Plain http is for
loopback addresses, which only a platform on the same machine can reach.
"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from kairan.messengers.line.limits import MAX_MEDIA_URL
from kairan.text import trimmed
from kairan.urls import percent_encode_url

MEDIA_URL_PROPERTIES = frozenset(
    {
        "baseUrl",
        "iconUrl",
        "imageUrl",
        "originalContentUrl",
        "previewImageUrl",
        "previewUrl",
        "thumbnailImageUrl",
        "url",
    }
)
"""The properties of message objects whose value is the address of a file."""
LINK_PROPERTIES = frozenset({"desktop", "linkUri", "uri"})
"""The properties of action objects whose value is an address that a tap opens."""

_ENCODED_BLANKS = (
    "(?:%(?:[01][0-9A-F]|20|7F|C2%(?:[89][0-9A-F]|A0|AD)|E1%9A%80|E2%80%(?:8[0-9A-F]|A[89A-F])|E2%81%(?:9F|A[0-9])"
    "|E3%80%80|E3%85%A4|EF%BB%BF))+"
)
"""What `kairan.text.trimmed` removes, percent-encoded."""
_ENCODED_BLANKS_AT_END = re.compile(f"{_ENCODED_BLANKS}$", re.IGNORECASE)
_BLANK_END = re.compile(f"^[^?#]*{_ENCODED_BLANKS}[?#]|{_ENCODED_BLANKS}$", re.IGNORECASE)
"""Blanks at the end of a path, or at the end of an address."""

LINK_SCHEMES = ("https", "http", "line", "tel")
"""What a tap may open ("URI action"). LINE's apps fetch media over https alone."""


def media_url_violation(url: str) -> str | None:
    """What is wrong with the address of a file that LINE's apps will fetch; None when it is right."""
    if len(url) <= MAX_MEDIA_URL and (trimmed(url) != url or _BLANK_END.search(url)):
        return "ends in a blank, a line break or a character of no width, or begins with one"
    return _violation(url, at_most=MAX_MEDIA_URL, schemes=("https",))


def trimmed_media_url(url: str) -> str:
    """A percent-encoded address without blanks, line breaks and characters of no width at its end."""
    return url if len(url) > MAX_MEDIA_URL else _ENCODED_BLANKS_AT_END.sub("", url)


def link_violation(url: str, *, at_most: int) -> str | None:
    """What is wrong with an address that a tap opens; None when it is right."""
    return _violation(url, at_most=at_most, schemes=LINK_SCHEMES)


def _violation(url: str, *, at_most: int, schemes: tuple[str, ...]) -> str | None:
    if len(url) > at_most:
        return f"a URL of {len(url):,} characters; LINE takes {at_most:,}"
    if percent_encode_url(url) != url:
        return "must be percent-encoded"
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return "is not a URL"
    if parts.scheme in ("http", "https") and not host:
        return "must be a URL with a host"
    if parts.scheme in schemes or (parts.scheme == "http" and host and _is_loopback(host)):
        return None
    if schemes == ("https",):
        return "must be an https URL (http is for loopback addresses only)"
    return f"must begin with one of {', '.join(f'{scheme}:' for scheme in schemes)}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
