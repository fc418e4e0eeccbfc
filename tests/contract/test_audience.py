"""The audience's contract: the fake and DynamoDB keep the same promises."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from itertools import count
from typing import Any, Literal

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairan import aws
from kairan.audience.details import Details, details_of, with_details
from kairan.audience.dynamodb import DynamoDbAudience
from kairan.audience.model import SHARDS, Follower, OptOutBy, Source, Status, shard_of
from kairan.audience.port import TOMBSTONE_FOR, Audience
from kairan.errors import ExternalIdTakenError, StoreUnavailableError
from kairan.people import ChatId, PersonId, Profile
from tests.fakes.audience import FakeAudience
from tests.fakes.clock import FakeClock
from tests.rigs.tables import create_table

TABLE = "audience"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
KEPT = timedelta(days=30)
AT_ONCE = timedelta(0)

HANAKO = Profile("花子", "ja", "https://example.com/hanako.jpg", "こんにちは")

Audiences = Callable[[timedelta], Audience]
Kind = Literal["follow", "unfollow"]

_numbers = count(1)


def someone() -> PersonId:
    """A person who was never seen before: examples of one test do not meet."""
    return PersonId(ChatId("line", f"U{next(_numbers):032x}"))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def table(moto: None) -> None:
    create_table(TABLE, "pk", "sk")


def dynamodb(clock: FakeClock, *, account: str = "line", retention: timedelta = KEPT) -> DynamoDbAudience:
    return DynamoDbAudience(TABLE, messenger="line", account=account, unfollowed_retention=retention, clock=clock)


@pytest.fixture(params=["fake", "dynamodb"])
def audiences(request: pytest.FixtureRequest, clock: FakeClock) -> Audiences:
    """Makes an audience with the given retention of those who left."""
    if request.param == "fake":
        return lambda retention: FakeAudience(clock=clock, unfollowed_retention=retention)
    request.getfixturevalue("table")
    return lambda retention: dynamodb(clock, retention=retention)


@pytest.fixture
def audience(audiences: Audiences) -> Audience:
    return audiences(KEPT)


def known(audience: Audience, person: PersonId) -> Follower:
    follower = audience.get(person)
    assert follower is not None
    return follower


def test_a_person_who_was_never_seen_is_not_there(audience: Audience) -> None:
    assert audience.get(someone()) is None


def number() -> str:
    """An external id that no one has."""
    return f"C-{next(_numbers)}"


def write(audience: Audience, person: PersonId, **details: Any) -> Follower:
    """Changes these details, as no one else does at the moment."""
    before = known(audience, person)
    after = audience.write_details(before, replace(details_of(before), **details))
    assert after is not None
    return after


def test_a_follow_registers_a_person_with_the_profile(audience: Audience, clock: FakeClock) -> None:
    person = someone()

    audience.register(person, at=clock.now(), profile=HANAKO, is_unblocked=False)

    assert audience.get(person) == Follower(
        person=person,
        status=Status.FOLLOWING,
        status_at=clock.now(),
        followed_at=clock.now(),
        is_unblocked=False,
        profile=HANAKO,
        source=Source.FOLLOW,
        created_at=clock.now(),
    )


def test_an_unfollow_keeps_a_person_until_the_retention_ends(audience: Audience, clock: FakeClock) -> None:
    person = someone()
    audience.register(person, at=clock.now(), profile=HANAKO)

    audience.unfollow(person, at=clock.now() + SECOND)

    gone = known(audience, person)
    assert gone.status is Status.UNFOLLOWED
    assert gone.profile == HANAKO
    assert gone.unfollowed_at == clock.now() + SECOND
    assert gone.expires_at == clock.now() + SECOND + KEPT
    clock.sleep((KEPT + 2 * SECOND).total_seconds())
    assert audience.get(person) is None
    assert audience.read_shard(shard_of(person)).followers == ()


def test_a_person_who_comes_back_is_restored_with_attributes_and_tags(audience: Audience, clock: FakeClock) -> None:
    person = someone()
    audience.register(person, at=clock.now(), profile=HANAKO)
    write(audience, person, attributes={"pref": ("東京", "大阪")}, tags=frozenset({"vip"}))
    audience.unfollow(person, at=clock.now() + SECOND)

    audience.register(person, at=clock.now() + 2 * SECOND, is_unblocked=True)

    back = known(audience, person)
    assert back.status is Status.FOLLOWING
    assert back.is_unblocked is True
    assert back.attributes == {"pref": ("東京", "大阪")}
    assert back.tags == {"vip"}
    assert back.profile == HANAKO
    assert (back.unfollowed_at, back.expires_at) == (None, None)


def test_a_person_who_comes_back_after_the_retention_is_a_stranger_also_while_the_store_still_holds_the_item(
    audience: Audience, clock: FakeClock
) -> None:
    person = someone()
    audience.register(person, at=clock.now(), profile=HANAKO)
    write(audience, person, tags=frozenset({"vip"}))
    audience.unfollow(person, at=clock.now())
    clock.sleep((KEPT + SECOND).total_seconds())

    audience.register(person, at=clock.now())

    assert known(audience, person).tags == frozenset()
    assert known(audience, person).profile is None


def test_a_retention_of_nothing_erases_what_is_personal_at_once(audiences: Audiences, clock: FakeClock) -> None:
    audience, person = audiences(AT_ONCE), someone()
    audience.register(person, at=clock.now(), profile=HANAKO, is_unblocked=True)
    audience.touch(person, at=clock.now())
    before = write(audience, person, attributes={"pref": ("東京",)}, tags=frozenset({"vip"}), external_id=number())

    audience.unfollow(person, at=clock.now() + SECOND)

    left_at = clock.now() + SECOND
    tombstone = Follower(
        person,
        Status.UNFOLLOWED,
        status_at=left_at,
        unfollowed_at=left_at,
        expires_at=left_at + TOMBSTONE_FOR,
        version=2,
        erased=True,
    )
    assert before.external_id is not None
    assert audience.find(before.external_id) is None
    assert audience.get(person) == tombstone
    audience.set_profile(person, HANAKO)
    assert audience.touch(person, at=clock.now() + 2 * SECOND) == tombstone
    assert audience.write_details(tombstone, Details(tags=frozenset({"vip"}))) is None
    assert audience.write_details(before, Details(tags=frozenset({"vip"}))) is None
    audience.presume(person, at=clock.now(), status=Status.FOLLOWING, source=Source.EVENT, profile=HANAKO)
    audience.presume(person, at=clock.now() + 2 * SECOND, status=Status.CONTACT, source=Source.EVENT, profile=HANAKO)
    assert audience.get(person) == tombstone


def test_an_old_follow_does_not_bring_back_who_left_but_a_new_one_does(audiences: Audiences, clock: FakeClock) -> None:
    audience, person = audiences(AT_ONCE), someone()
    audience.unfollow(person, at=clock.now())

    audience.register(person, at=clock.now() - SECOND, profile=HANAKO)

    assert known(audience, person).status is Status.UNFOLLOWED
    assert known(audience, person).profile is None
    audience.register(person, at=clock.now() + SECOND, profile=HANAKO)
    assert known(audience, person).status is Status.FOLLOWING
    assert known(audience, person).profile == HANAKO
    assert known(audience, person).expires_at is None


def happens(audience: Audience, person: PersonId, kind: Kind, clock: FakeClock, second: int) -> None:
    at = clock.now() + second * SECOND
    if kind == "follow":
        audience.register(person, at=at, profile=HANAKO)
    else:
        audience.unfollow(person, at=at)


@given(
    events=st.lists(st.tuples(st.sampled_from(["follow", "unfollow"]), st.integers(0, 5)), min_size=1, max_size=6),
    retention=st.sampled_from([KEPT, AT_ONCE]),
    data=st.data(),
)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_order_and_however_often_the_newest_event_decides(
    audiences: Audiences,
    clock: FakeClock,
    events: list[tuple[Kind, int]],
    retention: timedelta,
    data: st.DataObject,
) -> None:
    repeated = events + data.draw(st.lists(st.sampled_from(events), max_size=4))
    delivered = data.draw(st.permutations(repeated))
    audience, person = audiences(retention), someone()

    for kind, second in delivered:
        happens(audience, person, kind, clock, second)

    newest_kind, newest_second = max(events, key=lambda event: (event[1], event[0] == "unfollow"))
    follower = known(audience, person)
    assert follower.status is (Status.FOLLOWING if newest_kind == "follow" else Status.UNFOLLOWED)
    assert follower.status_at == clock.now() + newest_second * SECOND
    assert (follower.expires_at is None) is (newest_kind == "follow")
    assert (follower.unfollowed_at is None) is (newest_kind == "follow")


@pytest.mark.parametrize("status", [Status.FOLLOWING, Status.CONTACT])
def test_a_person_who_was_never_seen_is_added_as_the_profile_call_says(
    audience: Audience, clock: FakeClock, status: Status
) -> None:
    person = someone()

    audience.presume(person, at=clock.now(), status=status, source=Source.EVENT, profile=HANAKO)

    assert audience.get(person) == Follower(
        person,
        status,
        presumed=status is Status.FOLLOWING,
        profile=HANAKO,
        last_event_at=clock.now(),
        source=Source.EVENT,
        created_at=clock.now(),
    )


def test_a_later_profile_call_decides_over_an_earlier_one(audience: Audience, clock: FakeClock) -> None:
    person = someone()
    audience.presume(person, at=clock.now(), status=Status.CONTACT, source=Source.EVENT)

    audience.presume(person, at=clock.now() + SECOND, status=Status.FOLLOWING, source=Source.EVENT, profile=HANAKO)
    friend = known(audience, person)
    audience.presume(person, at=clock.now() + 2 * SECOND, status=Status.CONTACT, source=Source.EVENT)
    contact = known(audience, person)

    assert (friend.status, friend.presumed, friend.profile) == (Status.FOLLOWING, True, HANAKO)
    assert (contact.status, contact.presumed) == (Status.CONTACT, False)
    assert contact.last_event_at == clock.now()


def test_a_profile_call_changes_no_one_who_was_heard_to_follow(audience: Audience, clock: FakeClock) -> None:
    person = someone()
    audience.register(person, at=clock.now(), profile=HANAKO)
    before = known(audience, person)

    for status in (Status.CONTACT, Status.FOLLOWING):
        audience.presume(person, at=clock.now() + SECOND, status=status, source=Source.EVENT, profile=Profile("花"))

    assert audience.get(person) == before


def test_any_follow_or_unfollow_decides_over_a_presumption(audience: Audience, clock: FakeClock) -> None:
    friend, guest, stranger = someone(), someone(), someone()
    audience.presume(friend, at=clock.now(), status=Status.FOLLOWING, source=Source.EVENT)
    audience.presume(guest, at=clock.now(), status=Status.FOLLOWING, source=Source.EVENT)
    audience.presume(stranger, at=clock.now(), status=Status.CONTACT, source=Source.EVENT)

    audience.register(friend, at=clock.now() - SECOND)
    audience.unfollow(guest, at=clock.now() - SECOND)
    audience.register(stranger, at=clock.now() - SECOND)

    decided = [known(audience, person) for person in (friend, guest, stranger)]
    assert [(each.status, each.presumed) for each in decided] == [
        (Status.FOLLOWING, False),
        (Status.UNFOLLOWED, False),
        (Status.FOLLOWING, False),
    ]
    assert known(audience, stranger).source is Source.EVENT


def lost_follow(audience: Audience, clock: FakeClock) -> PersonId:
    """A person who left at second 1. Of their return, only the profile at second 3 tells."""
    person = someone()
    audience.register(person, at=clock.now(), profile=HANAKO)
    write(audience, person, tags=frozenset({"vip"}))
    audience.unfollow(person, at=clock.now() + SECOND)
    audience.touch(person, at=clock.now() + 3 * SECOND)
    audience.presume(
        person, at=clock.now() + 3 * SECOND, status=Status.FOLLOWING, source=Source.EVENT, profile=Profile("花")
    )
    return person


def test_a_person_whose_return_was_lost_is_a_friend_again_and_kept(audience: Audience, clock: FakeClock) -> None:
    person = lost_follow(audience, clock)

    clock.sleep((KEPT + TOMBSTONE_FOR).total_seconds())
    start = clock.now() - KEPT - TOMBSTONE_FOR
    assert audience.get(person) == Follower(
        person,
        Status.FOLLOWING,
        presumed=True,
        followed_at=start,
        unfollowed_at=start + SECOND,
        profile=Profile("花"),
        tags=frozenset({"vip"}),
        last_event_at=start + 3 * SECOND,
        source=Source.FOLLOW,
        created_at=start,
        version=1,
    )


@pytest.mark.parametrize(
    ("kind", "second", "status", "presumed"),
    [
        ("unfollow", 1, Status.FOLLOWING, True),
        ("unfollow", 0, Status.FOLLOWING, True),
        ("follow", 0, Status.FOLLOWING, True),
        ("follow", 1, Status.FOLLOWING, True),
        ("follow", 2, Status.FOLLOWING, False),
        ("unfollow", 2, Status.UNFOLLOWED, False),
        ("follow", 4, Status.FOLLOWING, False),
        ("unfollow", 4, Status.UNFOLLOWED, False),
    ],
)
def test_after_a_lost_return_what_is_newer_than_the_unfollow_decides(
    audience: Audience, clock: FakeClock, kind: Kind, second: int, status: Status, presumed: bool
) -> None:
    person = lost_follow(audience, clock)

    happens(audience, person, kind, clock, second)

    assert (known(audience, person).status, known(audience, person).presumed) == (status, presumed)


@pytest.mark.parametrize("second", [0, 1])
def test_a_profile_at_an_event_that_is_not_newer_than_the_unfollow_changes_nothing(
    audience: Audience, clock: FakeClock, second: int
) -> None:
    person = someone()
    audience.unfollow(person, at=clock.now() + SECOND)
    before = known(audience, person)

    audience.presume(person, at=clock.now() + second * SECOND, status=Status.FOLLOWING, source=Source.EVENT)

    assert audience.get(person) == before


def test_who_was_erased_on_leaving_and_is_seen_again_is_kept_from_then_on(
    audiences: Audiences, clock: FakeClock
) -> None:
    audience, person = audiences(AT_ONCE), someone()
    audience.register(person, at=clock.now(), profile=HANAKO)
    audience.unfollow(person, at=clock.now() + SECOND)
    seen_at = clock.now() + 2 * SECOND

    audience.presume(person, at=seen_at, status=Status.FOLLOWING, source=Source.EVENT, profile=HANAKO)

    assert audience.get(person) == Follower(
        person,
        Status.FOLLOWING,
        presumed=True,
        unfollowed_at=seen_at - SECOND,
        profile=HANAKO,
        last_event_at=seen_at,
        source=Source.EVENT,
        version=1,
    )
    assert write(audience, person, tags=frozenset({"vip"})).tags == {"vip"}


@pytest.mark.parametrize(
    ("fields", "presumed"),
    [
        ({"status": {"S": "following"}, "source": {"S": "event"}}, True),
        (
            {"status": {"S": "following"}, "source": {"S": "event"}, "status_at": {"S": "2026-11-20T09:00:00.000Z"}},
            False,
        ),
        ({"status": {"S": "following"}, "source": {"S": "follow"}}, False),
        ({"status": {"S": "contact"}, "source": {"S": "event"}}, False),
    ],
)
def test_a_friend_that_release_0_1_0_took_from_a_profile_is_presumed(
    table: None, clock: FakeClock, fields: dict[str, Any], presumed: bool
) -> None:
    person = someone()
    key = {"pk": {"S": f"line#{shard_of(person):02x}"}, "sk": {"S": person.id}}
    boto3.client("dynamodb").put_item(TableName=TABLE, Item=key | fields)

    assert known(dynamodb(clock), person).presumed is presumed


def test_a_touch_moves_the_time_of_the_last_event_forward_only(audience: Audience, clock: FakeClock) -> None:
    person = someone()
    audience.register(person, at=clock.now())

    audience.touch(person, at=clock.now() + 2 * SECOND)
    touched = audience.touch(person, at=clock.now() + SECOND)

    assert touched is not None
    assert touched.last_event_at == clock.now() + 2 * SECOND
    assert touched == audience.get(person)


def test_a_touch_of_a_person_who_was_never_seen_writes_nothing(audience: Audience, clock: FakeClock) -> None:
    person = someone()

    assert audience.touch(person, at=clock.now()) is None

    assert audience.get(person) is None


def test_a_new_profile_replaces_all_of_the_old_one(audience: Audience, clock: FakeClock) -> None:
    person = someone()
    audience.register(person, at=clock.now(), profile=HANAKO)

    audience.set_profile(person, Profile(display_name="Hanako"))

    assert known(audience, person).profile == Profile(display_name="Hanako")


def test_a_name_with_half_a_surrogate_pair_can_be_kept(table: None, clock: FakeClock) -> None:
    audience = dynamodb(clock)
    person = someone()

    audience.register(person, at=clock.now(), profile=Profile(display_name="花\ud83d子"))

    assert known(audience, person).profile == Profile(display_name="花?子")


ALL_DETAILS = Details(
    external_id="顧客-1",
    time_zone="Asia/Taipei",
    attributes={"pref": ("東京", "大阪"), "visits": ("3",)},
    tags=frozenset({"vip", "early"}),
    opt_out=True,
    opt_out_at=FakeClock().now(),
    opt_out_by=OptOutBy.API,
)


def test_details_are_written_as_a_whole_and_can_be_emptied(audience: Audience, clock: FakeClock) -> None:
    person = someone()
    audience.register(person, at=clock.now(), profile=HANAKO)
    registered = known(audience, person)

    full = audience.write_details(registered, ALL_DETAILS)

    assert full == known(audience, person) == with_details(registered, ALL_DETAILS)
    assert details_of(full) == ALL_DETAILS
    emptied = audience.write_details(full, Details())
    assert emptied == known(audience, person) == replace(registered, version=2)


def test_details_are_written_under_the_version_that_was_read(audience: Audience, clock: FakeClock) -> None:
    person = someone()
    audience.register(person, at=clock.now())
    read_by_both = known(audience, person)

    assert audience.write_details(read_by_both, Details(tags=frozenset({"first"}))) is not None
    assert audience.write_details(read_by_both, Details(tags=frozenset({"second"}))) is None

    assert known(audience, person).tags == {"first"}


def test_events_leave_the_details_and_their_version_alone(audience: Audience, clock: FakeClock) -> None:
    person = someone()
    audience.register(person, at=clock.now())
    before = write(audience, person, tags=frozenset({"vip"}))

    audience.touch(person, at=clock.now() + SECOND)
    audience.set_profile(person, HANAKO)
    audience.unfollow(person, at=clock.now() + 2 * SECOND)
    audience.register(person, at=clock.now() + 3 * SECOND)

    assert known(audience, person).version == before.version
    assert audience.write_details(before, Details(tags=frozenset({"gold"}))) is not None
    assert known(audience, person).status is Status.FOLLOWING


def test_nothing_is_written_of_a_person_who_was_never_seen(audience: Audience) -> None:
    person = someone()

    assert audience.write_details(Follower(person, Status.FOLLOWING), ALL_DETAILS) is None
    audience.set_profile(person, HANAKO)

    assert audience.get(person) is None


def test_a_person_is_found_by_their_external_id(audience: Audience, clock: FakeClock) -> None:
    person, first, second = someone(), number(), number()
    audience.register(person, at=clock.now())

    write(audience, person, external_id=first)
    assert audience.find(first) == known(audience, person)
    assert audience.find(second) is None
    write(audience, person, external_id=second)
    assert audience.find(first) is None
    assert audience.find(second) == known(audience, person)
    write(audience, person, external_id=None)
    assert audience.find(second) is None


def test_an_external_id_belongs_to_one_person(audience: Audience, clock: FakeClock) -> None:
    one, other, shared = someone(), someone(), number()
    for person in (one, other):
        audience.register(person, at=clock.now())
    write(audience, one, external_id=shared)
    before = known(audience, other)

    with pytest.raises(ExternalIdTakenError):
        audience.write_details(before, Details(external_id=shared))

    assert known(audience, other) == before
    assert audience.find(shared) == known(audience, one)


def test_an_external_id_moves_from_a_person_who_left(audience: Audience, clock: FakeClock) -> None:
    one, other, shared = someone(), someone(), number()
    for person in (one, other):
        audience.register(person, at=clock.now())
    left = write(audience, one, external_id=shared, tags=frozenset({"vip"}))
    audience.unfollow(one, at=clock.now() + SECOND)
    assert audience.find(shared) == known(audience, one)

    write(audience, other, external_id=shared)

    assert audience.find(shared) == known(audience, other)
    assert (known(audience, one).external_id, known(audience, one).tags) == (None, frozenset({"vip"}))
    assert audience.write_details(left, details_of(left)) is None


def test_an_external_id_ends_with_its_person_and_stays_with_one_who_returns(
    audience: Audience, clock: FakeClock
) -> None:
    gone, back, first, second = someone(), someone(), number(), number()
    for person, external_id in ((gone, first), (back, second)):
        audience.register(person, at=clock.now())
        write(audience, person, external_id=external_id)
        audience.unfollow(person, at=clock.now() + SECOND)
    audience.register(back, at=clock.now() + 2 * SECOND)

    clock.sleep((KEPT + DAY).total_seconds())

    assert audience.find(first) is None
    assert audience.find(second) == known(audience, back)
    newcomer = someone()
    audience.register(newcomer, at=clock.now())
    write(audience, newcomer, external_id=first)
    assert audience.find(first) == known(audience, newcomer)


def test_a_person_who_is_erased_leaves_a_mark_without_an_end(audience: Audience, clock: FakeClock) -> None:
    person, external_id = someone(), number()
    audience.register(person, at=clock.now(), profile=HANAKO, is_unblocked=True)
    audience.touch(person, at=clock.now())
    before = write(audience, person, **vars(replace(ALL_DETAILS, external_id=external_id)))
    erased_at = clock.now() + SECOND

    audience.erase(person, at=erased_at)
    audience.erase(person, at=erased_at)

    clock.sleep((10 * KEPT).total_seconds())
    assert audience.get(person) == Follower(
        person, Status.UNFOLLOWED, status_at=erased_at, unfollowed_at=erased_at, version=3, erased=True
    )
    assert audience.find(external_id) is None
    assert audience.write_details(before, ALL_DETAILS) is None
    audience.presume(person, at=erased_at, status=Status.FOLLOWING, source=Source.IMPORT, profile=HANAKO)
    assert known(audience, person).erased


def test_a_person_who_was_never_seen_can_be_erased_too(audience: Audience, clock: FakeClock) -> None:
    person = someone()

    audience.erase(person, at=clock.now())

    assert known(audience, person).erased


@pytest.mark.parametrize("kind", ["follow", "message"])
def test_who_acts_again_after_an_erasure_begins_anew(audience: Audience, clock: FakeClock, kind: str) -> None:
    person = someone()
    audience.register(person, at=clock.now(), profile=HANAKO)
    before = write(audience, person, tags=frozenset({"vip"}))
    audience.erase(person, at=clock.now() + SECOND)
    acts_at = clock.now() + 2 * SECOND

    if kind == "follow":
        audience.register(person, at=acts_at)
    else:
        audience.presume(person, at=acts_at, status=Status.FOLLOWING, source=Source.EVENT)

    again = known(audience, person)
    assert (again.status, again.erased, again.tags, again.profile) == (Status.FOLLOWING, False, frozenset(), None)
    assert audience.write_details(before, details_of(before)) is None
    assert audience.write_details(again, Details(tags=frozenset({"new"}))) is not None


def test_a_follow_from_before_an_erasure_brings_no_one_back(audience: Audience, clock: FakeClock) -> None:
    person = someone()
    audience.erase(person, at=clock.now())

    audience.register(person, at=clock.now() - SECOND, profile=HANAKO)
    audience.register(person, at=clock.now(), profile=HANAKO)

    assert known(audience, person).erased


def test_the_pages_of_a_shard_hold_everyone_of_it_once(audience: Audience, clock: FakeClock) -> None:
    people = [someone() for _ in range(300)]
    for person in people:
        audience.register(person, at=clock.now())
    shard = shard_of(people[0])
    expected = sorted(person for person in people if shard_of(person) == shard)

    read: list[PersonId] = []
    after: str | None = None
    while True:
        page = audience.read_shard(shard, after=after, limit=2)
        assert len(page.followers) <= 2
        read += [follower.person for follower in page.followers]
        if (after := page.after) is None:
            break

    assert read == expected


def test_the_shards_together_hold_everyone(audience: Audience, clock: FakeClock) -> None:
    people = {someone() for _ in range(100)}
    for person in people:
        audience.register(person, at=clock.now())

    read = [follower.person for shard in range(SHARDS) for follower in audience.read_shard(shard).followers]

    assert len(read) == len(people)
    assert set(read) == people


def test_a_person_is_read_as_the_last_write_left_them(table: None, clock: FakeClock) -> None:
    """DynamoDB's default may answer with what was there a moment ago."""
    asked: list[bool | None] = []
    aws.client("dynamodb").meta.events.register(
        "provide-client-params.dynamodb.GetItem", lambda params, **_: asked.append(params.get("ConsistentRead"))
    )

    dynamodb(clock).get(someone())

    assert asked == [True]


