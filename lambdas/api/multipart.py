"""A form with one file in it (`multipart/form-data`, RFC 7578), read in memory."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kairan.errors import InvalidInputError, Violation

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MULTIPART = "multipart/form-data"


@dataclass(frozen=True)
class Part:
    data: bytes
    content_type: str | None = None
    filename: str | None = None


def is_multipart(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == MULTIPART


def parse_multipart(body: bytes, content_type: str, names: Collection[str]) -> dict[str, Part]:
    """The parts by name: each of `names` at most once, and no others. Raises InvalidInputError."""
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    boundary = parse_options_header(content_type.encode("latin-1", "replace"))[1].get(b"boundary")
    if not boundary:
        raise InvalidInputError.at("Content-Type", "has no boundary")
    form = _Form()
    try:
        parser = MultipartParser(boundary, form.callbacks())
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise InvalidInputError.at("body", "is not multipart/form-data with this boundary") from error
    if not form.ended:
        raise InvalidInputError.at("body", "ends in the middle of the form")
    return form.parts(names)


class _Form:
    """Collects the parts. python-multipart calls its methods while it reads."""

    def __init__(self) -> None:
        self.ended = False
        self._parts: list[tuple[dict[str, bytes], bytes]] = []
        self._headers: dict[str, bytes] = {}
        self._data: list[bytes] = []
        self._name = b""
        self._value = b""

    def callbacks(self) -> "MultipartCallbacks":
        return {
            "on_part_begin": self._begin,
            "on_header_begin": self._begin_header,
            "on_header_field": self._add_name,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_part_data": self._add_data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }

    def parts(self, names: Collection[str]) -> dict[str, Part]:
        from python_multipart.multipart import parse_options_header

        parts: dict[str, Part] = {}
        violations: list[Violation] = []
        for headers, data in self._parts:
            _, options = parse_options_header(headers.get("content-disposition", b""))
            name = options.get(b"name", b"").decode(errors="replace")
            if name not in names:
                violations.append(
                    Violation(name or "body", "is not known here" if name else "has a part without a name")
                )
            elif name in parts:
                violations.append(Violation(name, "is sent twice"))
            filename = options.get(b"filename")
            content_type = headers.get("content-type")
            parts[name] = Part(
                data,
                content_type and content_type.decode(errors="replace").strip(),  # type: ignore[arg-type]
                filename.decode(errors="replace") if filename else None,
            )
        if violations:
            raise InvalidInputError(violations)
        return parts

    def _begin(self) -> None:
        self._headers, self._data = {}, []

    def _begin_header(self) -> None:
        self._name = self._value = b""

    def _add_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _add_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        self._headers[self._name.decode(errors="replace").lower()] = self._value

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        self._data.append(data[start:end])

    def _end_part(self) -> None:
        self._parts.append((self._headers, b"".join(self._data)))

    def _end(self) -> None:
        self.ended = True
