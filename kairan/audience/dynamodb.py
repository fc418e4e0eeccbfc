"""The audience in DynamoDB: one item per person, found by key; all of them are read by querying the shards.

`pk` is `<channel>#<shard, two hex digits>`, `sk` the user id. Every write says what it assumes in a condition, and a condition
that fails means that something newer is there already: success. TTL removes an item days late, so an expired one counts as gone.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from kairan import aws
from kairan.audience import item_format as form
from kairan.audience.model import Follower, Source, Status, shard_of
from kairan.audience.port import TOMBSTONE_FOR, Page
from kairan.clock import Clock, SystemClock
from kairan.line.client import Profile
from kairan.line.ids import UserId

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UniversalAttributeValueTypeDef as Value

ABSENT = "attribute_not_exists(sk) OR expires_at <= :now"
PRESENT = (
    "attribute_exists(sk) AND attribute_not_exists(erased) AND (attribute_not_exists(expires_at) OR expires_at > :now)"
)
FOLLOW_IS_NEWER = (
    "attribute_not_exists(status_at) OR status_at < :status_at OR (status_at = :status_at AND #status <> :unfollowed)"
)
UNFOLLOW_IS_NEWER = "attribute_not_exists(status_at) OR status_at <= :status_at"
EVENT_IS_NEWER = "(attribute_not_exists(last_event_at) OR last_event_at < :last_event_at)"


@dataclass(frozen=True)
class _Write:
    """`item` is what is there now, whether this write did it or its condition failed."""

    done: bool
    item: Mapping[str, Any] | None


class DynamoDbAudience:
    """`channel` tells apart the official accounts that share a table."""

    def __init__(
        self, table_name: str, *, channel: str, unfollowed_retention: timedelta, clock: Clock | None = None
    ) -> None:
        self._table_name = table_name
        self._channel = channel
        self._unfollowed_retention = unfollowed_retention
        self._clock = clock or SystemClock()

    def get(self, user_id: UserId) -> Follower | None:
        with aws.unavailable("the audience could not be read"):
            answer = aws.client("dynamodb").get_item(
                TableName=self._table_name, Key=self._key(user_id), ConsistentRead=True
            )
        return self._known(answer.get("Item"))

    def register(
        self, user_id: UserId, *, at: datetime, profile: Profile | None = None, is_unblocked: bool | None = None
    ) -> None:
        sets = {"status": form.text(Status.FOLLOWING), "status_at": form.time(at), "followed_at": form.time(at)}
        removes = ["unfollowed_at", "expires_at", "erased"]
        if profile is not None:
            sets |= form.given(profile)
            removes += form.not_given(profile)
        if is_unblocked is not None:
            sets["is_unblocked"] = form.flag(is_unblocked)
        else:
            removes.append("is_unblocked")
        source = {"source": form.text(Source.FOLLOW)}
        if not self._put_new(user_id, sets | source):
            values = {":unfollowed": form.text(Status.UNFOLLOWED)}
            self._update(user_id, sets=sets, defaults=source, removes=removes, condition=FOLLOW_IS_NEWER, values=values)

    def introduce(
        self, user_id: UserId, *, at: datetime, status: Status, source: Source, profile: Profile | None = None
    ) -> None:
        attributes = {"status": form.text(status), "source": form.text(source), "last_event_at": form.time(at)}
        self._put_new(user_id, attributes | (form.given(profile) if profile else {}))

    def unfollow(self, user_id: UserId, *, at: datetime) -> None:
        erase = not self._unfollowed_retention
        expires_at = at + (TOMBSTONE_FOR if erase else self._unfollowed_retention)
        sets = {
            "status": form.text(Status.UNFOLLOWED),
            "status_at": form.time(at),
            "unfollowed_at": form.time(at),
            "expires_at": form.seconds(expires_at),
        }
        if erase:
            sets["erased"] = form.flag(True)
        self._update(user_id, sets=sets, removes=form.PERSONAL if erase else (), condition=UNFOLLOW_IS_NEWER)

    def touch(self, user_id: UserId, *, at: datetime) -> Follower | None:
        condition = f"{PRESENT} AND {EVENT_IS_NEWER}"
        write = self._update(user_id, sets={"last_event_at": form.time(at)}, condition=condition, values=self._now())
        return self._known(write.item)

    def set_profile(self, user_id: UserId, profile: Profile) -> None:
        sets, removes = form.given(profile), form.not_given(profile)
        self._update(user_id, sets=sets, removes=removes, condition=PRESENT, values=self._now())

    def set_attributes(self, user_id: UserId, attributes: Mapping[str, Sequence[str]]) -> bool:
        sets = {"attributes": form.lists(attributes)}
        return self._update(user_id, sets=sets, condition=PRESENT, values=self._now()).done

    def set_tags(self, user_id: UserId, tags: Collection[str]) -> bool:
        sets = {"tags": form.texts(tags)} if tags else {}
        removes = () if tags else ("tags",)
        return self._update(user_id, sets=sets, removes=removes, condition=PRESENT, values=self._now()).done

    def read_shard(self, shard: int, *, after: str | None = None, limit: int = 1000) -> Page:
        pk = form.text(self._partition(shard))
        start: dict[str, Any] = {"ExclusiveStartKey": {"pk": pk, "sk": form.text(after)}} if after else {}
        with aws.unavailable("the audience could not be read"):
            answer = aws.client("dynamodb").query(
                TableName=self._table_name,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": pk},
                Limit=limit,
                **start,
            )
        followers = map(self._known, answer["Items"])
        last = answer.get("LastEvaluatedKey")
        return Page(
            followers=tuple(follower for follower in followers if follower is not None),
            after=last["sk"]["S"] if last else None,
        )

    def _put_new(self, user_id: UserId, attributes: Mapping[str, "Value"]) -> bool:
        """False: the person is there already."""
        with aws.unavailable("the audience could not be written"):
            try:
                aws.client("dynamodb").put_item(
                    TableName=self._table_name,
                    Item={**self._key(user_id), **attributes},
                    ConditionExpression=ABSENT,
                    ExpressionAttributeValues=self._now(),
                )
            except ClientError as error:
                if not _condition_failed(error):
                    raise
                return False
        return True

    def _update(
        self,
        user_id: UserId,
        *,
        sets: Mapping[str, "Value"],
        condition: str,
        defaults: Mapping[str, "Value"] | None = None,
        removes: Sequence[str] = (),
        values: Mapping[str, "Value"] | None = None,
    ) -> _Write:
        """`sets` overwrite, `defaults` only fill what is missing; `values` are those that only the condition uses."""
        written = {**sets, **(defaults or {})}
        assignments = [f"#{name} = :{name}" for name in sets]
        assignments += [f"#{name} = if_not_exists(#{name}, :{name})" for name in defaults or {}]
        clauses = ["SET " + ", ".join(assignments)] if assignments else []
        clauses += ["REMOVE " + ", ".join(f"#{name}" for name in removes)] if removes else []
        with aws.unavailable("the audience could not be written"):
            try:
                answer = aws.client("dynamodb").update_item(
                    TableName=self._table_name,
                    Key=self._key(user_id),
                    UpdateExpression=" ".join(clauses),
                    ConditionExpression=condition,
                    ExpressionAttributeNames={f"#{name}": name for name in (*written, *removes)},
                    ExpressionAttributeValues={
                        **{f":{name}": value for name, value in written.items()},
                        **(values or {}),
                    },
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as error:
                if not _condition_failed(error):
                    raise
                old: Any = error.response.get("Item")
                return _Write(done=False, item=old)
        return _Write(done=True, item=answer["Attributes"])

    def _known(self, item: Mapping[str, Any] | None) -> Follower | None:
        if item is None:
            return None
        follower = form.follower(item)
        if follower.expires_at is not None and follower.expires_at <= self._clock.now():
            return None
        return follower

    def _key(self, user_id: UserId) -> dict[str, "Value"]:
        return {"pk": form.text(self._partition(shard_of(user_id))), "sk": form.text(user_id)}

    def _partition(self, shard: int) -> str:
        return f"{self._channel}#{shard:02x}"

    def _now(self) -> dict[str, "Value"]:
        return {":now": form.seconds(self._clock.now())}


def _condition_failed(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"
