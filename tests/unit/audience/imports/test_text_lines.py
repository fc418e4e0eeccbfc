"""Bytes of any program become lines of text."""

import codecs
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.audience.imports.text_lines import (
    ENCODINGS,
    MAX_LINE_BYTES,
    Encoding,
    TextLine,
    encoding_named,
    encoding_of,
    text_lines,
)

TEXT = "Address,名前\nU1,花子 上\nU2,😀"


def lines_of(data: bytes, encoding: Encoding | None = None) -> list[TextLine]:
    return list(text_lines(BytesIO(data), encoding or encoding_of(data[:65_536])))


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16"),
        (TEXT.replace("😀", "ソ表").encode("cp932"), "cp932"),
        (b"", "utf-8"),
        ("花".encode()[:2], "utf-8"),
    ],
)
def test_the_encoding_is_recognised(data: bytes, encoding: str) -> None:
    assert encoding_of(data) == encoding


@pytest.mark.parametrize("data", ["U1".encode("utf-16-le"), b"\x89PNG\r\n\x1a\n\0\0", b"\xff\xff\xff", bytes(10)])
def test_what_is_no_text_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(ValueError, match="save it as UTF-8"):
        encoding_of(data)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [("UTF-8", "utf-8"), ("utf8", "utf-8"), (" Shift_JIS ", "cp932"), ("Windows-31J", "cp932"), ("UTF-16LE", "utf-16")],
)
def test_an_encoding_has_the_names_that_people_give_it(name: str, encoding: str) -> None:
    assert encoding_named(name) == encoding


def test_an_encoding_that_is_not_read_is_named_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="'EUC-JP' is not read; use one of utf-8, utf-16, cp932"):
        encoding_named("EUC-JP")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp932"])
def test_every_line_is_read_without_its_end_and_without_the_mark(end: str, last: str, encoding: str) -> None:
    words = ["Address,名前", "", "U1,上下", "U2,ソ表"]

    lines = lines_of((end.join(words) + last.replace("\n", end)).encode(encoding))

    assert lines == [TextLine(number, text) for number, text in enumerate(words, start=1)]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_line_that_is_no_text_is_told_and_the_others_go_on(encoding: Encoding) -> None:
    bad = b"\x00\xd8\x41\x00" if encoding == "utf-16" else b"U2,\xff\xff"
    data = "U1\n".encode(encoding) + bad + "\nU3".encode(encoding).removeprefix(codecs.BOM_UTF16_LE)

    first, second, third = lines_of(data, encoding)

    assert (first, third) == (TextLine(1, "U1"), TextLine(3, "U3"))
    assert second.text is None
    assert f"is not text in {encoding}" in second.reason


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_line_of_over_a_megabyte_is_told_and_the_others_go_on(encoding: Encoding) -> None:
    data = ("U1\n" + "x" * (3 * MAX_LINE_BYTES) + "\nU3\n").encode(encoding)

    assert lines_of(data, encoding) == [
        TextLine(1, "U1"),
        TextLine(2, None, "a line has at most 1,000,000 bytes"),
        TextLine(3, "U3"),
    ]


def test_a_line_of_a_megabyte_is_read() -> None:
    assert [len(line.text or "") for line in lines_of(b"x" * MAX_LINE_BYTES + b"\nU2")] == [MAX_LINE_BYTES, 2]


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\ufeff\ufffd"), max_size=9)))
def test_any_text_is_read_as_it_was_written(words: list[str]) -> None:
    text = "\n".join(["first", *words, "last"])

    for encoding in ("utf-8", "utf-16"):
        read = list(text_lines(BytesIO(text.encode(encoding)), encoding_named(encoding)))
        assert [line.text for line in read] == ["first", *words, "last"]


@given(st.binary(max_size=300), st.sampled_from(ENCODINGS))
def test_any_bytes_become_lines(data: bytes, encoding: Encoding) -> None:
    numbers = [line.number for line in lines_of(data, encoding)]

    assert numbers == list(range(1, len(numbers) + 1))
