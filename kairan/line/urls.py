"""URLs as LINE takes them (Messaging API reference, "Common specifications" and "Encoding a URL").

A URL is percent-encoded in UTF-8, at most 2,000 characters, and https. Plain http is for loopback addresses, which only
a platform on the same machine can reach.
"""

import re
from ipaddress import ip_address
from urllib.parse import quote, urlsplit

from kairan.line.limits import MAX_URL_CHARACTERS

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
"""What a tap may open ("URI action"); media are fetched by LINE's apps over https only."""

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^/?#]*)(.*)", re.DOTALL)
# Surrogates without their other half stay as they are: they have no UTF-8 form, and the limits refuse them by name.
_NOT_UNRESERVED = re.compile("[^A-Za-z0-9._~\ud800-\udfff-]+")
_NOT_IN_URL = re.compile("%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~:/?#@!$&'()*+,;=%\ud800-\udfff-]+")
_IN_HOST = re.compile(r"[A-Za-z0-9._~\[\]:@!$&'()*+,;=%-]*")


def percent_encode(text: str) -> str:
    """Text as one piece of a URL: everything but letters, digits and `-._~` is encoded."""
    return _NOT_UNRESERVED.sub(lambda found: quote(found[0], safe=""), text)


def percent_encode_url(url: str) -> str:
    """Encode what a URL may not hold as it stands (spaces, Japanese, `|`, a stray `%`) and keep what is encoded already.

    A host name in other letters becomes its ASCII form (IDNA). Encoding twice changes nothing.
    """
    if found := _ADDRESS.fullmatch(url):
        scheme, authority, rest = found.groups()
        return scheme + _ascii_authority(authority) + _encode_rest(rest)
    return _encode_rest(url)


def _ascii_authority(authority: str) -> str:
    if _IN_HOST.fullmatch(authority):
        return authority
    try:
        return authority.encode("idna").decode()
    except UnicodeError:
        return _encode_rest(authority)


def _encode_rest(text: str) -> str:
    address, separator, fragment = text.partition("#")
    encoded = _NOT_IN_URL.sub(lambda found: quote(found[0], safe=""), address)
    return encoded + separator + _NOT_IN_URL.sub(lambda found: quote(found[0], safe=""), fragment).replace("#", "%23")


def media_url_fault(url: str) -> str | None:
    """What is wrong with the address of a file that LINE's apps will fetch; None when nothing is."""
    return _fault(url, schemes=("https",))


def link_fault(url: str) -> str | None:
    """What is wrong with an address that opens when someone taps; None when nothing is."""
    return _fault(url, schemes=LINK_SCHEMES)


def _fault(url: str, *, schemes: tuple[str, ...]) -> str | None:
    if len(url) > MAX_URL_CHARACTERS:
        return f"a URL of {len(url):,} characters; LINE takes {MAX_URL_CHARACTERS:,}"
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
