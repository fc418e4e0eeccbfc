"""Bytes of a file as lines of text, whatever program wrote them.

A byte order mark names UTF-8 or UTF-16. Without one the text is UTF-8, or Shift_JIS as Windows writes it (CP932), which
Excel's "CSV" is in Japan. A line that cannot be read is told by its number, and the others go on.
"""

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, Literal, NamedTuple

MAX_LINE_BYTES = 1_000_000
SAMPLE_BYTES = 65_536
Encoding = Literal["utf-8", "utf-16", "cp932"]
ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "cp932")
_OTHER_NAMES: dict[str, Encoding] = {
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf16": "utf-16",
    "utf-16le": "utf-16",
    "utf-16be": "utf-16",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "windows-31j": "cp932",
    "ms932": "cp932",
}
_CHUNK_BYTES = 65_536
_NO_LETTERS = re.compile("[\uf8f0-\uf8f3\x80]")
"""What Python makes of bytes that CP932 does not use."""


class TextLine(NamedTuple):
    """- `number`: counts from 1
    - `text`: without its line end; None when it cannot be read, and then `reason` says why
    """

    number: int
    text: str | None
    reason: str = ""


def encoding_named(name: str) -> Encoding:
    """Raises ValueError, whose message lists the encodings, for one that is not read."""
    plain = name.strip().lower()
    for encoding in ENCODINGS:
        if plain == encoding or _OTHER_NAMES.get(plain) == encoding:
            return encoding
    raise ValueError(f"the encoding {name!r} is not read; use one of {', '.join(ENCODINGS)}")


def encoding_of(sample: bytes) -> Encoding:
    """`sample` is the beginning of the file: SAMPLE_BYTES, or all of a smaller one. Raises ValueError."""
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in sample:
        raise ValueError("the file is in UTF-16 without a byte order mark, or no text: save it as UTF-8")
    candidates: tuple[Encoding, ...] = ("utf-8", "cp932")
    for encoding in candidates:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(sample)
        except UnicodeDecodeError:
            continue
        if encoding != "cp932" or not _NO_LETTERS.search(text):
            return encoding
    raise ValueError("the file is not text in UTF-8, UTF-16 or Shift_JIS; save it as UTF-8, or name its encoding")


def text_lines(file: BinaryIO, encoding: Encoding) -> Iterator[TextLine]:
    """Line ends are LF and CRLF. A byte order mark is no part of the first line."""
    lines = _lines_of_utf16(file) if encoding == "utf-16" else _lines_of_bytes(file, encoding)
    for number, (text, reason) in enumerate(lines, start=1):
        if text is not None and number == 1:
            text = text.removeprefix("\ufeff")
        yield TextLine(number, None if text is None else text.removesuffix("\r"), reason)


def _lines_of_bytes(file: BinaryIO, encoding: Encoding) -> Iterator[tuple[str | None, str]]:
    """In both encodings the byte of a line end is never part of another character."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
            while (rest := file.readline(_CHUNK_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield None, _too_long()
            continue
        try:
            text = line.removesuffix(b"\n").decode(encoding)
        except UnicodeDecodeError as error:
            yield None, f"byte {error.start + 1} is not text in {encoding}"
            continue
        yield (
            (None, f"it is not text in {encoding}") if encoding == "cp932" and _NO_LETTERS.search(text) else (text, "")
        )


def _lines_of_utf16(file: BinaryIO) -> Iterator[tuple[str | None, str]]:
    """上 begins with the byte of a line end, so the text is decoded before it is cut. Without a mark it is as Windows
    writes it."""
    mark = file.read(2)
    decoder = codecs.getincrementaldecoder("utf-16-be" if mark == codecs.BOM_UTF16_BE else "utf-16-le")("replace")
    rest, is_cut = decoder.decode(mark).removeprefix("\ufeff"), False
    while chunk := file.read(_CHUNK_BYTES):
        *whole, rest = (rest + decoder.decode(chunk)).split("\n")
        for line in whole:
            yield (None, _too_long()) if is_cut else _readable(line)
            is_cut = False
        if len(rest) > MAX_LINE_BYTES // 2:
            rest, is_cut = "", True
    rest += decoder.decode(b"", final=True)
    if rest or is_cut:
        yield (None, _too_long()) if is_cut else _readable(rest)


def _readable(line: str) -> tuple[str | None, str]:
    return (None, "it is not text in utf-16") if "\ufffd" in line else (line, "")


def _too_long() -> str:
    return f"a line has at most {MAX_LINE_BYTES:,} bytes"
