"""How long a text is, and what cannot be sent.

LINE counts in UTF-16 code units. The titles and texts of templates it counts in grapheme clusters (Messaging API
documentation, "Character counting in a text"), the labels and texts of actions in code points.
"""

import codecs
import re
import unicodedata

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_EMOJI_MODIFIERS = range(0x1F3FB, 0x1F400)
_REGIONAL_INDICATORS = range(0x1F1E6, 0x1F200)
_HANGUL_VOWELS_AND_TAILS = range(0x1160, 0x1200)
_TAGS = range(0xE0020, 0xE0080)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks, which Windows programs write at the beginning of a file."""
_IGNORABLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Characters that show nothing by themselves (Unicode's property Default_Ignorable_Code_Point)."""
_INVISIBLE = re.compile(f"[\\s\\x00-\\x1f\\x7f-\\x9f\u2800{_IGNORABLE}]*")
"""Those, white space, control characters, and the empty pattern of Braille."""
_AROUND = "".join(
    chr(code)
    for first, last in (
        (0x00, 0x20),
        (0x7F, 0xA0),
        (0xAD, 0xAD),
        (0x1680, 0x1680),
        (0x2000, 0x200F),
        (0x2028, 0x202F),
        (0x205F, 0x2069),
        (0x3000, 0x3000),
        (0x3164, 0x3164),
        (0xFEFF, 0xFEFF),
    )
    for code in range(first, last + 1)
)
"""White space, and what copying adds around a name: control characters, and characters of no width."""
_JOINER = "\u200d"
_NON_JOINER = "\u200c"


def is_blank(value: object) -> bool:
    """Whether a field counts as left out: absent, null, or white space alone."""
    return value is None or (isinstance(value, str) and not value.strip())


def is_invisible(text: str) -> bool:
    """Whether a text shows nothing: it is empty, or holds white space and invisible characters alone."""
    return _INVISIBLE.fullmatch(text) is not None


def trimmed(text: str) -> str:
    """The text without white space, and without characters of no width, at its ends."""
    return text.strip(_AROUND)


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


def utf16_places(text: str, character: str) -> list[int]:
    """Where a character stands in a text, counted in UTF-16 units."""
    places = []
    unit = 0
    for each in text:
        if each == character:
            places.append(unit)
        unit += 1 if each <= "\uffff" else 2
    return places


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