def test_the_accounts_of_one_table_do_not_see_each_other(table: None, clock: FakeClock) -> None:
    ours = dynamodb(clock)
    theirs = dynamodb(clock, account="second")
    person = someone()

    ours.register(person, at=clock.now())

    assert theirs.get(person) is None


def test_the_item_is_the_one_that_is_documented(table: None, clock: FakeClock) -> None:
    person = someone()
    audience = dynamodb(clock)
    audience.register(person, at=clock.now(), profile=HANAKO, is_unblocked=False)
    audience.touch(person, at=clock.now())
    write(audience, person, **vars(replace(ALL_DETAILS, external_id="C-1")))

    items = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]
    [item, number_item] = sorted(items, key=lambda each: "person" in each)

    now = {"S": "2026-11-21T09:00:00.000Z"}
    assert item == {
        "pk": {"S": f"line#{shard_of(person):02x}"},
        "sk": {"S": person.id},
        "status": {"S": "following"},
        "status_at": now,
        "followed_at": now,
        "last_event_at": now,
        "is_unblocked": {"BOOL": False},
        "display_name": {"S": "花子"},
        "language": {"S": "ja"},
        "picture_url": {"S": "https://example.com/hanako.jpg"},
        "status_message": {"S": "こんにちは"},
        "attributes": {"M": {"pref": {"L": [{"S": "東京"}, {"S": "大阪"}]}, "visits": {"L": [{"S": "3"}]}}},
        "tags": {"SS": ["early", "vip"]},
        "time_zone": {"S": "Asia/Taipei"},
        "external_id": {"S": "C-1"},
        "opt_out": {"BOOL": True},
        "opt_out_at": now,
        "opt_out_by": {"S": "api"},
        "source": {"S": "follow"},
        "created_at": now,
        "version": {"N": "1"},
    }
    part = sha256(b"C-1").hexdigest()[:2]
    assert number_item == {"pk": {"S": f"line#external#{part}"}, "sk": {"S": "C-1"}, "person": {"S": person.id}}


