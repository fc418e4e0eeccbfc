"""The audience in DynamoDB: one item per person. Reading everyone means querying shard by shard.

- `pk` is `<account>#<shard, two hex digits>`, `sk` the person's id on the messenger.
- Every write states in a condition what it assumes. A failed condition means that the item is newer: success.
- TTL removes an item days late, so an expired item counts as removed.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from kairan import aws
from kairan.audience import item_format as form
from kairan.audience.model import Follower, Source, Status, shard_of
from kairan.audience.port import TOMBSTONE_FOR, Page
from kairan.clock import Clock, SystemClock
from kairan.people import PersonId, Profile

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UniversalAttributeValueTypeDef as Value

ABSENT = "attribute_not_exists(sk) OR expires_at <= :now"
PRESENT = (
    "attribute_exists(sk) AND attribute_not_exists(erased) AND (attribute_not_exists(expires_at) OR expires_at > :now)"
)
FOLLOW_IS_NEWER = (
    "(attribute_not_exists(status_at) OR status_at <= :status_at)"
    " AND (attribute_not_exists(unfollowed_at) OR unfollowed_at < :status_at)"
)
UNFOLLOW_IS_NEWER = (
    "(attribute_not_exists(status_at) OR status_at <= :status_at)"
    " AND (attribute_not_exists(presumed) OR attribute_not_exists(unfollowed_at) OR unfollowed_at < :status_at)"
)
MAY_BE_PRESUMED_FRIEND = (
    "#status = :contact OR presumed = :yes OR (#status = :unfollowed AND unfollowed_at < :last_event_at)"
)
MAY_BE_CONTACT = "#status = :contact OR presumed = :yes"
EVENT_IS_NEWER = "(attribute_not_exists(last_event_at) OR last_event_at < :last_event_at)"


class _Write(NamedTuple):
    """`done`: the condition held. `item` is the item now, whether it did or not."""

    done: bool
    item: Mapping[str, Any] | None


class DynamoDbAudience:
    """Official accounts that share a table differ by `account`. All its people are on one `messenger`."""

    def __init__(
        self,
        table_name: str,
        *,
        messenger: str,
        account: str,
        unfollowed_retention: timedelta,
        clock: Clock | None = None,
    ) -> None:
        self._table_name = table_name
        self._messenger = messenger
        self._account = account
        self._unfollowed_retention = unfollowed_retention
        self._clock = clock or SystemClock()

    def get(self, person: PersonId) -> Follower | None:
        with aws.unavailable("the audience could not be read"):
            answer = aws.client("dynamodb").get_item(
                TableName=self._table_name, Key=self._key(person), ConsistentRead=True
            )
        return self._live_follower(answer.get("Item"))

    def register(
        self, person: PersonId, *, at: datetime, profile: Profile | None = None, is_unblocked: bool | None = None
    ) -> None:
        sets = {"status": form.text(Status.FOLLOWING), "status_at": form.time(at), "followed_at": form.time(at)}
        removes = ["presumed", "unfollowed_at", "expires_at", "erased"]
        if profile is not None:
            sets |= form.profile_fields(profile)
            removes += form.missing_profile_fields(profile)
        if is_unblocked is not None:
            sets["is_unblocked"] = form.flag(is_unblocked)
        else:
            removes.append("is_unblocked")
        source = {"source": form.text(Source.FOLLOW)}
        if not self._put_new(person, sets | source):
            self._update(person, sets=sets, defaults=source, removes=removes, condition=FOLLOW_IS_NEWER)

    def presume(
        self, person: PersonId, *, at: datetime, status: Status, source: Source, profile: Profile | None = None
    ) -> None:
        sets = {"status": form.text(status)}
        removes = ["status_at", "expires_at", "erased"]
        values = {":contact": form.text(Status.CONTACT), ":yes": form.flag(True)}
        if profile is not None:
            sets |= form.profile_fields(profile)
            removes += form.missing_profile_fields(profile)
        if status is Status.FOLLOWING:
            sets["presumed"] = form.flag(True)
            values[":unfollowed"] = form.text(Status.UNFOLLOWED)
            condition = MAY_BE_PRESUMED_FRIEND
        else:
            removes.append("presumed")
            condition = MAY_BE_CONTACT
        first = {"source": form.text(source), "last_event_at": form.time(at)}
        if not self._put_new(person, sets | first):
            self._update(person, sets=sets, defaults=first, removes=removes, condition=condition, values=values)

    def unfollow(self, person: PersonId, *, at: datetime) -> None:
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
        removes = ("presumed", *form.PERSONAL) if erase else ("presumed",)
        self._update(person, sets=sets, removes=removes, condition=UNFOLLOW_IS_NEWER)

    def touch(self, person: PersonId, *, at: datetime) -> Follower | None:
        condition = f"{PRESENT} AND {EVENT_IS_NEWER}"
        write = self._update(person, sets={"last_event_at": form.time(at)}, condition=condition, values=self._now())
        return self._live_follower(write.item)

    def set_profile(self, person: PersonId, profile: Profile) -> None:
        sets, removes = form.profile_fields(profile), form.missing_profile_fields(profile)
        self._update(person, sets=sets, removes=removes, condition=PRESENT, values=self._now())

    def set_attributes(self, person: PersonId, attributes: Mapping[str, Sequence[str]]) -> bool:
        sets = {"attributes": form.lists(attributes)}
        return self._update(person, sets=sets, condition=PRESENT, values=self._now()).done

    def set_tags(self, person: PersonId, tags: Collection[str]) -> bool:
        sets = {"tags": form.texts(tags)} if tags else {}
        removes = () if tags else ("tags",)
        return self._update(person, sets=sets, removes=removes, condition=PRESENT, values=self._now()).done

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
        followers = map(self._live_follower, answer["Items"])
        last = answer.get("LastEvaluatedKey")
        return Page(
            followers=tuple(follower for follower in followers if follower is not None),
            after=last["sk"]["S"] if last else None,
        )

    def _put_new(self, person: PersonId, attributes: Mapping[str, "Value"]) -> bool:
        """False when the person already has an item."""
        with aws.unavailable("the audience could not be written"):
            try:
                aws.client("dynamodb").put_item(
                    TableName=self._table_name,
                    Item={**self._key(person), **attributes},
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
        person: PersonId,
        *,
        sets: Mapping[str, "Value"],
        condition: str,
        defaults: Mapping[str, "Value"] | None = None,
        removes: Sequence[str] = (),
        values: Mapping[str, "Value"] | None = None,
    ) -> _Write:
        """Writes the item where `condition` holds.

        - `sets`: fields to overwrite
        - `defaults`: fields to fill where they are missing
        - `removes`: fields to remove
        - `values`: values that only the condition uses
        """
        written = {**sets, **(defaults or {})}
        assignments = [f"#{name} = :{name}" for name in sets]
        assignments += [f"#{name} = if_not_exists(#{name}, :{name})" for name in defaults or {}]
        clauses = ["SET " + ", ".join(assignments)] if assignments else []
        clauses += ["REMOVE " + ", ".join(f"#{name}" for name in removes)] if removes else []
        with aws.unavailable("the audience could not be written"):
            try:
                answer = aws.client("dynamodb").update_item(
                    TableName=self._table_name,
                    Key=self._key(person),
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

    def _live_follower(self, item: Mapping[str, Any] | None) -> Follower | None:
        """None for an item that is missing or expired."""
        if item is None:
            return None
        follower = form.follower(item, messenger=self._messenger)
        if follower.expires_at is not None and follower.expires_at <= self._clock.now():
            return None
        return follower

    def _key(self, person: PersonId) -> dict[str, "Value"]:
        return {"pk": form.text(self._partition(shard_of(person))), "sk": form.text(person.id)}

    def _partition(self, shard: int) -> str:
        return f"{self._account}#{shard:02x}"

    def _now(self) -> dict[str, "Value"]:
        return {":now": form.seconds(self._clock.now())}


def _condition_failed(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"
