"""The audience's contract: the fake and DynamoDB keep the same promises."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any, Literal

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairan import aws
from kairan.audience.dynamodb import DynamoDbAudience
from kairan.audience.model import SHARDS, Follower, Source, Status, shard_of
from kairan.audience.port import TOMBSTONE_FOR, Audience
from kairan.errors import StoreUnavailableError
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
    audience.set_attributes(person, {"pref": ["東京", "大阪"]})
    audience.set_tags(person, {"vip"})
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
    audience.set_tags(person, {"vip"})
    audience.unfollow(person, at=clock.now())
    clock.sleep((KEPT + SECOND).total_seconds())

    audience.register(person, at=clock.now())

    assert known(audience, person).tags == frozenset()
    assert known(audience, person).profile is None


def test_a_retention_of_nothing_erases_what_is_personal_at_once(audiences: Audiences, clock: FakeClock) -> None:
    audience, person = audiences(AT_ONCE), someone()
    audience.register(person, at=clock.now(), profile=HANAKO, is_unblocked=True)
    audience.touch(person, at=clock.now())
    audience.set_attributes(person, {"pref": ["東京"]})
    audience.set_tags(person, {"vip"})

    audience.unfollow(person, at=clock.now() + SECOND)

    left_at = clock.now() + SECOND
    tombstone = Follower(
        person, Status.UNFOLLOWED, status_at=left_at, unfollowed_at=left_at, expires_at=left_at + TOMBSTONE_FOR
    )
    assert audience.get(person) == tombstone
    audience.set_profile(person, HANAKO)
    assert audience.touch(person, at=clock.now() + 2 * SECOND) == tombstone
    assert not audience.set_tags(person, {"vip"})
    assert not audience.set_attributes(person, {"pref": ["東京"]})
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
    audience.set_tags(person, {"vip"})
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
    )
    assert audience.set_tags(person, {"vip"})


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


def test_attributes_and_tags_are_replaced_as_a_whole_and_can_be_emptied(audience: Audience, clock: FakeClock) -> None:
    person = someone()
    audience.register(person, at=clock.now())

    assert audience.set_attributes(person, {"a": ["1"], "b": []})
    assert audience.set_attributes(person, {"b": ["2", "3"]})
    assert audience.set_tags(person, ["x", "x", "y"])
    assert known(audience, person).tags == {"x", "y"}
    assert audience.set_tags(person, [])

    assert known(audience, person).attributes == {"b": ("2", "3")}
    assert known(audience, person).tags == frozenset()


def test_nothing_is_set_for_a_person_who_was_never_seen(audience: Audience) -> None:
    person = someone()

    assert not audience.set_attributes(person, {"a": ["1"]})
    assert not audience.set_tags(person, ["x"])
    audience.set_profile(person, HANAKO)

    assert audience.get(person) is None


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
    audience.set_attributes(person, {"pref": ["東京"]})
    audience.set_tags(person, ["vip"])

    [item] = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]

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
        "attributes": {"M": {"pref": {"L": [{"S": "東京"}]}}},
        "tags": {"SS": ["vip"]},
        "source": {"S": "follow"},
    }


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
