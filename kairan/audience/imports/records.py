"""Lines of text as records: a name, and the values that stand under it.

A CSV has a header; a name that stands there twice has two values, as in Amazon Pinpoint's import files ("Importing
segments"). Newline-delimited JSON has one object a line, whose nested names are joined with dots. A list of ids is one
column without a header.
"""

import csv
import json
from collections import deque
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Literal, NamedTuple

from kairan.audience.imports.text_lines import MAX_LINE_BYTES, TextLine

Form = Literal["csv", "json", "ids"]
FORMS: tuple[Form, ...] = ("csv", "json", "ids")
ID = "Address"
"""The name that a list of ids stands under: Pinpoint's for where a message goes."""
DELIMITERS = ",;\t"
_ODD_BLANKS = "\u00a0\u3000\ufeff\u200b"
"""Programs leave them around ids: a blank that does not break, a wide one, a byte order mark, one of no width."""


class Record(NamedTuple):
    """- `number`: that of the first line it stands on
    - `values`: without blanks around them; a name without values is absent
    - `reason`: why it cannot be read; then there are no values
    """

    number: int
    values: Mapping[str, tuple[str, ...]]
    reason: str = ""


class Table(NamedTuple):
    """- `columns`: the names of a CSV's header, in their order; empty for other forms"""

    form: Form
    columns: tuple[str, ...]
    records: Iterator[Record]


def read(lines: Iterator[TextLine], form: Form | None = None) -> Table:
    """Without a `form`, the first line tells it. Raises ValueError for a CSV whose header cannot be read."""
    first = next((line for line in lines if line.text is None or cleaned(line.text)), None)
    if first is None:
        return Table(form or "ids", (), iter(()))
    rest = chain((first,), lines)
    form = form or _form_of(first.text or "")
    match form:
        case "json":
            return Table(form, (), _objects(rest))
        case "ids":
            return Table(form, (), _ids(rest))
        case "csv":
            return _csv(rest)


def cleaned(text: str) -> str:
    return text.strip().strip(_ODD_BLANKS).strip()


def _form_of(line: str) -> Form:
    text = cleaned(line)
    if text.startswith("{"):
        return "json"
    return "ids" if len(text) == 33 and text.startswith("U") and text[1:].isalnum() else "csv"


def _ids(lines: Iterator[TextLine]) -> Iterator[Record]:
    for line in lines:
        if line.text is None:
            yield Record(line.number, {}, line.reason)
        elif text := cleaned(line.text):
            yield Record(line.number, {ID: (text,)})


# JSON


def _objects(lines: Iterator[TextLine]) -> Iterator[Record]:
    for line in lines:
        if line.text is None:
            yield Record(line.number, {}, line.reason)
        elif cleaned(line.text):
            yield _object(line.number, line.text)


def _object(number: int, text: str) -> Record:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return Record(number, {}, "it is not JSON")
    if not isinstance(value, dict):
        return Record(number, {}, "it is not a JSON object")
    values: dict[str, tuple[str, ...]] = {}
    try:
        _flatten("", value, values)
    except (ValueError, RecursionError) as error:
        return Record(number, {}, str(error) if isinstance(error, ValueError) else "it is nested too deeply")
    return Record(number, values)


def _flatten(path: str, value: Any, values: dict[str, tuple[str, ...]]) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _flatten(f"{path}.{name}" if path else name, inner, values)
        return
    texts = [_text(path, each) for each in (value if isinstance(value, list) else [value])]
    if present := tuple(text for text in map(cleaned, texts) if text):
        values[path] = present


def _text(path: str, value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int() | float():
            return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
        case _:
            raise ValueError(f"{path} holds an object within a list")


# CSV


def _csv(lines: Iterator[TextLine]) -> Table:
    header = next(lines)
    if header.text is None:
        raise ValueError(f"the header cannot be read: {header.reason}")
    delimiter = max(DELIMITERS, key=header.text.count)
    columns = tuple(map(cleaned, _cells(header.text, delimiter)))
    if not any(columns):
        raise ValueError("the header names no column")
    return Table("csv", columns, _rows(lines, columns, delimiter))


def _rows(lines: Iterator[TextLine], columns: tuple[str, ...], delimiter: str) -> Iterator[Record]:
    """A quotation mark that is not closed spoils its own line: the next one is read as a new record."""
    again: deque[TextLine] = deque()

    def following() -> TextLine | None:
        return again.popleft() if again else next(lines, None)

    while (first := following()) is not None:
        taken = [first]
        quotes, size = _measure(first)
        while quotes % 2 and size <= MAX_LINE_BYTES and (line := following()) is not None:
            taken.append(line)
            if line.text is None:
                break
            more_quotes, more = _measure(line)
            quotes, size = quotes + more_quotes, size + more
        if first.text is None:
            yield Record(first.number, {}, first.reason)
        elif quotes % 2:
            again.extendleft(reversed(taken[1:]))
            yield Record(first.number, {}, "a quotation mark is not closed")
        elif record := _row(first.number, "\n".join(line.text or "" for line in taken), columns, delimiter):
            yield record


def _measure(line: TextLine) -> tuple[int, int]:
    """How many quotation marks, and how many characters."""
    return (line.text.count('"'), len(line.text)) if line.text is not None else (0, 0)


def _row(number: int, text: str, columns: tuple[str, ...], delimiter: str) -> Record | None:
    """None for an empty line."""
    if not cleaned(text):
        return None
    try:
        cells = _cells(text, delimiter)
    except csv.Error as error:
        return Record(number, {}, f"it is not CSV: {error}")
    if len(cells) > len(columns) and any(map(cleaned, cells[len(columns) :])):
        return Record(number, {}, f"it has {len(cells)} values for {len(columns)} columns")
    values: dict[str, tuple[str, ...]] = {}
    for column, cell in zip(columns, cells, strict=False):
        if column and (value := cleaned(cell)):
            values[column] = (*values.get(column, ()), value)
    return Record(number, values)


def _cells(text: str, delimiter: str) -> list[str]:
    return next(csv.reader([text], delimiter=delimiter, strict=True), [])
