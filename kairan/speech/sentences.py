"""Long text in parts that an engine takes: split at the ends of sentences, so that each is spoken as it would be alone."""

import re

from kairan.line.text import grapheme_count

MAX_CHARACTERS = 500
"""Of one call."""
COMFORTABLE = 100
"""What is too long for one call is spoken in parts of about this length: an engine takes ever longer for a character, the more there
are around it, and a pause between sentences sounds the same either way."""
_SENTENCE = re.compile(r"[^。！？\n]*[。！？\n]+[」』）】〉》”’]*|[^。！？\n]+")
"""Up to its end and the brackets that close there, or a tail without an end."""
_PAUSE = re.compile(r"[、，,;；\s]")
_LONGEST_CHARACTER = 16
"""Code points that are looked at around a cut: more than the longest emoji has."""


def split(text: str) -> list[str]:
    """Parts of at most MAX_CHARACTERS that together are the text, without such as are white space only."""
    if len(text) <= MAX_CHARACTERS:
        return [text] if text.strip() else []
    parts = [""]
    for sentence in _SENTENCE.findall(text):
        for piece in _pieces(sentence):
            if len(parts[-1]) + len(piece) > COMFORTABLE:
                parts.append("")
            parts[-1] += piece
    return [part for part in parts if part.strip()]


def _pieces(sentence: str) -> list[str]:
    pieces = []
    while len(sentence) > MAX_CHARACTERS:
        cut = _cut(sentence)
        pieces.append(sentence[:cut])
        sentence = sentence[cut:]
    return [*pieces, sentence]


def _cut(sentence: str) -> int:
    """After the last pause that leaves a part short enough; without one, between two characters as a reader sees them."""
    pauses = [pause.end() for pause in _PAUSE.finditer(sentence, 0, MAX_CHARACTERS)]
    if pauses:
        return pauses[-1]
    return next(
        (at for at in range(MAX_CHARACTERS, MAX_CHARACTERS - _LONGEST_CHARACTER, -1) if _is_between(sentence, at)),
        MAX_CHARACTERS,
    )


def _is_between(text: str, at: int) -> bool:
    before, after = text[at - _LONGEST_CHARACTER : at], text[at : at + _LONGEST_CHARACTER]
    return grapheme_count(before) + grapheme_count(after) == grapheme_count(before + after)
