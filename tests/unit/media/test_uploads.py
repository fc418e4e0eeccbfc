"""Looking at files that came within a call, and the keys of those that come by themselves."""

from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kairan.errors import InvalidInputError, UnsupportedMediaError
from kairan.media.model import MediaType
from kairan.media.sniffing import types_of
from kairan.media.uploads import TAKEN, Kind, examine, is_incoming, new_incoming_key, parse_name
from tests.cases.bad_files import BAD_FILES, BadFile
from tests.rigs import media_files

Within = Literal["image", "audio"]
"""What can come within a call."""

JPEG, PNG = media_files.image(), media_files.image("PNG")
MP3, M4A = media_files.audio("mp3"), media_files.audio("m4a")
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
    kind: Within, content_type: str | None, filename: str | None, data: bytes, type_: MediaType
) -> None:
    assert examine(kind, content_type=content_type, filename=filename, data=data) is type_


@pytest.mark.parametrize(
    ("kind", "content_type", "data", "named"),
    [
        ("image", "text/plain", b"hello", "text/plain"),
        ("image", "text/plain; charset=utf-8", PNG, "text/plain"),
        ("image", "audio/mpeg", PNG, "audio/mpeg"),
        ("image", "application/pdf", b"%PDF-1.7", "application/pdf"),
        ("audio", "image/png", PNG, "image/png"),
        ("audio", "video/mp4", M4A, "video/mp4"),
    ],
)
@pytest.mark.parametrize("filename", [None, "春.png"])
def test_a_file_that_its_caller_calls_another_kind_is_refused_by_that_name(
    kind: Within, content_type: str, filename: str | None, data: bytes, named: str
) -> None:
    with pytest.raises(UnsupportedMediaError) as refused:
        examine(kind, content_type=content_type, filename=filename, data=data)

    assert str(refused.value) == f"'{named}' is not {kind} type: {TAKEN[kind]} are taken"


@pytest.mark.parametrize("bad", [bad for bad in BAD_FILES if bad.kind != "video" and not bad.is_misnamed], ids=str)
@pytest.mark.parametrize("says_its_kind", [True, False])
def test_a_file_that_line_would_not_take_is_refused_whatever_its_caller_says(bad: BadFile, says_its_kind: bool) -> None:
    """Bytes of another kind are called by their own type."""
    assert bad.kind != "video"
    declared = {"image": "image/png", "audio": "audio/mpeg"}[bad.kind] if says_its_kind else None

    with pytest.raises(UnsupportedMediaError) as refused:
        examine(bad.kind, content_type=declared, filename=bad.name, data=bad.data)

    assert str(refused.value) == bad.refusal


@pytest.mark.parametrize("misnamed", [bad for bad in BAD_FILES if bad.is_misnamed], ids=str)
def test_the_bytes_decide_whatever_the_name_says(misnamed: BadFile) -> None:
    assert misnamed.kind != "video"

    type_ = examine(misnamed.kind, content_type=None, filename=misnamed.name, data=misnamed.data)

    assert type_ in types_of(misnamed.data)


def test_a_sound_that_does_not_tell_its_duration_is_taken_with_one() -> None:
    sound = media_files.m4a_of_unknown_duration()

    assert examine("audio", content_type=None, filename="a.m4a", data=sound, duration_ms=2000) is MediaType.M4A
    with pytest.raises(UnsupportedMediaError, match=r"^a\.m4a: the file does not tell how long it plays; give the"):
        examine("audio", content_type=None, filename="a.m4a", data=sound)


@pytest.mark.parametrize(
    ("kind", "data", "why"),
    [
        ("audio", b"", "the file is empty"),
        ("audio", M4A[:200], "the file does not tell how long it plays; give the duration in ms"),
        ("image", PNG[:20], "the image cannot be read: it is damaged, or cut off"),
    ],
)
def test_a_bad_file_without_a_name_is_called_by_its_kind(kind: Within, data: bytes, why: str) -> None:
    with pytest.raises(UnsupportedMediaError) as refused:
        examine(kind, content_type=None, filename=None, data=data)

    assert str(refused.value) == f"{kind}: {why}"


@pytest.mark.parametrize("filename", ["../a.png", "..", "C:\\a.png", "a\0.png", "/etc/a.png"])
def test_a_file_whose_name_leads_elsewhere_is_refused(filename: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^image: the name of the file must "):
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


def looked_at(kind: Within, data: bytes, content_type: str | None = None, filename: str | None = None) -> str:
    """The type, or why not. Nothing else may come of it."""
    try:
        return examine(kind, content_type=content_type, filename=filename, data=data)
    except (UnsupportedMediaError, InvalidInputError) as error:
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
    kind: Within, beginning: bytes, rest: bytes, content_type: str | None, filename: str | None
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
def test_other_keys_are_not_of_an_upload_ticket(key: str) -> None:
    assert not is_incoming(key)
