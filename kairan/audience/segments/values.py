"""How the texts of people are read where a segment folds them, or compares them as numbers."""

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

_NUMBER = re.compile(
    r"[+-]? (?: (?: \d{1,3}(?:,\d{3})+ | \d+ ) (?: \.\d+ )? | \.\d+ ) (?: e[+-]?\d{1,3} )?",
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
_MINUS = str.maketrans({"\u2212": "-"})
_CACHED = 1 << 16
"""Texts that many people share (cities, counts of visits) are read once."""


@lru_cache(_CACHED)
def folded(text: str) -> str:
    """A text without its case and its width: `Ｋｙｏｔｏ` and `kyoto` are equal, and so are `ｶﾞ` and `ガ`."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@lru_cache(_CACHED)
def number_of(text: str) -> Decimal | None:
    """The number that a text is: `3`, `-0.5`, `1,200`, `1e3`, also in full-width characters, with blanks around it.

    None for anything else: `3 times`, `¥300`, `1,5`, `NaN`, an empty text.
    """
    plain = unicodedata.normalize("NFKC", text).strip().translate(_MINUS)
    return Decimal(plain.replace(",", "")) if _NUMBER.fullmatch(plain) else None
