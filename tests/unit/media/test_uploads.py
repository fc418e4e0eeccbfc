"""Looking at files that came within a call, and the keys of those that come by themselves."""

from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kairan.errors import InvalidEventError, UnsupportedMediaError
from kairan.media.model import MediaType
from kairan.media.uploads import TAKEN, Kind, examine, is_incoming, new_incoming_key, parse_name
from tests import media_files

Given = Literal["image", "audio"]

JPEG, PNG = media_files.image(), media_files.image("PNG")
MP3, M4A = media_files.audio("mp3"), media_files.audio("m4a")
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"
WAV = b"RIFF\x24\0\0\0WAVEfmt " + bytes(28)
SILENT = b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(500)
UUID = "0b8e9c1c-5f2f-4b52-9d0e-3a1b7c3b9f11"


@pytest.mark.parametrize(
    ("kind", "content_type", "filename", "data", "type_"),
    [
        ("image", "image/jpeg", "a.jpg", JPEG, MediaType.JPEG),
        ("image", "image/jpg", "DSC_1.JPEG", JPEG, MediaType.JPEG),
        ("image", "IMAGE/PNG; name=a", "春の セール.png", PNG, MediaType.PNG),
        ("image", "image/png", "from-the-clipboard", PNG, MediaType.PNG),
        ("image", None, None, PNG, MediaType.PNG),
        ("image", "", "", PNG, MediaType.PNG),
        ("image", "image/gif", "a.png", PNG, MediaType.PNG),
        ("audio", "audio/mpeg", "a.mp3", MP3, MediaType.MP3),
        ("audio", "audio/mp3", "a.mp3", media_files.bare_mp3(1.0), MediaType.MP3),
        ("audio", "audio/x-m4a", "a.m4a", M4A, MediaType.M4A),
        ("audio", "application/octet-stream", "a.m4a", M4A, MediaType.M4A),
    ],
)
def test_a_file_that_line_takes_is_what_its_bytes_are(
    kind: Given, content_type: str | None, filename: str | None, data: bytes, type_: MediaType
) -> None:
    assert examine(kind, content_type=content_type, filename=filename, data=data) is type_


