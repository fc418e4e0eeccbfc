"""What each kind of event does to the audience."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from kairan.audience.details import Change
from kairan.audience.editing import edit
from kairan.audience.model import Follower, OptOutBy, Source, Status
from kairan.audience.registration import Registration
from kairan.errors import InvalidInputError, KairanError, RateLimitedError, RetryableError
from kairan.messengers.line.errors import LineUnauthorizedError, LineUnavailableError
from kairan.messengers.line.inbound import inbound
from kairan.messengers.line.profiles import LineProfiles
from kairan.messengers.line.refusals import rejected
from kairan.messengers.port import InboundEvent, Refusal
from kairan.people import Profile
from tests.fakes.audience import FakeAudience
from tests.fakes.clock import FakeClock
from tests.fakes.line import FakeLine, person
from tests.rigs.events import user

HANAKO = person(user(1))
PROFILE = Profile("花子", "ja", "https://example.com/hanako.jpg", "こんにちは")
SECOND = timedelta(seconds=1)


class Line(FakeLine):
    """Gives profiles, or fails with `error`, and remembers who was asked for."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.error: KairanError | None = None
        self.asked: list[str] = []

    def profile(self, user_id: str) -> Profile | None:
        self.asked.append(user_id)
        if self.error is not None:
            raise self.error
        return super().profile(user_id)


@dataclass
class RegistrationRig:
    clock: FakeClock = field(default_factory=FakeClock)
    number: int = 0

    def __post_init__(self) -> None:
        self.audience = FakeAudience(clock=self.clock)
        self.line = Line(self.clock)
        self.line.profiles = {HANAKO.id: PROFILE}

    def happens(self, kind: str, *, second: int = 0, **changes: Any) -> InboundEvent:
        self.number += 1
        raw = {
            "type": kind,
            "webhookEventId": f"event-{self.number}",
            "timestamp": int((self.clock.now() + second * SECOND).timestamp() * 1000),
            "source": {"type": "user", "userId": HANAKO.id},
            **changes,
        }
        event = inbound(raw, account="line", received_at=self.clock.now())
        Registration(audience=self.audience, profiles=LineProfiles(self.line))(event)
        return event

    def hanako(self) -> Follower:
        follower = self.audience.get(HANAKO)
        assert follower is not None
        return follower


@pytest.fixture
def rig() -> RegistrationRig:
    return RegistrationRig()


@pytest.mark.parametrize("is_unblocked", [True, False])
def test_a_follow_registers_the_follower_with_the_profile(rig: RegistrationRig, is_unblocked: bool) -> None:
    rig.happens("follow", follow={"isUnblocked": is_unblocked})

    assert rig.hanako() == Follower(
        HANAKO,
        Status.FOLLOWING,
        status_at=rig.clock.now(),
        followed_at=rig.clock.now(),
        is_unblocked=is_unblocked,
        profile=PROFILE,
        last_event_at=rig.clock.now(),
        source=Source.FOLLOW,
        created_at=rig.clock.now(),
    )


def test_a_redelivered_follow_changes_nothing(rig: RegistrationRig) -> None:
    rig.happens("follow")
    before = rig.hanako()

    rig.happens("follow", deliveryContext={"isRedelivery": True})

    assert rig.hanako() == before


ERRORS: list[KairanError] = [
    LineUnavailableError("LINE answered 500"),
    RateLimitedError("LINE answered 429"),
    LineUnauthorizedError("LINE refused the token"),
    rejected(Refusal(403, "Not available")),
]


@pytest.mark.parametrize("error", [*ERRORS, None], ids=lambda error: type(error).__name__ if error else "404")
def test_a_follow_waits_for_no_profile_and_the_next_event_fetches_it(
    rig: RegistrationRig, error: KairanError | None
) -> None:
    rig.line.error = error
    rig.line.profiles = {}
    rig.happens("follow")
    assert rig.hanako().status is Status.FOLLOWING
    assert rig.hanako().profile is None

    rig.line.error = None
    rig.line.profiles = {HANAKO.id: PROFILE}
    rig.happens("message", second=1)

    assert rig.hanako().profile == PROFILE


