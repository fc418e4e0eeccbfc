"""How long a text is, and what cannot be sent.

LINE counts in UTF-16 code units. Titles and texts of templates it counts in grapheme clusters (Messaging API
documentation, "Character counting in a text"). The same page says so of labels and texts of actions, but LINE was seen
to count those in code points, of which there are never fewer.
"""

import codecs
import re
import unicodedata

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_EMOJI_MODIFIERS = range(0x1F3FB, 0x1F400)
_REGIONAL_INDICATORS = range(0x1F1E6, 0x1F200)
_HANGUL_VOWELS_AND_TAILS = range(0x1160, 0x1200)
_TAGS = range(0xE0020, 0xE0080)
_COMPLETING = frozenset([*range(0xFE00, 0xFE10), *_TAGS])
"""Variation selectors and tags: they show nothing themselves, and complete the character before them."""
_BLANK_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters, marks and signs that show nothing: fillers of Hangul, the empty Braille pattern and the like."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, which Windows programs write at the beginning of a file."""
_JOINER = "\u200d"
_NON_JOINER = "\u200c"


def is_blank(value: object) -> bool:
    """Whether a field counts as left out: absent, null, or white space alone."""
    return value is None or (isinstance(value, str) and not value.strip())


def shows_nothing(text: str) -> bool:
    """Whether a reader would see nothing: white space and invisible characters alone."""
    return not trimmed(text)


def trimmed(text: str) -> str:
    """Without the white space, line breaks and invisible characters at both ends."""
    text = text.strip()
    if text.isascii() and text.isprintable():
        return text
    start, end = 0, len(text)
    while start < end and _is_invisible(text[start]):
        start += 1
    while end > start and _is_invisible(text[end - 1]):
        end -= 1
    while start < end < len(text) and ord(text[end]) in _COMPLETING:  # a selector after ☺, or the tags of a flag
        end += 1
    return text[start:end]


def _is_invisible(character: str) -> bool:
    return (
        character.isspace()
        or character in _BLANK_LETTERS
        or ord(character) in _COMPLETING
        or unicodedata.category(character) in ("Cc", "Cf")
    )


def spellings(text: str) -> tuple[str, ...]:
    """The text, then its composed and its decomposed form where they differ.

    They look equal: が can be one character or two, and macOS and Windows write it differently into a file's name.
    """
    return tuple(dict.fromkeys((text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text))))


def decode_text(data: bytes) -> str:
    """Text in UTF-8, or in the encoding that its byte order mark names. The mark is left out.

    Raises ValueError, whose message says what the bytes are instead.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise ValueError("it is not text in UTF-8 or UTF-16") from None  # the cause would carry all the bytes
    if "\0" in text:
        raise ValueError("it is in UTF-16 without a byte order mark, or not text: save it as UTF-8")
    return text


def utf16_length(text: str) -> int:
    """Characters in UTF-16: an emoji is two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def grapheme_count(text: str) -> int:
    """Characters as a reader counts them (Unicode Annex 29, without the joining rules of Indic scripts).

    👨‍👩‍👧 is one, and so is が written as か with a voicing mark.
    """
    count = 0
    previous = ""
    open_flag = False
    for character in text:
        is_regional = ord(character) in _REGIONAL_INDICATORS
        completes_flag = is_regional and open_flag
        open_flag = is_regional and not completes_flag
        extends = previous and (
            completes_flag
            or previous == _JOINER
            or (previous == "\r" and character == "\n")
            or (previous not in "\r\n" and _is_extension(character))
        )
        count += not extends
        previous = character
    return count


def _is_extension(character: str) -> bool:
    code = ord(character)
    return (
        character in (_JOINER, _NON_JOINER)
        or unicodedata.category(character).startswith("M")
        or code in _EMOJI_MODIFIERS
        or code in _HANGUL_VOWELS_AND_TAILS
        or code in _TAGS
    )


def has_lone_surrogate(text: str) -> bool:
    """A lone surrogate is half of a character, left by cutting UTF-16 text. UTF-8 cannot encode it."""
    return _LONE_SURROGATE.search(text) is not None