@pytest.mark.parametrize(
    ("kind", "content_type", "data", "named"),
    [
        # what the caller says
        ("image", "text/plain", b"hello", "text/plain"),
        ("image", "text/plain; charset=utf-8", PNG, "text/plain"),
        ("image", "audio/mpeg", PNG, "audio/mpeg"),
        ("image", "application/pdf", b"%PDF-1.7", "application/pdf"),
        ("audio", "image/png", PNG, "image/png"),
        ("audio", "video/mp4", M4A, "video/mp4"),
        # what the bytes are, when the caller says nothing or something else
        ("image", "image/png", b"hello", "text/plain"),
        ("image", "image/svg+xml", SVG, "image/svg+xml"),
        ("image", "image/png", SVG, "image/svg+xml"),
        ("image", "image/gif", media_files.image("GIF", mode="P"), "image/gif"),
        ("image", "image/webp", b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        ("image", "image/png", bytes(range(256)), "application/octet-stream"),
        ("image", "application/octet-stream", b"%PDF-1.7", "application/pdf"),
        ("image", None, MP3, "audio/mpeg"),
        ("image", None, media_files.video(), "video/mp4"),
        ("audio", "audio/wav", WAV, "audio/wav"),
        ("audio", "audio/mpeg", WAV, "audio/wav"),
        ("audio", "audio/mpeg", b'{"detail": "no such voice"}', "text/plain"),
        ("audio", None, JPEG, "image/jpeg"),
    ],
)
@pytest.mark.parametrize("filename", [None, "春.png"])
def test_a_file_of_another_kind_is_refused_by_the_name_of_its_type(
    kind: Given, content_type: str | None, filename: str | None, data: bytes, named: str
) -> None:
    with pytest.raises(UnsupportedMediaError) as refused:
        examine(kind, content_type=content_type, filename=filename, data=data)

    assert str(refused.value) == f"'{named}' is not {kind} type"


@pytest.mark.parametrize(
    ("kind", "filename", "data", "why"),
    [
        ("image", "a.png", b"", "a.png: the file is empty"),
        ("audio", None, b"", "audio: the file is empty"),
        ("image", "a.jpg", PNG, "a.jpg: the file looks like image/png, not image/jpeg as its name says"),
        ("image", "a.txt", PNG, "a.txt: the name must end in .jpg or .jpeg or .png"),
        ("audio", "a.mp3", M4A, "a.mp3: the file looks like audio/mp4, not audio/mpeg as its name says"),
        ("audio", "a.m4a", MP3, "a.m4a: the file looks like audio/mpeg, not audio/mp4 as its name says"),
        ("audio", "a.wav", M4A, "a.wav: the name must end in .mp3 or .m4a"),
        ("audio", "a.mp3", SILENT, "a.mp3: not one MP3 frame is in it, so there is nothing to hear"),
        ("audio", None, M4A[:200], "audio: the file does not tell how long it plays; give the duration in ms"),
        ("image", "a.png", PNG + bytes(10_000_000), "a.png: 10,000,083 bytes; LINE takes 10,000,000"),
        (
            "image",
            "bomb.png",
            media_files.image("PNG", (8000, 5001), mode="1"),
            "bomb.png: 8,000 × 5,001 pixels; at most 40 megapixels are taken",
        ),
    ],
)
def test_a_file_that_could_not_be_shown_or_heard_is_refused(
    kind: Given, filename: str | None, data: bytes, why: str
) -> None:
    with pytest.raises(UnsupportedMediaError) as refused:
        examine(kind, content_type=None, filename=filename, data=data)

    assert str(refused.value) == why


def test_a_decompression_bomb_is_refused_unopened() -> None:
    bomb = media_files.image("PNG", (20_000, 20_000), mode="1")
    assert len(bomb) < 100_000

    with pytest.raises(UnsupportedMediaError, match="pixels"):
        examine("image", content_type="image/png", filename="a.png", data=bomb)


@pytest.mark.parametrize("filename", ["../a.png", "..", "C:\\a.png", "a\0.png", "/etc/a.png"])
def test_a_file_whose_name_leads_elsewhere_is_refused(filename: str) -> None:
    with pytest.raises(InvalidEventError, match=r"^image: the name of the file must "):
        examine("image", content_type="image/png", filename=filename, data=PNG)


BEGINNINGS = [
    b"",
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"ID3\x04\0\0",
    b"\xff\xfb\x50\xc4",
    M4A[:60],
    PNG[:40],
    M4A,
    PNG,
    JPEG,
]


def looked_at(kind: Given, data: bytes, content_type: str | None = None, filename: str | None = None) -> str:
    """The type, or why not. Nothing else may come of it."""
    try:
        return examine(kind, content_type=content_type, filename=filename, data=data)
    except (UnsupportedMediaError, InvalidEventError) as error:
        return f"refused: {error}"


@given(
    kind=st.sampled_from(["image", "audio"]),
    beginning=st.sampled_from(BEGINNINGS),
    rest=st.binary(max_size=300),
    content_type=st.none() | st.text(max_size=30),
    filename=st.none() | st.text(max_size=30),
)
@example("audio", b"\0\0\0\x08ftyp", b"", None, None)
def test_whatever_comes_is_taken_or_refused_with_a_sentence(
    kind: Given, beginning: bytes, rest: bytes, content_type: str | None, filename: str | None
) -> None:
    assert looked_at(kind, beginning + rest, content_type, filename).startswith((f"{kind}/", "refused: "))


@given(
    data=st.sampled_from([M4A, MP3, PNG, JPEG]), where=st.integers(0, 2000), damage=st.binary(min_size=1, max_size=16)
)
def test_a_damaged_file_is_taken_or_refused_with_a_sentence(data: bytes, where: int, damage: bytes) -> None:
    where %= len(data)
    damaged = data[:where] + damage + data[where + len(damage) :]

    for kind in ("image", "audio"):
        assert looked_at(kind, damaged).startswith((f"{kind}/", "refused: "))


def test_what_is_taken_can_be_told() -> None:
    kinds: tuple[Kind, ...] = ("image", "audio", "video")

    assert set(TAKEN) == set(kinds)


@given(st.text(min_size=1, max_size=40))
def test_every_name_that_is_taken_makes_a_key_that_is_known_again(name: str) -> None:
    try:
        parse_name(name)
    except ValueError:
        assert not is_incoming(f"incoming/{UUID}/{name}")
    else:
        assert is_incoming(new_incoming_key(name))


@pytest.mark.parametrize(
    "key",
    [
        "a.png",
        "incoming/a.png",
        "incoming/not-a-uuid/a.png",
        f"incoming/{UUID}/",
        f"incoming/{UUID}/..",
        f"incoming/{UUID}/a/b.png",
        f"incoming/{UUID}/a.png\n",
        f"incoming/{UUID.upper()}/a.png",
        f"/incoming/{UUID}/a.png",
        f"uploads/{UUID}/a.png",
    ],
)
def test_other_keys_are_not_of_an_invitation(key: str) -> None:
    assert not is_incoming(key)
