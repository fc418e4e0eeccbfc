"""What goes to Amazon Pinpoint, which no emulator answers: botocore's Stubber checks it against the service's own
model."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from kairan import aws
from kairan.audience.details import Details
from kairan.audience.model import Follower, Source, Status
from kairan.audience.pinpoint import PinpointAudience
from kairan.audience.port import Audience
from kairan.errors import StoreUnavailableError, UnsupportedByStoreError
from kairan.people import Profile
from tests.fakes.line import person

HANAKO = person("U" + "1" * 32)
AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
ACCEPTED = {"MessageBody": {"Message": "Accepted", "RequestID": "1"}}


@pytest.fixture
def pinpoint(fresh_clients: None) -> Iterator[Stubber]:
    with Stubber(aws.client("pinpoint")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def audience() -> Audience:
    return PinpointAudience("app")


def update(**user: Any) -> dict[str, Any]:
    return {
        "ApplicationId": "app",
        "EndpointId": HANAKO.id,
        "EndpointRequest": {
            "Address": HANAKO.id,
            "ChannelType": "CUSTOM",
            "OptOut": "NONE",
            "User": {"UserId": HANAKO.id, **user},
        },
    }


def test_a_follow_updates_the_endpoint_with_the_name(pinpoint: Stubber, audience: Audience) -> None:
    pinpoint.add_response("update_endpoint", ACCEPTED, update(UserAttributes={"DisplayName": ["花子"]}))

    audience.register(HANAKO, at=AT, profile=Profile("花子", "ja"), is_unblocked=True)


def test_a_follow_without_a_profile_updates_the_endpoint_without_a_name(pinpoint: Stubber, audience: Audience) -> None:
    pinpoint.add_response("update_endpoint", ACCEPTED, update())

    audience.register(HANAKO, at=AT)


def test_an_unfollow_deletes_the_endpoint(pinpoint: Stubber, audience: Audience) -> None:
    pinpoint.add_response(
        "delete_endpoint", {"EndpointResponse": {}}, {"ApplicationId": "app", "EndpointId": HANAKO.id}
    )

    audience.unfollow(HANAKO, at=AT)


def test_an_endpoint_that_is_not_there_is_deleted_already(pinpoint: Stubber, audience: Audience) -> None:
    pinpoint.add_client_error("delete_endpoint", "NotFoundException", http_status_code=404)

    audience.unfollow(HANAKO, at=AT)


def test_a_presumed_friend_gets_an_endpoint_and_a_contact_gets_none(pinpoint: Stubber, audience: Audience) -> None:
    pinpoint.add_response("update_endpoint", ACCEPTED, update(UserAttributes={"DisplayName": ["花子"]}))

    audience.presume(HANAKO, at=AT, status=Status.FOLLOWING, source=Source.EVENT, profile=Profile("花子"))
    audience.presume(HANAKO, at=AT, status=Status.CONTACT, source=Source.EVENT)


def test_any_other_event_does_not_reach_pinpoint(pinpoint: Stubber, audience: Audience) -> None:
    touched = audience.touch(HANAKO, at=AT)

    assert touched is not None
    assert touched.profile is not None


def endpoint(**known: Any) -> dict[str, Any]:
    return {
        "EndpointResponse": {"Id": HANAKO.id, "Address": HANAKO.id, "ChannelType": "CUSTOM", "OptOut": "NONE"} | known
    }


WHERE = {"ApplicationId": "app", "EndpointId": HANAKO.id}


def test_a_person_is_read_with_what_pinpoints_own_tools_wrote(pinpoint: Stubber, audience: Audience) -> None:
    user = {"UserId": HANAKO.id, "UserAttributes": {"DisplayName": ["花子"], "pref": ["東京", "大阪"]}}
    pinpoint.add_response("get_endpoint", endpoint(Attributes={"plan": ["gold"]}, User=user), WHERE)

    assert audience.get(HANAKO) == Follower(
        HANAKO,
        Status.FOLLOWING,
        profile=Profile("花子"),
        attributes={"pref": ("東京", "大阪"), "plan": ("gold",)},
    )


def test_a_person_of_whom_pinpoint_knows_only_the_address_is_read(pinpoint: Stubber, audience: Audience) -> None:
    pinpoint.add_response("get_endpoint", endpoint(), WHERE)

    assert audience.get(HANAKO) == Follower(HANAKO, Status.FOLLOWING, profile=Profile())


@pytest.mark.parametrize("left_out", [{"OptOut": "ALL"}, {"EndpointStatus": "INACTIVE"}])
def test_a_person_who_is_not_to_be_sent_to_has_opted_out(
    pinpoint: Stubber, audience: Audience, left_out: dict[str, str]
) -> None:
    pinpoint.add_response("get_endpoint", endpoint(**left_out), WHERE)

    follower = audience.get(HANAKO)

    assert follower is not None
    assert follower.opt_out


def test_a_person_without_an_endpoint_is_not_known(pinpoint: Stubber, audience: Audience) -> None:
    pinpoint.add_client_error("get_endpoint", "NotFoundException", http_status_code=404)

    assert audience.get(HANAKO) is None


@pytest.mark.parametrize("code", ["TooManyRequestsException", "InternalServerErrorException", "ForbiddenException"])
def test_pinpoint_that_throttles_or_fails_is_retryable(pinpoint: Stubber, audience: Audience, code: str) -> None:
    pinpoint.add_client_error("update_endpoint", code)
    pinpoint.add_client_error("delete_endpoint", code)
    pinpoint.add_client_error("get_endpoint", code)

    with pytest.raises(StoreUnavailableError, match=code):
        audience.register(HANAKO, at=AT)
    with pytest.raises(StoreUnavailableError, match=code):
        audience.unfollow(HANAKO, at=AT)
    with pytest.raises(StoreUnavailableError, match=code):
        audience.get(HANAKO)


@pytest.mark.parametrize(
    "ask",
    [
        lambda audience: audience.find("C-1"),
        lambda audience: audience.write_details(Follower(HANAKO, Status.FOLLOWING), Details()),
        lambda audience: audience.read_shard(0),
    ],
    ids=["find", "write_details", "read_shard"],
)
def test_what_pinpoint_cannot_do_says_so(audience: Audience, ask: Callable[[Audience], object]) -> None:
    with pytest.raises(UnsupportedByStoreError, match="Pinpoint's own tools"):
        ask(audience)
