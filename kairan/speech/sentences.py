"""Splits long text into parts that an engine takes, at the ends of sentences, so that each sounds as it would alone."""

import re

from kairan.text import grapheme_count

MAX_CHARACTERS = 500
"""One call to an engine takes at most this many."""
COMFORTABLE = 100
"""A text that is too long for one call is spoken in parts of about this length. In longer parts an engine needs more
time per character, and a pause between sentences sounds the same either way."""
_SENTENCE = re.compile(r"[^。！？\n]*[。！？\n]+[」』）】〉》”’]*|[^。！？\n]+")
"""A sentence with its end mark and the brackets that close there, or a tail without an end mark."""
_PAUSE = re.compile(r"[、，,;；\s]")
_LONGEST_CHARACTER = 16
"""`_is_between` looks at this many code points around a cut. The longest emoji has fewer."""


def split(text: str) -> list[str]:
    """Parts of at most MAX_CHARACTERS, which together are the text. Parts of white space alone are left out."""
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
    """The offset after the last pause that makes the part short enough. Without a pause, between two graphemes."""
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
