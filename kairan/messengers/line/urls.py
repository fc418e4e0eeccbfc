"""URLs as LINE takes them (Messaging API reference, "Common specifications" and "Encoding a URL").

A URL is percent-encoded in UTF-8. One of a file begins with https, and has at most 2,000 characters. Plain http is for
loopback addresses, which only a platform on the same machine can reach.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit

from kairan.messengers.line.limits import MAX_MEDIA_URL
from kairan.urls import percent_encode_url

URL_PROPERTIES = frozenset(
    {
        "baseUrl",
        "desktop",
        "iconUrl",
        "imageUrl",
        "linkUri",
        "originalContentUrl",
        "previewImageUrl",
        "previewUrl",
        "thumbnailImageUrl",
        "uri",
        "url",
    }
)
"""The properties of message and action objects whose value is a URL."""

LINK_SCHEMES = ("https", "http", "line", "tel")
"""What a tap may open ("URI action"). LINE's apps fetch media over https alone."""


def media_url_violation(url: str) -> str | None:
    """What is wrong with the address of a file that LINE's apps will fetch; None when it is right."""
    return _violation(url, at_most=MAX_MEDIA_URL, schemes=("https",))


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
