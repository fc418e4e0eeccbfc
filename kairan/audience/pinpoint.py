"""The audience in Amazon Pinpoint: one endpoint of channel type CUSTOM per follower.

Amazon ended Pinpoint on 2026-10-30. This store is for owners with a contract, or a replacement, that still answers.
A Pinpoint endpoint has neither the time of its last event nor the time of its status, so

- the event that arrives last wins, even an older one;
- every person counts as stored and complete: Pinpoint gets follows and unfollows alone, and a profile that is missing
  after one follow comes with the next;
- a person that is read has no times and no source, but has what Pinpoint's own tools wrote: the attributes of the
  endpoint and of its user, and whether it may be sent to;
- Pinpoint's own tools read shards, find people and write attributes; here these operations raise
  UnsupportedByStoreError.
"""

# ruff: noqa: ARG002  Pinpoint needs fewer arguments than the port has
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

from botocore.exceptions import ClientError

from kairan import aws
from kairan.audience.model import Follower, Source, Status
from kairan.audience.port import Page
from kairan.errors import UnsupportedByStoreError
from kairan.people import PersonId, Profile

if TYPE_CHECKING:
    from mypy_boto3_pinpoint.type_defs import EndpointRequestTypeDef, EndpointResponseTypeDef, EndpointUserUnionTypeDef

    from kairan.audience.details import Details

DISPLAY_NAME = "DisplayName"


class PinpointAudience:
    def __init__(self, application_id: str) -> None:
        self._application_id = application_id

    def get(self, person: PersonId) -> Follower | None:
        with aws.unavailable("the Pinpoint endpoint could not be read"):
            try:
                answer = aws.client("pinpoint").get_endpoint(ApplicationId=self._application_id, EndpointId=person.id)
            except ClientError as error:
                if _is_absent(error):
                    return None
                raise
        return _follower(person, answer["EndpointResponse"])

    def register(
        self, person: PersonId, *, at: datetime, profile: Profile | None = None, is_unblocked: bool | None = None
    ) -> None:
        self._update_endpoint(person, profile)

    def presume(
        self, person: PersonId, *, at: datetime, status: Status, source: Source, profile: Profile | None = None
    ) -> None:
        """Leaves out a contact, because Pinpoint sends to everyone it has. A presumed friend is one like any other."""
        if status is Status.FOLLOWING:
            self._update_endpoint(person, profile)

    def unfollow(self, person: PersonId, *, at: datetime) -> None:
        with aws.unavailable("the Pinpoint endpoint could not be deleted"):
            try:
                aws.client("pinpoint").delete_endpoint(ApplicationId=self._application_id, EndpointId=person.id)
            except ClientError as error:
                if not _is_absent(error):
                    raise

    def touch(self, person: PersonId, *, at: datetime) -> Follower | None:
        return Follower(person=person, status=Status.FOLLOWING, profile=Profile(), last_event_at=at)

    def set_profile(self, person: PersonId, profile: Profile) -> None:
        self._update_endpoint(person, profile)

    def find(self, external_id: str) -> Follower | None:
        _unsupported("find")

    def write_details(self, before: Follower, details: "Details") -> Follower | None:
        _unsupported("write_details")

    def erase(self, person: PersonId, *, at: datetime) -> None:
        """An endpoint leaves no mark: a later follow, and only that, makes another."""
        self.unfollow(person, at=at)

    def read_shard(self, shard: int, *, after: str | None = None, limit: int = 1000) -> Page:
        _unsupported("read_shard")

    def _update_endpoint(self, person: PersonId, profile: Profile | None) -> None:
        user: EndpointUserUnionTypeDef = {"UserId": person.id}
        if profile is not None and profile.display_name is not None:
            user["UserAttributes"] = {DISPLAY_NAME: [profile.display_name]}
        request: EndpointRequestTypeDef = {
            "Address": person.id,
            "ChannelType": "CUSTOM",
            "OptOut": "NONE",
            "User": user,
        }
        with aws.unavailable("the Pinpoint endpoint could not be updated"):
            aws.client("pinpoint").update_endpoint(
                ApplicationId=self._application_id, EndpointId=person.id, EndpointRequest=request
            )


def _follower(person: PersonId, endpoint: "EndpointResponseTypeDef") -> Follower:
    user_attributes = endpoint.get("User", {}).get("UserAttributes", {})
    attributes = {**user_attributes, **endpoint.get("Attributes", {})}
    names = attributes.pop(DISPLAY_NAME, [])
    return Follower(
        person=person,
        status=Status.FOLLOWING,
        profile=Profile(display_name=names[0] if names else None),
        attributes={name: tuple(values) for name, values in attributes.items()},
        opt_out=endpoint.get("OptOut") == "ALL" or endpoint.get("EndpointStatus") == "INACTIVE",
    )


def _is_absent(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "NotFoundException"


def _unsupported(operation: str) -> NoReturn:
    raise UnsupportedByStoreError(
        f"the audience store pinpoint cannot do `{operation}`; use Pinpoint's own tools, or the store dynamodb"
    )