def test_an_opt_out_that_was_stored_by_hand_is_read(table: None, clock: FakeClock) -> None:
    audience, person = dynamodb(clock), someone()
    audience.register(person, at=clock.now())
    before = known(audience, person)

    boto3.client("dynamodb").update_item(
        TableName=TABLE,
        Key={"pk": {"S": f"line#{shard_of(person):02x}"}, "sk": {"S": person.id}},
        UpdateExpression="SET opt_out = :yes",
        ExpressionAttributeValues={":yes": {"BOOL": True}},
    )

    assert audience.get(person) == replace(before, opt_out=True)


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "InternalServerError", "AccessDeniedException"]
)
def test_a_throttled_or_failing_table_is_retryable(fresh_clients: None, clock: FakeClock, code: str) -> None:
    audience = dynamodb(clock)
    with Stubber(aws.client("dynamodb")) as stubber:
        for operation in ("get_item", "put_item", "update_item", "query"):
            stubber.add_client_error(operation, code)

        with pytest.raises(StoreUnavailableError, match=code):
            audience.get(someone())
        with pytest.raises(StoreUnavailableError, match=code):
            audience.register(someone(), at=clock.now())
        with pytest.raises(StoreUnavailableError, match=code):
            audience.unfollow(someone(), at=clock.now())
        with pytest.raises(StoreUnavailableError, match=code):
            audience.read_shard(0)


def test_a_table_out_of_reach_is_retryable(
    fresh_clients: None, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.invalid")

    monkeypatch.setattr(aws.client("dynamodb"), "get_item", refuse)
    audience = dynamodb(clock)

    with pytest.raises(StoreUnavailableError, match="EndpointConnectionError"):
        audience.get(someone())
