"""One property against its limit in `limits`."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from simulators.line.limits import CodePoints, Graphemes, Items, Limit, Link, Number, OneOf, Utf16
from simulators.line.loopback import is_loopback
from simulators.line.text import grapheme_clusters, utf16_length
from simulators.line.violations import MAY_NOT_BE_EMPTY

URL_CHARACTERS = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+")
"""RFC 3986, as the section "About the encoding of a URL specified in a request body property" asks for."""


def problems(limit: Limit, value: Any) -> Iterator[str]:
    """What is wrong with a value of the right type."""
    match limit:
        case Utf16(at_most, at_least, pattern):
            if at_least and not value:
                yield MAY_NOT_BE_EMPTY
            elif utf16_length(value) > at_most:
                yield length_between(0, at_most)
            elif pattern is not None and not pattern.fullmatch(value):
                yield "Must only have the characters that this property supports"
        case Graphemes(at_most):
            if not value:
                yield MAY_NOT_BE_EMPTY
            elif grapheme_clusters(value) > at_most:
                yield length_between(0, at_most)
        case CodePoints(at_most):
            if not value:
                yield MAY_NOT_BE_EMPTY
            elif len(value) > at_most:
                yield length_between(0, at_most)
        case Link():
            yield from _link_problems(limit, value)
        case Items(at_most, at_least):
            if at_least and not value:
                yield MAY_NOT_BE_EMPTY
            elif not at_least <= len(value) <= at_most:
                yield size_between(at_least, at_most)
        case Number(at_least, at_most):
            if not at_least <= value <= at_most:
                yield f"Must be between {at_least:g} and {at_most:g}"
        case OneOf(values):
            if value not in values:
                yield f"Must be one of the following values: [{', '.join(values)}]"


def _link_problems(limit: Link, value: str) -> Iterator[str]:
    if not value:
        yield MAY_NOT_BE_EMPTY
        return
    if utf16_length(value) > limit.at_most:
        yield length_between(0, limit.at_most)
        return
    if not URL_CHARACTERS.fullmatch(value):
        yield "Must be percent-encoded"
        return
    try:
        url = urlsplit(value)
        host = url.hostname or ""
        _ = url.port
    except ValueError:
        yield "Must be a valid URL"
        return
    if url.scheme not in limit.schemes and not (url.scheme == "http" and is_loopback(host)):
        yield "invalid uri scheme"
    elif url.scheme in ("http", "https") and not host:
        yield "Must be a valid URL"


def length_between(least: int, most: int) -> str:
    return f"Length must be between {least} and {most}"


def size_between(least: int, most: int) -> str:
    return f"Size must be between {least} and {most}"