def test_a_profile_that_is_missing_again_does_not_stop_the_event(rig: RegistrationRig) -> None:
    rig.line.profiles = {}
    rig.happens("follow")
    rig.line.error = LineUnavailableError("LINE answered 500")

    rig.happens("message", second=1)

    assert rig.hanako().last_event_at == rig.clock.now() + SECOND
    assert rig.hanako().profile is None


def test_a_profile_that_is_there_is_not_fetched_at_every_event(rig: RegistrationRig) -> None:
    rig.happens("follow")
    rig.happens("message", second=1)
    rig.happens("postback", second=2)

    assert rig.line.asked == [HANAKO.id]


def test_an_unfollow_ends_the_following_and_asks_line_nothing(rig: RegistrationRig) -> None:
    rig.happens("follow")
    rig.line.asked.clear()

    rig.happens("unfollow", second=1)

    assert rig.hanako().status is Status.UNFOLLOWED
    assert rig.hanako().expires_at == rig.clock.now() + SECOND + timedelta(days=30)
    assert rig.line.asked == []


@pytest.mark.parametrize("kind", ["message", "postback", "beacon", "accountLink", "unsend", "a type of next year"])
def test_any_one_to_one_event_moves_the_time_of_the_last_event_and_never_the_status(
    rig: RegistrationRig, kind: str
) -> None:
    rig.happens("follow")
    rig.happens(kind, second=5)
    rig.happens(kind, second=3)

    assert rig.hanako().last_event_at == rig.clock.now() + 5 * SECOND
    rig.line.profiles = {}
    rig.happens("unfollow", second=6)
    rig.happens(kind, second=7)
    assert rig.hanako().status is Status.UNFOLLOWED
    assert rig.hanako().last_event_at == rig.clock.now() + 7 * SECOND


def test_a_person_who_was_never_seen_and_has_a_profile_is_presumed_a_friend(rig: RegistrationRig) -> None:
    rig.happens("message")

    assert rig.hanako() == Follower(
        HANAKO,
        Status.FOLLOWING,
        presumed=True,
        profile=PROFILE,
        last_event_at=rig.clock.now(),
        source=Source.EVENT,
        created_at=rig.clock.now(),
    )


def test_someone_without_a_profile_is_a_contact_until_line_gives_one(rig: RegistrationRig) -> None:
    rig.line.profiles = {}
    rig.happens("message")
    first = rig.hanako()
    rig.happens("message", second=1)
    second = rig.hanako()

    rig.line.profiles = {HANAKO.id: PROFILE}
    rig.happens("message", second=2)

    assert (first.status, first.presumed) == (Status.CONTACT, False)
    assert second == replace(first, last_event_at=rig.clock.now() + SECOND)
    assert rig.hanako() == replace(
        first,
        status=Status.FOLLOWING,
        presumed=True,
        profile=PROFILE,
        last_event_at=rig.clock.now() + 2 * SECOND,
    )


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_stranger_waits_for_no_profile_and_the_next_event_fetches_it(
    rig: RegistrationRig, error: KairanError
) -> None:
    rig.line.error = error
    rig.happens("message")
    first = rig.hanako()

    rig.line.error = None
    rig.happens("message", second=1)

    assert (first.status, first.presumed, first.profile) == (Status.FOLLOWING, True, None)
    assert (rig.hanako().status, rig.hanako().presumed, rig.hanako().profile) == (Status.FOLLOWING, True, PROFILE)


def test_a_stranger_for_whom_line_then_has_no_profile_is_a_contact(rig: RegistrationRig) -> None:
    rig.line.error = LineUnavailableError("LINE answered 500")
    rig.happens("message")

    rig.line.error = None
    rig.line.profiles = {}
    rig.happens("message", second=1)

    assert (rig.hanako().status, rig.hanako().presumed) == (Status.CONTACT, False)


def test_someone_who_left_and_does_something_later_is_a_friend_again(rig: RegistrationRig) -> None:
    rig.happens("follow")
    edit(rig.audience, HANAKO, Change(OptOutBy.API, tags_add=frozenset({"vip"})), at=rig.clock.now())
    rig.happens("unfollow", second=1)

    rig.happens("postback", second=2)

    hanako = rig.hanako()
    assert (hanako.status, hanako.presumed, hanako.tags) == (Status.FOLLOWING, True, frozenset({"vip"}))
    assert hanako.expires_at is None


