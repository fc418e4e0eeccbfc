from datetime import timedelta

import pytest

from kairan.audience.details import Change
from kairan.audience.editing import edit
from kairan.audience.model import OptOutBy, Source, Status
from kairan.people import Profile
from tests.fakes.line import person
from tests.rigs.push_service import USER, PushServiceRig


def test_what_is_known_of_a_follower_is_told(service: PushServiceRig) -> None:
    service.audience.register(person(USER), at=service.clock.now(), profile=Profile("猫", "ja"), is_unblocked=False)
    change = Change(OptOutBy.API, tags_add=frozenset({"vip", "early"}), attributes={"city": ("Kyoto",)})
    edit(service.audience, person(USER), change, at=service.clock.now())

    answer = service.ask("GET", f"/v1/followers/{USER}")

    assert answer.status == 200
    assert answer.json == {
        "user_id": USER,
        "status": "following",
        "presumed": False,
        "status_at": "2026-11-21T09:00:00.000Z",
        "followed_at": "2026-11-21T09:00:00.000Z",
        "unfollowed_at": None,
        "is_unblocked": False,
        "display_name": "猫",
        "language": "ja",
        "picture_url": None,
        "status_message": None,
        "attributes": {"city": ["Kyoto"]},
        "tags": ["early", "vip"],
        "opt_out": False,
        "last_event_at": None,
        "source": "follow",
    }


def test_one_who_has_left_is_told_as_such(service: PushServiceRig) -> None:
    service.audience.unfollow(person(USER), at=service.clock.now() - timedelta(days=1))

    answer = service.ask("GET", f"/v1/followers/{USER}")

    assert (answer.status, answer.json["status"]) == (200, "unfollowed")


def test_a_friend_for_whom_only_a_profile_speaks_is_told_as_presumed(service: PushServiceRig) -> None:
    service.audience.presume(
        person(USER), at=service.clock.now(), status=Status.FOLLOWING, source=Source.EVENT, profile=Profile("猫")
    )

    answer = service.ask("GET", f"/v1/followers/{USER}")

    assert (answer.json["status"], answer.json["presumed"], answer.json["source"]) == ("following", True, "event")


def test_of_a_stranger_nothing_is_known(service: PushServiceRig) -> None:
    answer = service.ask("GET", f"/v1/followers/{USER}")

    assert answer.status == 404
    assert answer.json == {"error": "this user is not in the audience", "code": "not_found"}


@pytest.mark.parametrize("user_id", ["me", "C" + "0" * 32, "R" + "0" * 32])
def test_only_users_are_followers(service: PushServiceRig, user_id: str) -> None:
    answer = service.ask("GET", f"/v1/followers/{user_id}")

    assert (answer.status, answer.json["details"][0]["path"]) == (422, "user_id")
