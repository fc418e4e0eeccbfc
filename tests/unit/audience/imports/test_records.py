"""Lines become records, whatever form they have."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.audience.imports.records import Form, Record, Table, read
from kairan.audience.imports.text_lines import MAX_LINE_BYTES, TextLine

AKI, BEN = "U" + "a" * 32, "U" + "b" * 32


def table(text: str, form: Form | None = None) -> Table:
    return read((TextLine(number, line) for number, line in enumerate(text.split("\n"), start=1)), form)


def records(text: str, form: Form | None = None) -> list[Record]:
    return list(table(text, form).records)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Address\nU1", "csv"),
        ("ChannelType,Address", "csv"),
        ('{"Address": "U1"}', "json"),
        (f"\n \u00a0{AKI}\u00a0", "ids"),
        (f"{AKI},{BEN}", "csv"),
        ("", "ids"),
        ("\n\n", "ids"),
    ],
)
def test_the_first_line_tells_the_form(text: str, form: str) -> None:
    assert table(text).form == form


def test_a_list_of_ids_has_one_on_each_line_without_what_programs_leave_around_it() -> None:
    assert records(f"{AKI}\n\n\u00a0{BEN} \r\n\ufeff{AKI}\u200b") == [
        Record(1, {"Address": (AKI,)}),
        Record(3, {"Address": (BEN,)}),
        Record(4, {"Address": (AKI,)}),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_has_its_names_in_its_header(delimiter: str) -> None:
    text = "\n".join(
        delimiter.join(row)
        for row in [
            ["ChannelType", "Address", "Attributes.city", "Attributes.city"],
            ["CUSTOM", f"\u00a0{AKI} ", "Kyoto", "京都"],
            ["CUSTOM", BEN, "", " "],
            ["CUSTOM", AKI],
        ]
    )

    assert table(text).columns == ("ChannelType", "Address", "Attributes.city", "Attributes.city")
    assert records(text) == [
        Record(2, {"ChannelType": ("CUSTOM",), "Address": (AKI,), "Attributes.city": ("Kyoto", "京都")}),
        Record(3, {"ChannelType": ("CUSTOM",), "Address": (BEN,)}),
        Record(4, {"ChannelType": ("CUSTOM",), "Address": (AKI,)}),
    ]


def test_quotes_hold_delimiters_line_breaks_and_quotes() -> None:
    text = 'Address,Attributes.note\nU1,"one, two\nthree ""four"""\nU2,five'

    assert records(text) == [
        Record(2, {"Address": ("U1",), "Attributes.note": ('one, two\nthree "four"',)}),
        Record(4, {"Address": ("U2",), "Attributes.note": ("five",)}),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('U1,"a"b', "it is not CSV: ',' expected after '\"'"),
        ("U1,a,b,c", "it has 4 values for 2 columns"),
        ('U1,"never closed', "a quotation mark is not closed"),
    ],
)
def test_a_line_that_is_no_record_is_told_and_the_next_one_is_read(line: str, reason: str) -> None:
    assert records(f"Address,Attributes.note\n{line}\nU2,b\n\nU3,c") == [
        Record(2, {}, reason),
        Record(3, {"Address": ("U2",), "Attributes.note": ("b",)}),
        Record(5, {"Address": ("U3",), "Attributes.note": ("c",)}),
    ]


def test_empty_cells_after_the_last_column_are_none() -> None:
    assert records("Address\nU1,,\n") == [Record(2, {"Address": ("U1",)})]


def test_a_quotation_mark_that_is_not_closed_spoils_at_most_a_megabyte_and_only_its_own_line() -> None:
    filler = "x" * 1000
    rows = [f"U{number},{filler}" for number in range(2 * MAX_LINE_BYTES // 1000)]
    rows[5] = 'U5,"open'

    read_rows = records("\n".join(["Address,Attributes.note", *rows]))

    assert read_rows[5] == Record(7, {}, "a quotation mark is not closed")
    assert [each.values["Address"][0] for each in read_rows if not each.reason] == [
        f"U{number}" for number in range(len(rows)) if number != 5
    ]


def test_an_unreadable_line_is_told_with_its_reason() -> None:
    lines = [TextLine(1, "Address"), TextLine(2, None, "byte 1 is not text"), TextLine(3, "U3")]

    assert list(read(iter(lines)).records) == [Record(2, {}, "byte 1 is not text"), Record(3, {"Address": ("U3",)})]


@pytest.mark.parametrize(
    ("header", "why"),
    [(TextLine(1, None, "byte 1 is not text"), "the header cannot be read: byte 1"), (TextLine(1, ",,"), "no column")],
)
def test_a_csv_without_a_header_is_refused(header: TextLine, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read(iter([header]), "csv")


def test_the_names_of_nested_json_are_joined_with_dots() -> None:
    endpoint = {
        "ChannelType": "CUSTOM",
        "Address": AKI,
        "Attributes": {"city": ["Kyoto", " "], "empty": []},
        "Metrics": {"visits": 3.0, "score": 1.5},
        "User": {"UserId": 7, "UserAttributes": {"vip": [True]}},
        "EffectiveDate": None,
    }

    assert records(json.dumps(endpoint, ensure_ascii=False)) == [
        Record(
            1,
            {
                "ChannelType": ("CUSTOM",),
                "Address": (AKI,),
                "Attributes.city": ("Kyoto",),
                "Metrics.visits": ("3",),
                "Metrics.score": ("1.5",),
                "User.UserId": ("7",),
                "User.UserAttributes.vip": ("true",),
            },
        )
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "it is not JSON"),
        ("[]", "it is not a JSON object"),
        ("[" * 100_000, "it is not JSON"),
        ('{"Attributes": {"a": [{"b": 1}]}}', "Attributes.a holds an object within a list"),
    ],
)
def test_json_that_is_no_record_is_told_and_the_next_line_is_read(line: str, reason: str) -> None:
    assert records(f'{line}\n{{"Address": "U1"}}', "json") == [Record(1, {}, reason), Record(2, {"Address": ("U1",)})]


cells = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\r"), max_size=6)


@given(st.lists(st.lists(cells, min_size=2, max_size=2), min_size=1, max_size=5), st.sampled_from(",;\t"))
def test_any_csv_that_is_written_is_read(rows: list[list[str]], delimiter: str) -> None:
    def quoted(cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"'

    text = "\n".join([f"Address{delimiter}Note", *(delimiter.join(map(quoted, row)) for row in rows)])

    read_rows = {each.number - 2: each.values for each in records(text)}

    for number, row in enumerate(rows):
        present = {
            name: (value.strip().strip("\u00a0\u3000\ufeff\u200b").strip(),)
            for name, value in zip(("Address", "Note"), row, strict=True)
        }
        wanted = {name: values for name, values in present.items() if values != ("",)}
        assert read_rows.get(number, {}) == wanted


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"), max_size=12), max_size=6))
def test_any_lines_become_records_or_are_told(lines: list[str]) -> None:
    for form in ("csv", "json", "ids"):
        numbers = [each.number for each in records("\n".join(["Address,Note", *lines]), form)]
        assert numbers == sorted(set(numbers))
