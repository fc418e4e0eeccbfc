"""What a record says of a person."""

from typing import Any

import pytest

from kairan.audience.details import KEEP, Change
from kairan.audience.imports.people import ImportedPerson, OtherChannel, PeopleReader, Refused
from kairan.audience.imports.records import Record
from kairan.audience.model import OptOutBy, Status
from kairan.errors import InvalidInputError
from kairan.messengers.line.ids import PERSON_ID_FORM, person_id
from tests.fakes.clock import FakeClock
from tests.fakes.line import person

AKI = "U" + "a" * 32


def reader(**how: Any) -> PeopleReader:
    return PeopleReader(person_id=person_id, person_id_form=PERSON_ID_FORM, clock=FakeClock(), **how)


def record(**values: str | tuple[str, ...]) -> Record:
    """Names with two underscores stand for names with dots."""
    return Record(
        7,
        {name.replace("__", "."): (value,) if isinstance(value, str) else value for name, value in values.items()},
    )


def imported(read: object) -> ImportedPerson:
    assert isinstance(read, ImportedPerson)
    return read


def test_an_endpoint_of_pinpoint_is_a_person_with_all_it_has() -> None:
    endpoint = record(
        ChannelType="CUSTOM",
        Address=AKI,
        Id="endpoint-1",
        OptOut="NONE",
        EndpointStatus="ACTIVE",
        Attributes__city=("Kyoto", "京都"),
        Metrics__visits="3",
        User__UserId="C-1",
        User__UserAttributes__rank="gold",
        Demographic__Timezone="Asia/Tokyo",
    )

    assert reader().read(endpoint) == ImportedPerson(
        7,
        person(AKI),
        "C-1",
        None,
        Change(
            by=OptOutBy.IMPORT,
            attributes={"rank": ("gold",), "city": ("Kyoto", "京都"), "visits": ("3",)},
            external_id="C-1",
            time_zone="Asia/Tokyo",
            opt_out=False,
        ),
    )


def test_what_a_record_does_not_name_is_not_changed() -> None:
    assert imported(reader().read(record(Address=AKI))).change == Change(by=OptOutBy.IMPORT)
    assert imported(reader(replace=True).read(record(Address=AKI))).change == Change(by=OptOutBy.IMPORT, replace=True)


def test_of_two_attributes_with_one_name_the_users_values_come_first() -> None:
    endpoint = record(Address=AKI, Attributes__city=("Nara", "Kyoto"), User__UserAttributes__city="Kyoto")

    assert imported(reader().read(endpoint)).change.attributes == {"city": ("Kyoto", "Nara")}


@pytest.mark.parametrize("channel", ["EMAIL", "SMS", "APNS", "GCM", "email"])
def test_an_endpoint_of_another_channel_is_counted_and_no_error(channel: str) -> None:
    assert reader().read(record(ChannelType=channel, Address="aki@example.com")) == OtherChannel(7)


def test_a_number_alone_says_whom_a_record_is_about() -> None:
    read = imported(reader().read(record(User__UserId="C-1", Attributes__city="Kyoto")))

    assert (read.person, read.external_id, read.change.external_id) == (None, "C-1", KEEP)


@pytest.mark.parametrize(
    ("opt_out", "change"), [("ALL", True), ("all", True), ("NONE", False), ("None", False), ("true", True)]
)
def test_an_opt_out_is_read_however_it_is_written(opt_out: str, change: bool) -> None:
    assert imported(reader().read(record(Address=AKI, OptOut=opt_out))).change.opt_out is change


def test_who_is_inactive_is_a_contact() -> None:
    assert imported(reader().read(record(Address=AKI, EndpointStatus="Inactive"))).status is Status.CONTACT


@pytest.mark.parametrize(
    ("bad", "name", "reason"),
    [
        (record(Address="aki"), "aki", f"the id is not {PERSON_ID_FORM}"),
        (record(Address=AKI.upper(), User__UserId="C-1"), AKI.upper(), f"the id is not {PERSON_ID_FORM}"),
        (record(Attributes__city="Kyoto"), "", "it has neither an id (Address) nor a number (User.UserId)"),
        (record(Address=AKI, OptOut="maybe"), AKI, "OptOut is neither ALL nor NONE"),
        (record(Address=AKI, EndpointStatus="gone"), AKI, "EndpointStatus is neither ACTIVE nor INACTIVE"),
        (
            record(Address=AKI, Demographic__Timezone="Tokyo"),
            AKI,
            "time_zone: must be the name of a time zone, like Asia/Tokyo",
        ),
        (
            record(Address=AKI, Attributes__city="x" * 1001),
            AKI,
            "attributes.city[0]: has 1001 characters; at most 1000 are stored",
        ),
        (Record(7, {}, "it is not JSON"), "", "it is not JSON"),
    ],
)
def test_what_cannot_be_imported_is_refused_with_its_line_its_id_and_the_reason(
    bad: Record, name: str, reason: str
) -> None:
    assert reader().read(bad) == Refused(7, name, reason)


def test_a_mapping_gives_the_columns_of_another_tool_their_meaning() -> None:
    mapping = {"LINE ID": "user_id", "会員番号": "external_id", "タグ": "tags", "ランク": "attributes.rank"}
    other = Record(
        7, {"LINE ID": (AKI,), "会員番号": ("7",), "タグ": ("vip", "early"), "ランク": ("gold",), "x": ("1",)}
    )

    read = imported(reader(mapping=mapping).read(other))

    assert (read.person, read.external_id) == (person(AKI), "7")
    assert read.change.tags_add == {"vip", "early"}
    assert read.change.attributes == {"rank": ("gold",)}
    assert reader(mapping=mapping).unused((*other.values, "Id")) == ("x",)


@pytest.mark.parametrize("field", ["name", "attributes", "attributes.", ""])
def test_a_mapping_to_no_field_is_refused(field: str) -> None:
    with pytest.raises(InvalidInputError, match=r"^mapping\.ランク: must be one of user_id, "):
        reader(mapping={"ランク": field})
