"""The audience's contract: the fake and DynamoDB keep the same promises."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count, permutations
from typing import Literal

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
from kairan.line.client import Profile
from kairan.line.ids import UserId
from tests.fakes.audience import FakeAudience
from tests.fakes.clock import FakeClock

TABLE = "audience"
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
KEPT = timedelta(days=30)
AT_ONCE = timedelta(0)

HANAKO = Profile("花子", "ja", "https://example.com/hanako.jpg", "こんにちは")

Audiences = Callable[[timedelta], Audience]
Kind = Literal["follow", "unfollow"]

_numbers = count(1)


def someone() -> UserId:
    """Nobody was ever seen before: examples of one test do not meet."""
    return UserId(f"U{next(_numbers):032x}")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def table(moto: None) -> None:
    boto3.client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )


@pytest.fixture(params=["fake", "dynamodb"])
def audiences(request: pytest.FixtureRequest, clock: FakeClock) -> Audiences:
    """Makes an audience with the given retention of those who left."""
    if request.param == "fake":
        return lambda retention: FakeAudience(clock=clock, unfollowed_retention=retention)
    request.getfixturevalue("table")
    return lambda retention: DynamoDbAudience(TABLE, channel="line", unfollowed_retention=retention, clock=clock)


@pytest.fixture
def audience(audiences: Audiences) -> Audience:
    return audiences(KEPT)


def known(audience: Audience, user_id: UserId) -> Follower:
    follower = audience.get(user_id)
    assert follower is not None
    return follower


def test_a_person_who_was_never_seen_is_not_there(audience: Audience) -> None:
    assert audience.get(someone()) is None


def test_a_follow_registers_a_person_with_the_profile(audience: Audience, clock: FakeClock) -> None:
    user_id = someone()

    audience.register(user_id, at=clock.now(), profile=HANAKO, is_unblocked=False)

    assert audience.get(user_id) == Follower(
        user_id=user_id,
        status=Status.FOLLOWING,
        status_at=clock.now(),
        followed_at=clock.now(),
        is_unblocked=False,
        profile=HANAKO,
        source=Source.FOLLOW,
    )


def test_an_unfollow_keeps_a_person_until_the_retention_ends(audience: Audience, clock: FakeClock) -> None:
    user_id = someone()
    audience.register(user_id, at=clock.now(), profile=HANAKO)

    audience.unfollow(user_id, at=clock.now() + SECOND)

    gone = known(audience, user_id)
    assert gone.status is Status.UNFOLLOWED
    assert gone.profile == HANAKO
    assert gone.unfollowed_at == clock.now() + SECOND
    assert gone.expires_at == clock.now() + SECOND + KEPT
    clock.sleep((KEPT + 2 * SECOND).total_seconds())
    assert audience.get(user_id) is None
    assert audience.read_shard(shard_of(user_id)).followers == ()


def test_who_comes_back_is_restored_with_attributes_and_tags(audience: Audience, clock: FakeClock) -> None:
    user_id = someone()
    audience.register(user_id, at=clock.now(), profile=HANAKO)
    audience.set_attributes(user_id, {"pref": ["東京", "大阪"]})
    audience.set_tags(user_id, {"vip"})
    audience.unfollow(user_id, at=clock.now() + SECOND)

    audience.register(user_id, at=clock.now() + 2 * SECOND, is_unblocked=True)

    back = known(audience, user_id)
    assert back.status is Status.FOLLOWING
    assert back.is_unblocked is True
    assert back.attributes == {"pref": ("東京", "大阪")}
    assert back.tags == {"vip"}
    assert back.profile == HANAKO
    assert (back.unfollowed_at, back.expires_at) == (None, None)


def test_who_comes_back_after_the_retention_is_a_stranger_also_while_the_store_still_holds_the_item(
    audience: Audience, clock: FakeClock
) -> None:
    user_id = someone()
    audience.register(user_id, at=clock.now(), profile=HANAKO)
    audience.set_tags(user_id, {"vip"})
    audience.unfollow(user_id, at=clock.now())
    clock.sleep((KEPT + SECOND).total_seconds())

    audience.register(user_id, at=clock.now())

    assert known(audience, user_id).tags == frozenset()
    assert known(audience, user_id).profile is None


def test_a_retention_of_nothing_erases_what_is_personal_at_once(audiences: Audiences, clock: FakeClock) -> None:
    audience, user_id = audiences(AT_ONCE), someone()
    audience.register(user_id, at=clock.now(), profile=HANAKO, is_unblocked=True)
    audience.touch(user_id, at=clock.now())
    audience.set_attributes(user_id, {"pref": ["東京"]})
    audience.set_tags(user_id, {"vip"})

    audience.unfollow(user_id, at=clock.now() + SECOND)

    left_at = clock.now() + SECOND
    tombstone = Follower(
        user_id, Status.UNFOLLOWED, status_at=left_at, unfollowed_at=left_at, expires_at=left_at + TOMBSTONE_FOR
    )
    assert audience.get(user_id) == tombstone
    audience.set_profile(user_id, HANAKO)
    assert audience.touch(user_id, at=clock.now() + 2 * SECOND) == tombstone
    assert not audience.set_tags(user_id, {"vip"})
    assert not audience.set_attributes(user_id, {"pref": ["東京"]})
    audience.introduce(user_id, at=clock.now(), status=Status.CONTACT, source=Source.EVENT, profile=HANAKO)
    assert audience.get(user_id) == tombstone


def test_an_old_follow_does_not_bring_back_who_left_but_a_new_one_does(audiences: Audiences, clock: FakeClock) -> None:
    audience, user_id = audiences(AT_ONCE), someone()
    audience.unfollow(user_id, at=clock.now())

    audience.register(user_id, at=clock.now() - SECOND, profile=HANAKO)

    assert known(audience, user_id).status is Status.UNFOLLOWED
    assert known(audience, user_id).profile is None
    audience.register(user_id, at=clock.now() + SECOND, profile=HANAKO)
    assert known(audience, user_id).status is Status.FOLLOWING
    assert known(audience, user_id).profile == HANAKO
    assert known(audience, user_id).expires_at is None


def test_of_a_follow_and_an_unfollow_at_the_same_moment_the_unfollow_wins(audience: Audience, clock: FakeClock) -> None:
    user_id, other = someone(), someone()

    audience.register(user_id, at=clock.now())
    audience.unfollow(user_id, at=clock.now())
    audience.unfollow(other, at=clock.now())
    audience.register(other, at=clock.now())

    assert known(audience, user_id).status is Status.UNFOLLOWED
    assert known(audience, other).status is Status.UNFOLLOWED


def happens(audience: Audience, user_id: UserId, kind: Kind, clock: FakeClock, second: int) -> None:
    at = clock.now() + second * SECOND
    if kind == "follow":
        audience.register(user_id, at=at, profile=HANAKO)
    else:
        audience.unfollow(user_id, at=at)


FOLLOW_UNFOLLOW_FOLLOW: tuple[tuple[Kind, int], ...] = (("follow", 0), ("unfollow", 1), ("follow", 2))


@pytest.mark.parametrize("order", list(permutations(FOLLOW_UNFOLLOW_FOLLOW)))
@pytest.mark.parametrize("retention", [KEPT, AT_ONCE], ids=["kept", "at once"])
def test_follow_unfollow_follow_in_any_order_ends_as_following(
    audiences: Audiences, clock: FakeClock, retention: timedelta, order: Sequence[tuple[Kind, int]]
) -> None:
    audience, user_id = audiences(retention), someone()

    for kind, second in order:
        happens(audience, user_id, kind, clock, second)

    follower = known(audience, user_id)
    assert follower.status is Status.FOLLOWING
    assert follower.status_at == clock.now() + 2 * SECOND
    assert follower.expires_at is None


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
    audience, user_id = audiences(retention), someone()

    for kind, second in delivered:
        happens(audience, user_id, kind, clock, second)

    newest_kind, newest_second = max(events, key=lambda event: (event[1], event[0] == "unfollow"))
    follower = known(audience, user_id)
    assert follower.status is (Status.FOLLOWING if newest_kind == "follow" else Status.UNFOLLOWED)
    assert follower.status_at == clock.now() + newest_second * SECOND
    assert (follower.expires_at is None) is (newest_kind == "follow")
    assert (follower.unfollowed_at is None) is (newest_kind == "follow")


@pytest.mark.parametrize("status", [Status.FOLLOWING, Status.CONTACT])
def test_a_person_who_was_never_seen_is_introduced_once(audience: Audience, clock: FakeClock, status: Status) -> None:
    user_id = someone()

    audience.introduce(user_id, at=clock.now(), status=status, source=Source.EVENT, profile=HANAKO)
    audience.introduce(user_id, at=clock.now() + SECOND, status=Status.CONTACT, source=Source.EVENT)

    assert audience.get(user_id) == Follower(
        user_id, status, profile=HANAKO, last_event_at=clock.now(), source=Source.EVENT
    )


def test_any_follow_or_unfollow_decides_over_an_introduction(audience: Audience, clock: FakeClock) -> None:
    friend, stranger = someone(), someone()
    audience.introduce(friend, at=clock.now(), status=Status.FOLLOWING, source=Source.EVENT)
    audience.introduce(stranger, at=clock.now(), status=Status.CONTACT, source=Source.EVENT)

    audience.unfollow(friend, at=clock.now() - SECOND)
    audience.register(stranger, at=clock.now() - SECOND)

    assert known(audience, friend).status is Status.UNFOLLOWED
    assert known(audience, stranger).status is Status.FOLLOWING
    assert known(audience, stranger).source is Source.EVENT


def test_a_touch_moves_the_time_of_the_last_event_forward_only(audience: Audience, clock: FakeClock) -> None:
    user_id = someone()
    audience.register(user_id, at=clock.now())

    audience.touch(user_id, at=clock.now() + 2 * SECOND)
    touched = audience.touch(user_id, at=clock.now() + SECOND)

    assert touched is not None
    assert touched.last_event_at == clock.now() + 2 * SECOND
    assert touched == audience.get(user_id)


def test_a_touch_of_a_person_who_was_never_seen_writes_nothing(audience: Audience, clock: FakeClock) -> None:
    user_id = someone()

    assert audience.touch(user_id, at=clock.now()) is None

    assert audience.get(user_id) is None


def test_a_new_profile_replaces_all_of_the_old_one(audience: Audience, clock: FakeClock) -> None:
    user_id = someone()
    audience.register(user_id, at=clock.now(), profile=HANAKO)

    audience.set_profile(user_id, Profile(display_name="Hanako"))

    assert known(audience, user_id).profile == Profile(display_name="Hanako")


def test_a_name_with_half_a_surrogate_pair_can_be_kept(table: None, clock: FakeClock) -> None:
    audience = DynamoDbAudience(TABLE, channel="line", unfollowed_retention=KEPT, clock=clock)
    user_id = someone()

    audience.register(user_id, at=clock.now(), profile=Profile(display_name="花\ud83d子"))

    assert known(audience, user_id).profile == Profile(display_name="花?子")


def test_attributes_and_tags_are_replaced_as_a_whole_and_can_be_emptied(audience: Audience, clock: FakeClock) -> None:
    user_id = someone()
    audience.register(user_id, at=clock.now())

    assert audience.set_attributes(user_id, {"a": ["1"], "b": []})
    assert audience.set_attributes(user_id, {"b": ["2", "3"]})
    assert audience.set_tags(user_id, ["x", "x", "y"])
    assert known(audience, user_id).tags == {"x", "y"}
    assert audience.set_tags(user_id, [])

    assert known(audience, user_id).attributes == {"b": ("2", "3")}
    assert known(audience, user_id).tags == frozenset()


def test_nothing_is_set_for_a_person_who_was_never_seen(audience: Audience) -> None:
    user_id = someone()

    assert not audience.set_attributes(user_id, {"a": ["1"]})
    assert not audience.set_tags(user_id, ["x"])
    audience.set_profile(user_id, HANAKO)

    assert audience.get(user_id) is None


def test_the_pages_of_a_shard_hold_everyone_of_it_once(audience: Audience, clock: FakeClock) -> None:
    people = [someone() for _ in range(300)]
    for user_id in people:
        audience.register(user_id, at=clock.now())
    shard = shard_of(people[0])
    expected = sorted(user_id for user_id in people if shard_of(user_id) == shard)

    read: list[str] = []
    after: str | None = None
    while True:
        page = audience.read_shard(shard, after=after, limit=2)
        assert len(page.followers) <= 2
        read += [follower.user_id for follower in page.followers]
        if (after := page.after) is None:
            break

    assert read == expected


def test_the_shards_together_hold_everyone(audience: Audience, clock: FakeClock) -> None:
    people = {someone() for _ in range(100)}
    for user_id in people:
        audience.register(user_id, at=clock.now())

    read = [follower.user_id for shard in range(SHARDS) for follower in audience.read_shard(shard).followers]

    assert len(read) == len(people)
    assert set(read) == people


def test_a_person_is_read_as_the_last_write_left_them(table: None, clock: FakeClock) -> None:
    """DynamoDB's default may answer with what was there a moment ago."""
    asked: list[bool | None] = []
    aws.client("dynamodb").meta.events.register(
        "provide-client-params.dynamodb.GetItem", lambda params, **_: asked.append(params.get("ConsistentRead"))
    )

    DynamoDbAudience(TABLE, channel="line", unfollowed_retention=KEPT, clock=clock).get(someone())

    assert asked == [True]


