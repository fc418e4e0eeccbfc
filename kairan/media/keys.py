"""Which keys of a media bucket a sender's caller may name."""

import re
from typing import NewType

from kairan.contract import INCOMING, PREVIEWS
from kairan.text import has_lone_surrogate

MediaKey = NewType("MediaKey", str)
"""The key of an object that may be sent. `parse_key` makes it."""

MAX_KEY_BYTES = 960
"""S3 takes 1,024 bytes ("Creating object key names"). The difference is for the longer name under PREVIEWS."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_CONTROL = re.compile("[\x00-\x1f\x7f]")


def parse_key(text: str) -> MediaKey:
    """Raises ValueError for a key that may not be sent. Its sentence is for the caller."""
    if not text:
        raise ValueError("must not be empty")
    if _SCHEME.match(text) or text.startswith("//"):
        raise ValueError("must be a key in the bucket, not a URL")
    if text.startswith("/"):
        raise ValueError("must not begin with /")
    if any(segment in (".", "..") for segment in re.split(r"[/\\]", text)):
        raise ValueError("must not climb folders with . or ..")
    if text.startswith((PREVIEWS, INCOMING)):
        raise ValueError(f"must not be in {PREVIEWS} or {INCOMING}")
    if has_lone_surrogate(text) or _CONTROL.search(text):
        raise ValueError("must not hold control characters or halves of characters")
    if len(text.encode()) > MAX_KEY_BYTES:
        raise ValueError(f"must be at most {MAX_KEY_BYTES:,} bytes")
    return MediaKey(text)
