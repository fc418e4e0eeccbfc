"""What each kind of event does to the audience."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from kairan.audience.model import Follower, Source, Status
from kairan.audience.registration import Registration
from kairan.errors import (
    InvalidEventError,
    LineRejectedError,
    LineUnauthorizedError,
    LineUnavailableError,
    RateLimitedError,
)
from kairan.line.client import Profile
from kairan.line.events import Event
from kairan.line.ids import UserId
from tests.fakes.audience import FakeAudience
from tests.fakes.clock import FakeClock
from tests.fakes.line import FakeLine

HANAKO = UserId("U" + "1" * 32)
PROFILE = Profile("花子", "ja", "https://example.com/hanako.jpg", "こんにちは")
SECOND = timedelta(seconds=1)


class Line(FakeLine):
    """Gives profiles, or fails with `fault`, and remembers who was asked for."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.fault: Exception | None = None
        self.asked: list[str] = []

    def profile(self, user_id: str) -> Profile | None:
        self.asked.append(user_id)
        if self.fault is not None:
            raise self.fault
        return super().profile(user_id)


@dataclass
class House:
    clock: FakeClock = field(default_factory=FakeClock)
    number: int = 0

    def __post_init__(self) -> None:
        self.audience = FakeAudience(clock=self.clock)
        self.line = Line(self.clock)
        self.line.profiles = {HANAKO: PROFILE}

    def happens(self, kind: str, *, second: int = 0, **changes: Any) -> Event:
        self.number += 1
        event = Event(
            {
                "type": kind,
                "webhookEventId": f"event-{self.number}",
                "timestamp": int((self.clock.now() + second * SECOND).timestamp() * 1000),
                "source": {"type": "user", "userId": HANAKO},
                **changes,
            }
        )
        Registration(audience=self.audience, line=self.line)(event)
        return event

    def hanako(self) -> Follower:
        follower = self.audience.get(HANAKO)
        assert follower is not None
        return follower


@pytest.fixture
def house() -> House:
    return House()


def test_a_follow_registers_the_follower_with_the_profile(house: House) -> None:
    house.happens("follow", follow={"isUnblocked": False})

    assert house.hanako() == Follower(
        HANAKO,
        Status.FOLLOWING,
        status_at=house.clock.now(),
        followed_at=house.clock.now(),
        is_unblocked=False,
        profile=PROFILE,
        last_event_at=house.clock.now(),
        source=Source.FOLLOW,
    )


def test_a_redelivered_follow_changes_nothing(house: House) -> None:
    house.happens("follow")
    before = house.hanako()

    house.happens("follow", deliveryContext={"isRedelivery": True})

    assert house.hanako() == before


def test_who_comes_back_is_restored_and_that_it_was_a_block_is_recorded(house: House) -> None:
    house.happens("follow")
    house.audience.set_tags(HANAKO, ["vip"])
    house.happens("unfollow", second=1)

    house.happens("follow", second=2, follow={"isUnblocked": True})

    assert house.hanako().status is Status.FOLLOWING
    assert house.hanako().is_unblocked is True
    assert house.hanako().tags == {"vip"}


FAULTS = [
    LineUnavailableError("LINE answered 500"),
    RateLimitedError("LINE answered 429"),
    LineUnauthorizedError("LINE refused the token"),
    LineRejectedError(403, "Not available"),
]


@pytest.mark.parametrize("fault", [*FAULTS, None], ids=lambda fault: type(fault).__name__ if fault else "404")
def test_a_follow_waits_for_no_profile_and_the_next_event_fetches_it(house: House, fault: Exception | None) -> None:
    house.line.fault = fault
    house.line.profiles = {}
    house.happens("follow")
    assert house.hanako().status is Status.FOLLOWING
    assert house.hanako().profile is None

    house.line.fault = None
    house.line.profiles = {HANAKO: PROFILE}
    house.happens("message", second=1)

    assert house.hanako().profile == PROFILE


def test_a_profile_that_is_missing_again_does_not_stop_the_event(house: House) -> None:
    house.line.profiles = {}
    house.happens("follow")
    house.line.fault = LineUnavailableError("LINE answered 500")

    house.happens("message", second=1)

    assert house.hanako().last_event_at == house.clock.now() + SECOND
    assert house.hanako().profile is None


def test_a_profile_that_is_there_is_not_fetched_at_every_event(house: House) -> None:
    house.happens("follow")
    house.happens("message", second=1)
    house.happens("postback", second=2)

    assert house.line.asked == [HANAKO]


