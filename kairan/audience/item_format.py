"""A person as a DynamoDB item. Times are text of fixed width, so that conditions can compare them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kairan.audience.model import Follower, Source, Status
from kairan.clock import from_epoch_ms, from_iso, iso
from kairan.people import ChatId, PersonId, Profile

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UniversalAttributeValueTypeDef as Value

PROFILE = ("display_name", "language", "picture_url", "status_message")
PERSONAL = (*PROFILE, "attributes", "tags", "opt_out", "is_unblocked", "followed_at", "last_event_at", "source")


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
        opt_out=flag_of("opt_out") or False,
        last_event_at=time_of("last_event_at"),
        source=source,
        expires_at=from_epoch_ms(int(item["expires_at"]["N"]) * 1000) if "expires_at" in item else None,
    )


def _without_surrogates(value: str) -> str:
    return value.encode(errors="replace").decode()
