"""How LINE counts characters (documentation "Character counting in a text")."""

import unicodedata

ZERO_WIDTH = ("\u200c", "\u200d")
JOINER = "\u200d"


def utf16_length(text: str) -> int:
    """UTF-16 code units: the rule, to which `grapheme_clusters` is the exception."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def grapheme_clusters(text: str) -> int:
    """Characters as a reader sees them (Unicode Annex 29, as far as marks, joined emoji, flags and Hangul go)."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    count = flags = 0
    before = ""
    for character in text:
        flags = flags + 1 if "\U0001f1e6" <= character <= "\U0001f1ff" else 0
        second_of_a_flag = flags > 0 and flags % 2 == 0
        line_end = (before, character) == ("\r", "\n")
        joined = before not in ("\r", "\n") and (before == JOINER or second_of_a_flag or _extends(character))
        count += not (before and (joined or line_end))
        before = character
    return count


def _extends(character: str) -> bool:
    return (
        character in ZERO_WIDTH
        or unicodedata.category(character) in ("Mn", "Mc", "Me")
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= character <= "\U000e007f"  # tags, as in the flag of Wales
        or "\u1160" <= character <= "\u11ff"  # vowels and tails of Hangul
    )
