"""The audience in Amazon Pinpoint: an endpoint of channel type CUSTOM per follower.

Amazon ended Pinpoint on 2026-10-30; this is for those whose contract or stand-in still answers it. A Pinpoint endpoint says
neither when its last event was nor when its status changed, so

- the event that arrives last wins, also one that is older;
- every person counts as known and complete: only a follow and an unfollow reach Pinpoint, and a profile that could not be
  fetched at the follow comes with the next follow;
- what is read of a person has no times and no source, and holds what Pinpoint's own tools wrote: the attributes of the endpoint
  and of its user, and whether it is to be sent to;
- reading shards, and writing attributes and tags, belong to those tools: asking for them here raises UnsupportedByStoreError.
"""

# ruff: noqa: ARG002  the port has more arguments than Pinpoint has uses for
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NoReturn

from botocore.exceptions import ClientError

from kairan import aws
from kairan.audience.model import Follower, Source, Status
from kairan.audience.port import Page
from kairan.errors import UnsupportedByStoreError
from kairan.line.client import Profile
from kairan.line.ids import UserId

if TYPE_CHECKING:
    from mypy_boto3_pinpoint.type_defs import EndpointRequestTypeDef, EndpointResponseTypeDef, EndpointUserUnionTypeDef

DISPLAY_NAME = "DisplayName"


class PinpointAudience:
    def __init__(self, application_id: str) -> None:
        self._application_id = application_id

    def get(self, user_id: UserId) -> Follower | None:
        with aws.unavailable("the Pinpoint endpoint could not be read"):
            try:
                answer = aws.client("pinpoint").get_endpoint(ApplicationId=self._application_id, EndpointId=user_id)
            except ClientError as error:
                if _is_absent(error):
                    return None
                raise
        return _follower(user_id, answer["EndpointResponse"])

    def register(
        self, user_id: UserId, *, at: datetime, profile: Profile | None = None, is_unblocked: bool | None = None
    ) -> None:
        self._update_endpoint(user_id, profile)

    def introduce(
        self, user_id: UserId, *, at: datetime, status: Status, source: Source, profile: Profile | None = None
    ) -> None:
        """A contact is left out: everyone in Pinpoint is somebody to send to."""
        if status is Status.FOLLOWING:
            self._update_endpoint(user_id, profile)

    def unfollow(self, user_id: UserId, *, at: datetime) -> None:
        with aws.unavailable("the Pinpoint endpoint could not be deleted"):
            try:
                aws.client("pinpoint").delete_endpoint(ApplicationId=self._application_id, EndpointId=user_id)
            except ClientError as error:
                if not _is_absent(error):
                    raise

    def touch(self, user_id: UserId, *, at: datetime) -> Follower | None:
        return Follower(user_id=user_id, status=Status.FOLLOWING, profile=Profile(), last_event_at=at)

    def set_profile(self, user_id: UserId, profile: Profile) -> None:
        self._update_endpoint(user_id, profile)

    def set_attributes(self, user_id: UserId, attributes: Mapping[str, Sequence[str]]) -> bool:
        _unsupported("set_attributes")

    def set_tags(self, user_id: UserId, tags: Collection[str]) -> bool:
        _unsupported("set_tags")

    def read_shard(self, shard: int, *, after: str | None = None, limit: int = 1000) -> Page:
        _unsupported("read_shard")

    def _update_endpoint(self, user_id: UserId, profile: Profile | None) -> None:
        user: EndpointUserUnionTypeDef = {"UserId": user_id}
        if profile is not None and profile.display_name is not None:
            user["UserAttributes"] = {DISPLAY_NAME: [profile.display_name]}
        request: EndpointRequestTypeDef = {"Address": user_id, "ChannelType": "CUSTOM", "OptOut": "NONE", "User": user}
        with aws.unavailable("the Pinpoint endpoint could not be updated"):
            aws.client("pinpoint").update_endpoint(
                ApplicationId=self._application_id, EndpointId=user_id, EndpointRequest=request
            )


def _follower(user_id: UserId, endpoint: "EndpointResponseTypeDef") -> Follower:
    of_user = endpoint.get("User", {}).get("UserAttributes", {})
    attributes = {**of_user, **endpoint.get("Attributes", {})}
    names = attributes.pop(DISPLAY_NAME, [])
    return Follower(
        user_id=user_id,
        status=Status.FOLLOWING,
        profile=Profile(display_name=names[0] if names else None),
        attributes={name: tuple(values) for name, values in attributes.items()},
        opt_out=endpoint.get("OptOut") == "ALL" or endpoint.get("EndpointStatus") == "INACTIVE",
    )


def _is_absent(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "NotFoundException"


def _unsupported(operation: str) -> NoReturn:
    raise UnsupportedByStoreError(
        f"`{operation}` is not possible with the audience store pinpoint; use Pinpoint's own tools, or the store dynamodb"
    )