def test_a_late_event_of_someone_who_left_changes_no_status_and_asks_line_nothing(rig: RegistrationRig) -> None:
    rig.happens("follow")
    rig.happens("unfollow", second=5)
    rig.line.asked.clear()

    rig.happens("message", second=4)
    rig.happens("message", second=5)

    assert rig.hanako().status is Status.UNFOLLOWED
    assert rig.line.asked == []


def test_someone_who_left_and_has_no_profile_stays_unfollowed(rig: RegistrationRig) -> None:
    rig.happens("follow")
    rig.happens("unfollow", second=1)
    rig.line.profiles = {}

    rig.happens("message", second=2)

    assert rig.hanako().status is Status.UNFOLLOWED


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_the_event_of_someone_who_left_waits_until_line_answers_unless_line_refuses(
    rig: RegistrationRig, error: KairanError
) -> None:
    rig.happens("follow")
    rig.happens("unfollow", second=1)
    rig.line.error = error

    with pytest.raises(type(error)) if isinstance(error, RetryableError) else nullcontext():
        rig.happens("message", second=2)

    assert rig.hanako().status is Status.UNFOLLOWED


@pytest.mark.parametrize("timestamp", ["16725225600000", "9" * 30], ids=["the year 2500", "no year at all"])
def test_an_event_from_the_future_counts_as_of_now(rig: RegistrationRig, timestamp: str) -> None:
    rig.happens("unfollow", timestamp=int(timestamp))
    rig.clock.sleep(1)

    rig.happens("follow")

    assert rig.hanako().status is Status.FOLLOWING
    assert rig.hanako().status_at == rig.clock.now()


def test_clocks_that_differ_by_seconds_keep_the_order_of_events(rig: RegistrationRig) -> None:
    rig.happens("unfollow", second=4)
    rig.happens("follow", second=5)

    assert rig.hanako().status is Status.FOLLOWING
    assert rig.hanako().status_at == rig.clock.now() + 5 * SECOND


@pytest.mark.parametrize(
    "source",
    [
        {"type": "group", "groupId": "C" + "2" * 32, "userId": HANAKO.id},
        {"type": "room", "roomId": "R" + "3" * 32, "userId": HANAKO.id},
    ],
    ids=["group", "room"],
)
def test_events_in_groups_and_rooms_touch_known_followers_only(rig: RegistrationRig, source: dict[str, str]) -> None:
    rig.happens("message", source=source)
    assert rig.audience.get(HANAKO) is None

    rig.line.profiles = {}
    rig.happens("follow")
    rig.line.asked.clear()
    rig.happens("message", second=1, source=source)

    assert rig.hanako().last_event_at == rig.clock.now() + SECOND
    assert rig.line.asked == []


@pytest.mark.parametrize(
    "changes",
    [
        {"source": {"type": "group", "groupId": "C" + "2" * 32}},
        {"source": {"type": "user", "userId": "someone"}},
        {"source": None},
        {"timestamp": None},
    ],
)
def test_an_event_of_nobody_or_of_no_time_changes_nothing(rig: RegistrationRig, changes: dict[str, Any]) -> None:
    rig.happens("message", **changes)

    assert rig.audience.get(HANAKO) is None
    assert rig.line.asked == []


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
    rig: RegistrationRig, kind: str, changes: dict[str, Any], path: str
) -> None:
    with pytest.raises(InvalidInputError, match=path):
        rig.happens(kind, **changes)


def test_standby_changes_nothing_about_who_follows(rig: RegistrationRig) -> None:
    rig.happens("follow", mode="standby")

    assert rig.hanako().status is Status.FOLLOWING


def test_the_lines_name_the_event_and_not_the_person(
    rig: RegistrationRig, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    rig.line.error = LineUnavailableError(f"no answer from LINE to GET /v2/bot/profile/{HANAKO.id}")

    event = rig.happens("follow")

    [line] = logged()
    assert (line["event_id"], line["code"]) == (event.id, "line_unavailable")
    assert HANAKO.id not in str(logged())
