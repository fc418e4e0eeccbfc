"""URLs as LINE takes them (Messaging API reference, "Common specifications" and "Encoding a URL").

A URL is percent-encoded in UTF-8 and begins with https. A link that a tap opens may be longer than a file's address.
Plain http is for loopback addresses, which only a platform on the same machine can reach.
"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from kairan.messengers.line.limits import MAX_IMAGEMAP_LINK_CHARACTERS, MAX_LINK_CHARACTERS, MAX_URL_CHARACTERS
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


_IMAGE_ENDING = re.compile(r"\.(?:jpe?g|png|gif|webp)$", re.IGNORECASE)


def media_url_violation(url: str) -> str | None:
    """What is wrong with the address of a file that LINE's apps will fetch; None when it is right."""
    return _violation(url, schemes=("https",), at_most=MAX_URL_CHARACTERS)


def base_url_violation(url: str) -> str | None:
    """What is wrong with an imagemap's `baseUrl`: LINE's apps add `/1040` and other widths to it."""
    ending = _IMAGE_ENDING.search(url)
    return f"must have no {ending[0]}: LINE adds /1040" if ending else media_url_violation(url)


def link_violation(url: str) -> str | None:
    """What is wrong with an address that a tap opens; None when it is right."""
    return _violation(url, schemes=LINK_SCHEMES, at_most=MAX_LINK_CHARACTERS)


def imagemap_link_violation(url: str) -> str | None:
    """The same for a link in an imagemap ("Imagemap URI action object")."""
    return _violation(url, schemes=LINK_SCHEMES, at_most=MAX_IMAGEMAP_LINK_CHARACTERS)


def _violation(url: str, *, schemes: tuple[str, ...], at_most: int) -> str | None:
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
