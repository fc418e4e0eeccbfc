"""Tells a file's type by its first bytes: the types that LINE takes, and names for types that people send by mistake.

The names are those of the WHATWG's "MIME Sniffing" standard, or else IANA's.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder

from kairan.media import mp3
from kairan.media.model import MediaType

FIRST_BYTES = 4096
"""The type shows within this many bytes."""
UNKNOWN = "application/octet-stream"

_MP4_BRANDS = {b"isom", b"mp41", b"mp42", b"avc1", b"dash", b"M4A ", b"M4B ", b"M4V "} | {
    b"iso" + bytes([digit]) for digit in b"23456789abc"
}
_AUDIO_BRANDS = {b"M4A ", b"M4B "}
_OTHER_BRANDS = {
    b"heic": "image/heic",
    b"heix": "image/heic",
    b"heim": "image/heic",
    b"heis": "image/heic",
    b"hevc": "image/heic-sequence",
    b"mif1": "image/heif",
    b"msf1": "image/heif-sequence",
    b"avif": "image/avif",
    b"avis": "image/avif",
    b"qt  ": "video/quicktime",
    b"crx ": "image/x-canon-cr3",
}
_BEGINNINGS = (
    (rb"GIF8[79]a", "image/gif"),
    (rb"RIFF.{4}WEBP", "image/webp"),
    (rb"RIFF.{4}WAVE", "audio/wav"),
    (rb"RIFF.{4}AVI ", "video/x-msvideo"),
    (rb"FORM.{4}AIF[FC]", "audio/aiff"),
    (rb"BM.{4}\0{4}", "image/bmp"),
    (rb"II\*\0|MM\0\*", "image/tiff"),
    (rb"\0\0\x01\0", "image/x-icon"),
    (rb"\xff[\xf0\xf1\xf8\xf9]", "audio/aac"),
    (rb"OggS\0", "audio/ogg"),
    (rb"fLaC", "audio/flac"),
    (rb"#!AMR", "audio/amr"),
    (rb"\x1a\x45\xdf\xa3", "video/webm"),
    (rb"%PDF-", "application/pdf"),
    (rb"PK\x03\x04", "application/zip"),
    (rb"\x1f\x8b", "application/gzip"),
)
_MARKUP = (
    (r"(?i)<svg[\s>/]", "image/svg+xml"),
    (r"(?i)<(!doctype\s+html|html)[\s>]", "text/html"),
    (r"<\?xml\s", "application/xml"),
)
_NOT_IN_TEXT = "[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]"


def types_of(first: bytes) -> tuple[MediaType, ...]:
    """The types that the file may be sent as. `first` is its beginning: FIRST_BYTES, or all of a smaller file."""
    if first.startswith(b"\xff\xd8\xff"):
        return (MediaType.JPEG,)
    if first.startswith(b"\x89PNG\r\n\x1a\n"):
        return (MediaType.PNG,)
    if first.startswith(b"ID3") or mp3.frame_at(first, 0) is not None:
        return (MediaType.MP3,)
    if first[4:8] == b"ftyp":
        return _mp4_types_of(first)
    return ()


def content_type_of(first: bytes) -> str:
    """The name of any type, sendable or not. UNKNOWN when the bytes do not show it."""
    if types := types_of(first):
        return types[0]
    if first[4:8] == b"ftyp":
        return _OTHER_BRANDS.get(first[8:12], UNKNOWN)
    for pattern, name in _BEGINNINGS:
        if re.match(pattern, first, re.DOTALL):
            return name
    text = _text_of(first)
    if text.lstrip().startswith("<"):
        return next((name for mark, name in _MARKUP if re.search(mark, text)), "text/plain")
    return "text/plain" if text else UNKNOWN


def _mp4_types_of(first: bytes) -> tuple[MediaType, ...]:
    """MP4 and M4A share a container. A file that calls itself audio is no video, but many encoders call audio video."""
    box = first[: int.from_bytes(first[:4], "big")]
    major = box[8:12]
    compatible = {box[start : start + 4] for start in range(16, len(box) - 3, 4)}
    if major in _OTHER_BRANDS or not _MP4_BRANDS & (compatible | {major}):
        return ()
    return (MediaType.M4A,) if major in _AUDIO_BRANDS else (MediaType.MP4, MediaType.M4A)


def _text_of(first: bytes) -> str:
    """Empty for bytes that are not text. A character may be cut off where `first` ends."""
    encoding = "utf-16" if first.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8"
    try:
        text = getincrementaldecoder(encoding)().decode(first.removeprefix(BOM_UTF8))
    except UnicodeDecodeError:
        return ""
    return "" if re.search(_NOT_IN_TEXT, text) else text