def test_the_channels_of_one_table_do_not_see_each_other(table: None, clock: FakeClock) -> None:
    ours = DynamoDbAudience(TABLE, channel="line", unfollowed_retention=KEPT, clock=clock)
    theirs = DynamoDbAudience(TABLE, channel="second", unfollowed_retention=KEPT, clock=clock)
    user_id = someone()

    ours.register(user_id, at=clock.now())

    assert theirs.get(user_id) is None


def test_the_item_is_the_one_that_is_documented(table: None, clock: FakeClock) -> None:
    user_id = someone()
    audience = DynamoDbAudience(TABLE, channel="line", unfollowed_retention=KEPT, clock=clock)
    audience.register(user_id, at=clock.now(), profile=HANAKO, is_unblocked=False)
    audience.touch(user_id, at=clock.now())
    audience.set_attributes(user_id, {"pref": ["東京"]})
    audience.set_tags(user_id, ["vip"])

    [item] = boto3.client("dynamodb").scan(TableName=TABLE)["Items"]

    now = {"S": "2026-11-21T09:00:00.000Z"}
    assert item == {
        "pk": {"S": f"line#{shard_of(user_id):02x}"},
        "sk": {"S": user_id},
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


def test_an_opt_out_that_somebody_stored_is_read(table: None, clock: FakeClock) -> None:
    audience, user_id = DynamoDbAudience(TABLE, channel="line", unfollowed_retention=KEPT, clock=clock), someone()
    audience.register(user_id, at=clock.now())
    before = known(audience, user_id)

    boto3.client("dynamodb").update_item(
        TableName=TABLE,
        Key={"pk": {"S": f"line#{shard_of(user_id):02x}"}, "sk": {"S": user_id}},
        UpdateExpression="SET opt_out = :yes",
        ExpressionAttributeValues={":yes": {"BOOL": True}},
    )

    assert audience.get(user_id) == replace(before, opt_out=True)


@pytest.mark.parametrize(
    "code", ["ProvisionedThroughputExceededException", "InternalServerError", "AccessDeniedException"]
)
def test_a_throttled_or_failing_table_is_retryable(fresh_clients: None, clock: FakeClock, code: str) -> None:
    audience = DynamoDbAudience(TABLE, channel="line", unfollowed_retention=KEPT, clock=clock)
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
    audience = DynamoDbAudience(TABLE, channel="line", unfollowed_retention=KEPT, clock=clock)

    with pytest.raises(StoreUnavailableError, match="EndpointConnectionError"):
        audience.get(someone())
