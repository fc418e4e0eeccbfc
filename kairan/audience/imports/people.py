"""Records as people: whom a record is about, and what it says of them.

The names are those of Amazon Pinpoint's endpoints ("Importing segments", `EndpointResponse`). A file with other names
needs a `mapping` of its columns to Kairan's fields.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from kairan.audience.details import KEEP, Change, Details, changed
from kairan.audience.imports.records import Record
from kairan.audience.model import OptOutBy, Status
from kairan.clock import Clock
from kairan.errors import InvalidInputError
from kairan.people import PersonId

CUSTOM = "CUSTOM"
"""The channel type of Pinpoint's endpoints that a Lambda function serves."""
ATTRIBUTES = ("User.UserAttributes.", "Attributes.", "Metrics.")
"""All of them become attributes. Where two have one name, the values stand in this order."""
FIELDS = ("user_id", "external_id", "time_zone", "tags", "opt_out")
"""What a column may be mapped to, besides `attributes.<name>`."""
_FIELD_OF = {
    "Address": "user_id",
    "User.UserId": "external_id",
    "Demographic.Timezone": "time_zone",
    "OptOut": "opt_out",
}
_OPT_OUTS = {"ALL": True, "NONE": False, "TRUE": True, "FALSE": False}


class ImportedPerson(NamedTuple):
    """One record of a file. Either `person` or `external_id` says whom it is about, or both.

    - `number`: its line
    - `status`: CONTACT for an endpoint that is inactive, else None
    - `change`: what is written; blank values change nothing
    """

    number: int
    person: PersonId | None
    external_id: str | None
    status: Status | None
    change: Change


class OtherChannel(NamedTuple):
    """An endpoint of e-mail, SMS or an app. It is counted, and no error."""

    number: int


class Refused(NamedTuple):
    """A record that is not imported. `name` is what stands where its id should, as far as it can be told."""

    number: int
    name: str
    reason: str


class PeopleReader:
    """- `person_id`: the person with an id of the messenger, or None; `person_id_form` says what such an id looks like
    - `mapping`: a field for each column that has another name
    - `replace`: whether attributes and tags that a record does not name go
    """

    def __init__(
        self,
        *,
        person_id: Callable[[object], PersonId | None],
        person_id_form: str,
        clock: Clock,
        mapping: Mapping[str, str] | None = None,
        replace: bool = False,
    ) -> None:
        """Raises InvalidInputError for a mapping to a field that does not exist."""
        self._person_id = person_id
        self._person_id_form = person_id_form
        self._clock = clock
        self._mapping = dict(mapping or {})
        self._replace = replace
        for column, field in self._mapping.items():
            if field not in FIELDS and not re.fullmatch(r"attributes\..+", field):
                raise InvalidInputError.at(f"mapping.{column}", _NO_FIELD)

    def unused(self, columns: tuple[str, ...]) -> tuple[str, ...]:
        """The columns that mean nothing to an import, so that a person may see a wrong name."""
        known = {"ChannelType", "EndpointStatus", "Id"}
        return tuple(column for column in columns if column and column not in known and self._field(column) is None)

    def read(self, record: Record) -> ImportedPerson | OtherChannel | Refused:
        if record.reason:
            return Refused(record.number, "", record.reason)
        values = record.values
        if (channel := values.get("ChannelType")) and channel[0].upper() != CUSTOM:
            return OtherChannel(record.number)
        fields = self._fields(values)
        address, external_id = (next(iter(fields.get(name, ())), None) for name in ("user_id", "external_id"))
        name = address or external_id or ""
        person = self._person_id(address) if address else None
        if address and person is None:
            return Refused(record.number, name, f"the id is not {self._person_id_form}")
        if person is None and external_id is None:
            return Refused(record.number, name, "it has neither an id (Address) nor a number (User.UserId)")
        opt_outs = {_OPT_OUTS.get(value.upper()) for value in fields.get("opt_out", ())}
        if None in opt_outs:
            return Refused(record.number, name, "OptOut is neither ALL nor NONE")
        status = values.get("EndpointStatus", ("ACTIVE",))[0].upper()
        if status not in ("ACTIVE", "INACTIVE"):
            return Refused(record.number, name, "EndpointStatus is neither ACTIVE nor INACTIVE")
        change = Change(
            by=OptOutBy.IMPORT,
            tags_add=frozenset(fields.get("tags", ())),
            attributes=dict(_attributes(fields)),
            external_id=external_id if external_id is not None and person is not None else KEEP,
            time_zone=next(iter(fields.get("time_zone", ())), KEEP),
            opt_out=True in opt_outs if opt_outs else None,
            replace=self._replace,
        )
        try:
            changed(Details(), change, at=self._clock.now())
        except InvalidInputError as error:
            return Refused(record.number, name, str(error))
        inactive = Status.CONTACT if status == "INACTIVE" else None
        return ImportedPerson(record.number, person, external_id, inactive, change)

    def _fields(self, values: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        fields: dict[str, tuple[str, ...]] = {}
        for column in sorted(values, key=_rank):
            if (field := self._field(column)) is not None:
                fields[field] = (*fields.get(field, ()), *values[column])
        return fields

    def _field(self, column: str) -> str | None:
        if column in self._mapping:
            return self._mapping[column]
        for prefix in ATTRIBUTES:
            if column.startswith(prefix):
                return f"attributes.{column.removeprefix(prefix)}"
        return _FIELD_OF.get(column) or (column if column in FIELDS else None)


_NO_FIELD = f"must be one of {', '.join(FIELDS)}, or attributes.<name>"


def _rank(column: str) -> int:
    """User attributes come before others of the same name."""
    return next((rank for rank, prefix in enumerate(ATTRIBUTES) if column.startswith(prefix)), len(ATTRIBUTES))


def _attributes(fields: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for field, values in fields.items():
        if field.startswith("attributes."):
            yield field.removeprefix("attributes."), tuple(dict.fromkeys(values))
