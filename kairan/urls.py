"""Percent-encoding in UTF-8 (RFC 3986, section 2.1)."""

import re
from urllib.parse import quote

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://)([^/?#]*)(.*)", re.DOTALL)
# Lone surrogates stay as they are: UTF-8 cannot encode them, and the messengers' limits refuse them by name.
_NOT_UNRESERVED = re.compile("[^A-Za-z0-9._~\ud800-\udfff-]+")
_NOT_IN_URL = re.compile("%(?![0-9A-Fa-f]{2})|[^A-Za-z0-9._~:/?#@!$&'()*+,;=%\ud800-\udfff-]+")
_IN_HOST = re.compile(r"[A-Za-z0-9._~\[\]:@!$&'()*+,;=%-]*")


def percent_encode(text: str) -> str:
    """Text as one piece of a URL: everything except letters, digits and `-._~` is encoded."""
    return _NOT_UNRESERVED.sub(lambda match: quote(match[0], safe=""), text)


def percent_encode_url(url: str) -> str:
    """Encodes what a URL may not hold as it stands (spaces, Japanese, `|`, a stray `%`). Encoded text stays as it is.

    A host name in other letters becomes its ASCII form (IDNA). Encoding twice changes nothing.
    """
    if match := _ADDRESS.fullmatch(url):
        scheme, authority, rest = match.groups()
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
    encoded = _NOT_IN_URL.sub(lambda match: quote(match[0], safe=""), address)
    return encoded + separator + _NOT_IN_URL.sub(lambda match: quote(match[0], safe=""), fragment).replace("#", "%23")
