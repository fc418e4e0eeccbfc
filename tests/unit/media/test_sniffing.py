"""What the beginning of a file says it is."""

import re
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from kairan.media.sniffing import FIRST_BYTES, content_type_of, types_of
from tests.rigs import media_files


def webp() -> bytes:
    out = BytesIO()
    Image.new("RGB", (4, 3)).save(out, "WEBP")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (media_files.image(), "image/jpeg"),
        (media_files.image("PNG"), "image/png"),
        (media_files.audio("mp3"), "audio/mpeg"),
        (media_files.bare_mp3(1.0), "audio/mpeg"),
        (media_files.audio("m4a"), "audio/mp4"),
        (media_files.video(), "video/mp4"),
        (media_files.image("GIF", mode="P"), "image/gif"),
        (webp(), "image/webp"),
        (media_files.image("BMP"), "image/bmp"),
        (media_files.image("TIFF"), "image/tiff"),
        (media_files.image("ICO"), "image/x-icon"),
        (b"\0\0\0\x1cftypheic\0\0\0\0mif1heic", "image/heic"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1", "image/avif"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video/quicktime"),
        (b"\0\0\0\x14ftyp????\0\0\0\0????", "application/octet-stream"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio/wav"),
        (b"OggS\0\x02", "audio/ogg"),
        (b"fLaC\0\0\0\x22", "audio/flac"),
        (b"\xff\xf1\x50\x80\x00\x1f\xfc", "audio/aac"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "application/pdf"),
        (b"PK\x03\x04\x14\0", "application/zip"),
        (b"\x1a\x45\xdf\xa3\x01", "video/webm"),
        (b"hello", "text/plain"),
        (b'{"detail": "no such voice"}', "text/plain"),
        ("\ufeffこんにちは".encode(), "text/plain"),
        ("こんにちは".encode("utf-16"), "text/plain"),
        (("あ" * FIRST_BYTES).encode()[:FIRST_BYTES], "text/plain"),
        (b"<b>hello</b>", "text/plain"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"\xef\xbb\xbf\n<?xml version='1.0'?>\n<!-- drawn -->\n<svg>", "image/svg+xml"),
        (b"<SVG onload=alert(1)>", "image/svg+xml"),
        (b"<?xml version='1.0'?><Error/>", "application/xml"),
        (b"<!DOCTYPE html><title>502</title>", "text/html"),
        (bytes(range(256)), "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_a_file_is_called_what_its_beginning_says(data: bytes, name: str) -> None:
    assert content_type_of(data[:FIRST_BYTES]) == name


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode(errors="replace")))
def test_anything_has_a_name_and_only_what_line_takes_has_a_type(data: bytes) -> None:
    name = content_type_of(data)

    assert re.fullmatch(r"(image|audio|video|text|application)/[a-z0-9.+-]+", name)
    assert not types_of(data) or name == types_of(data)[0]
