"""A person as a DynamoDB item. Times are text of fixed width, so that conditions can compare them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kairan.audience.model import Follower, OptOutBy, Source, Status
from kairan.clock import from_epoch_ms, from_iso, iso
from kairan.people import ChatId, PersonId, Profile

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UniversalAttributeValueTypeDef as Value

    from kairan.audience.details import Details

PROFILE = ("display_name", "language", "picture_url", "status_message")
DETAILS = ("external_id", "time_zone", "attributes", "tags", "opt_out", "opt_out_at", "opt_out_by")
PERSONAL = (*PROFILE, *DETAILS, "is_unblocked", "followed_at", "last_event_at", "source", "created_at")


def text(value: str) -> "Value":
    """DynamoDB refuses a lone surrogate, which JSON can carry: it becomes a question mark."""
    return {"S": _without_surrogates(value)}


def texts(values: Iterable[str]) -> "Value":
    """A set. DynamoDB has no empty one."""
    return {"SS": sorted({_without_surrogates(value) for value in values})}


def lists(values: Mapping[str, Iterable[str]]) -> "Value":
    return {
        "M": {_without_surrogates(name): {"L": [text(each) for each in several]} for name, several in values.items()}
    }


def flag(value: bool) -> "Value":
    return {"BOOL": value}


def time(at: datetime) -> "Value":
    return {"S": iso(at)}


def seconds(at: datetime) -> "Value":
    """The form that DynamoDB's TTL reads."""
    return {"N": str(int(at.timestamp()))}


def profile_fields(profile: Profile) -> dict[str, "Value"]:
    return {name: text(value) for name in PROFILE if (value := getattr(profile, name)) is not None}


def missing_profile_fields(profile: Profile) -> tuple[str, ...]:
    return tuple(name for name in PROFILE if getattr(profile, name) is None)


def detail_fields(details: "Details") -> dict[str, "Value"]:
    """Only those that are set."""
    fields: dict[str, Value | None] = {
        "external_id": text(details.external_id) if details.external_id else None,
        "time_zone": text(details.time_zone) if details.time_zone else None,
        "attributes": lists(details.attributes) if details.attributes else None,
        "tags": texts(details.tags) if details.tags else None,
        "opt_out": flag(True) if details.opt_out else None,
        "opt_out_at": time(details.opt_out_at) if details.opt_out_at else None,
        "opt_out_by": text(details.opt_out_by) if details.opt_out_by else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def number(value: int) -> "Value":
    return {"N": str(value)}


def follower(item: Mapping[str, Any], *, messenger: str) -> Follower:
    def text_of(name: str) -> str | None:
        return item[name]["S"] if name in item else None

    def time_of(name: str) -> datetime | None:
        return from_iso(item[name]["S"]) if name in item else None

    def flag_of(name: str) -> bool | None:
        return item[name]["BOOL"] if name in item else None

    attributes = item["attributes"]["M"] if "attributes" in item else {}
    status = Status(item["status"]["S"])
    source = Source(item["source"]["S"]) if "source" in item else None
    presumed = flag_of("presumed")
    if presumed is None:  # releases before 0.2.0 did not write it
        presumed = status is Status.FOLLOWING and source is Source.EVENT and "status_at" not in item
    return Follower(
        person=PersonId(ChatId(messenger, item["sk"]["S"])),
        status=status,
        presumed=presumed,
        status_at=time_of("status_at"),
        followed_at=time_of("followed_at"),
        unfollowed_at=time_of("unfollowed_at"),
        is_unblocked=flag_of("is_unblocked"),
        profile=Profile(**{name: text_of(name) for name in PROFILE}) if any(name in item for name in PROFILE) else None,
        attributes={name: tuple(value["S"] for value in several["L"]) for name, several in attributes.items()},
        tags=frozenset(item["tags"]["SS"]) if "tags" in item else frozenset(),
        external_id=text_of("external_id"),
        time_zone=text_of("time_zone"),
        opt_out=flag_of("opt_out") or False,
        opt_out_at=time_of("opt_out_at"),
        opt_out_by=OptOutBy(item["opt_out_by"]["S"]) if "opt_out_by" in item else None,
        last_event_at=time_of("last_event_at"),
        source=source,
        created_at=time_of("created_at"),
        version=int(item["version"]["N"]) if "version" in item else 0,
        erased=flag_of("erased") or False,
        expires_at=from_epoch_ms(int(item["expires_at"]["N"]) * 1000) if "expires_at" in item else None,
    )


def _without_surrogates(value: str) -> str:
    return value.encode(errors="replace").decode()