def test_an_unfollow_ends_the_following_and_asks_line_nothing(house: House) -> None:
    house.happens("follow")
    house.line.asked.clear()

    house.happens("unfollow", second=1)

    assert house.hanako().status is Status.UNFOLLOWED
    assert house.hanako().expires_at == house.clock.now() + SECOND + timedelta(days=30)
    assert house.line.asked == []


def test_an_unfollow_of_someone_unknown_is_remembered(house: House) -> None:
    house.happens("unfollow", second=1)
    house.happens("follow", second=0)

    assert house.hanako().status is Status.UNFOLLOWED


@pytest.mark.parametrize("kind", ["message", "postback", "beacon", "accountLink", "unsend", "a type of next year"])
def test_any_one_to_one_event_moves_the_time_of_the_last_event_and_never_the_status(house: House, kind: str) -> None:
    house.happens("follow")
    house.happens(kind, second=5)
    house.happens(kind, second=3)

    assert house.hanako().last_event_at == house.clock.now() + 5 * SECOND
    house.happens("unfollow", second=6)
    house.happens(kind, second=7)
    assert house.hanako().status is Status.UNFOLLOWED
    assert house.hanako().last_event_at == house.clock.now() + 7 * SECOND


def test_a_friend_who_was_never_seen_is_registered_as_following(house: House) -> None:
    house.happens("message")

    assert house.hanako() == Follower(
        HANAKO, Status.FOLLOWING, profile=PROFILE, last_event_at=house.clock.now(), source=Source.EVENT
    )


def test_someone_who_is_no_friend_is_registered_as_a_contact_and_not_asked_for_again(house: House) -> None:
    house.line.profiles = {}

    house.happens("message")
    house.happens("message", second=1)

    assert house.hanako().status is Status.CONTACT
    assert house.hanako().last_event_at == house.clock.now() + SECOND
    assert house.line.asked == [HANAKO]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_while_line_does_not_say_who_a_stranger_is_the_event_fails_and_nothing_is_written(
    house: House, fault: Exception
) -> None:
    house.line.fault = fault

    with pytest.raises(type(fault)):
        house.happens("message")

    assert house.audience.get(HANAKO) is None


@pytest.mark.parametrize(
    "source",
    [
        {"type": "group", "groupId": "C" + "2" * 32, "userId": HANAKO},
        {"type": "room", "roomId": "R" + "3" * 32, "userId": HANAKO},
    ],
    ids=["group", "room"],
)
def test_events_in_groups_and_rooms_touch_known_followers_only(house: House, source: dict[str, str]) -> None:
    house.happens("message", source=source)
    assert house.audience.get(HANAKO) is None

    house.line.profiles = {}
    house.happens("follow")
    house.line.asked.clear()
    house.happens("message", second=1, source=source)

    assert house.hanako().last_event_at == house.clock.now() + SECOND
    assert house.line.asked == []


@pytest.mark.parametrize(
    "changes",
    [
        {"source": {"type": "group", "groupId": "C" + "2" * 32}},
        {"source": {"type": "user", "userId": "someone"}},
        {"source": None},
        {"timestamp": None},
    ],
)
def test_an_event_of_nobody_or_of_no_time_changes_nothing(house: House, changes: dict[str, Any]) -> None:
    house.happens("message", **changes)

    assert house.audience.get(HANAKO) is None
    assert house.line.asked == []


@pytest.mark.parametrize("kind", ["follow", "unfollow"])
@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"source": {"type": "user"}}, "source.userId"),
        ({"source": {"type": "user", "userId": "U123"}}, "source.userId"),
        ({"timestamp": "yesterday"}, "timestamp"),
    ],
)
def test_a_follow_or_unfollow_of_nobody_or_of_no_time_is_wrong(
    house: House, kind: str, changes: dict[str, Any], path: str
) -> None:
    with pytest.raises(InvalidEventError, match=path):
        house.happens(kind, **changes)


def test_standby_changes_nothing_about_who_follows(house: House) -> None:
    house.happens("follow", mode="standby")

    assert house.hanako().status is Status.FOLLOWING


def test_the_lines_name_the_event_and_not_the_person(house: House, logged: Callable[[], list[dict[str, Any]]]) -> None:
    house.line.fault = LineUnavailableError(f"no answer from LINE to GET /v2/bot/profile/{HANAKO}")

    event = house.happens("follow")

    [line] = logged()
    assert (line["event_id"], line["code"]) == (event.id, "line_unavailable")
    assert HANAKO not in str(logged())
