"""The audience in DynamoDB: one item per person. Reading everyone means querying shard by shard.

- `pk` is `<account>#<shard, two hex digits>`, `sk` the person's id on the messenger.
- An external id has an item, too: `pk` is `<account>#external#<two hex digits>`, `sk` the external id, `person` the id
  of its person. One transaction writes both, so one person has the number. When the person leaves, it ends with them.
- Every write states in a condition what it assumes. A failed condition means that the item is newer: success.
- TTL removes an item days late, so an expired item counts as removed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from kairan import aws
from kairan.audience import item_format as form
from kairan.audience.model import Follower, Source, Status, shard_of
from kairan.audience.port import TOMBSTONE_FOR, Page
from kairan.clock import Clock, SystemClock
from kairan.errors import ExternalIdTakenError, StoreUnavailableError
from kairan.people import ChatId, PersonId, Profile

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import UniversalAttributeValueTypeDef as Value

    from kairan.audience.details import Details

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
ALWAYS = "attribute_exists(sk) OR attribute_not_exists(sk)"
ATTEMPTS = 10
SAME_VERSION = f"{PRESENT} AND (version = :version OR (:version = :zero AND attribute_not_exists(version)))"
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
            write = self._update(person, sets=sets, defaults=source, removes=removes, condition=FOLLOW_IS_NEWER)
            self._let_number_end(write, None)

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
            write = self._update(person, sets=sets, defaults=first, removes=removes, condition=condition, values=values)
            self._let_number_end(write, None)

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
            self._erase(person, sets=sets, condition=UNFOLLOW_IS_NEWER)
        else:
            write = self._update(person, sets=sets, removes=["presumed"], condition=UNFOLLOW_IS_NEWER)
            self._let_number_end(write, expires_at)

    def erase(self, person: PersonId, *, at: datetime) -> None:
        sets = {
            "status": form.text(Status.UNFOLLOWED),
            "status_at": form.time(at),
            "unfollowed_at": form.time(at),
        }
        self._erase(person, sets=sets, removes=["expires_at"], condition=ALWAYS)

    def touch(self, person: PersonId, *, at: datetime) -> Follower | None:
        condition = f"{PRESENT} AND {EVENT_IS_NEWER}"
        write = self._update(person, sets={"last_event_at": form.time(at)}, condition=condition, values=self._now())
        return self._live_follower(write.item)

    def set_profile(self, person: PersonId, profile: Profile) -> None:
        sets, removes = form.profile_fields(profile), form.missing_profile_fields(profile)
        self._update(person, sets=sets, removes=removes, condition=PRESENT, values=self._now())

    def find(self, external_id: str) -> Follower | None:
        holder = self._holder(external_id)
        follower = self.get(holder) if holder is not None else None
        return follower if follower is not None and follower.external_id == external_id else None

    def write_details(self, before: Follower, details: "Details") -> Follower | None:
        from kairan.audience.details import with_details  # three milliseconds that only a change needs

        fields = form.detail_fields(details)
        missing = [name for name in form.DETAILS if name not in fields]
        write = self._expression(
            before.person,
            sets=fields,
            removes=missing,
            condition=SAME_VERSION,
            values=self._now() | {":version": form.number(before.version), ":zero": form.number(0)},
            next_version=True,
        )
        if details.external_id == before.external_id:
            return with_details(before, details) if self._send(write).done else None
        numbers = self._move_number(before, details.external_id)
        return with_details(before, details) if self._transact([{"Update": write}, *numbers]) else None

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
                    Item={**self._key(person), "created_at": form.time(self._clock.now()), **attributes},
                    ConditionExpression=ABSENT,
                    ExpressionAttributeValues=self._now(),
                )
            except ClientError as error:
                if not _condition_failed(error):
                    raise
                return False
        return True

    def _move_number(self, before: Follower, external_id: str | None) -> list[dict[str, Any]]:
        """The parts of a transaction that give `before` the number instead of the one before.

        Raises ExternalIdTakenError when the number is that of another person who has not left.
        """
        parts: list[dict[str, Any]] = []
        if before.external_id is not None:
            parts.append({"Delete": self._number_of(before.person, before.external_id)})
        if external_id is None:
            return parts
        holder = self._holder(external_id)
        held_by = holder or before.person
        if held_by != before.person and (left := self.get(held_by)) is not None and left.external_id == external_id:
            if left.status is not Status.UNFOLLOWED:
                raise ExternalIdTakenError("this external id belongs to another person")
            without = self._expression(
                left.person,
                sets={},
                removes=["external_id"],
                condition=f"{SAME_VERSION} AND #status = :unfollowed",
                values=self._now()
                | {
                    ":version": form.number(left.version),
                    ":zero": form.number(0),
                    ":unfollowed": form.text(Status.UNFOLLOWED),
                },
                next_version=True,
            )
            without["ExpressionAttributeNames"]["#status"] = "status"
            parts.append({"Update": without})
        parts.append(
            {
                "Put": {
                    "TableName": self._table_name,
                    "Item": {**self._number_key(external_id), "person": form.text(before.person.id)},
                    "ConditionExpression": "attribute_not_exists(sk) OR person = :holder",
                    "ExpressionAttributeValues": {":holder": form.text(held_by.id)},
                }
            }
        )
        return parts

    def _holder(self, external_id: str) -> PersonId | None:
        with aws.unavailable("the audience could not be read"):
            answer = aws.client("dynamodb").get_item(
                TableName=self._table_name, Key=self._number_key(external_id), ConsistentRead=True
            )
        item = answer.get("Item")
        return PersonId(ChatId(self._messenger, item["person"]["S"])) if item else None

    def _erase(
        self, person: PersonId, *, sets: Mapping[str, "Value"], condition: str, removes: Sequence[str] = ()
    ) -> None:
        """Removes what is personal, and the item of the external id with it, if `condition` holds."""
        for _ in range(ATTEMPTS):
            follower = self.get(person)
            number = follower.external_id if follower is not None else None
            same_number = "attribute_not_exists(external_id)" if number is None else "external_id = :number"
            write = self._expression(
                person,
                sets={**sets, "erased": form.flag(True)},
                removes=["presumed", *form.PERSONAL, *removes],
                condition=f"({condition}) AND {same_number}",
                values={":number": form.text(number)} if number else {},
                next_version=True,
            )
            if number is None and self._send(write).done:
                return
            if number is not None and self._transact([{"Update": write}, {"Delete": self._number_of(person, number)}]):
                return
            again = self.get(person)
            if (again.external_id if again is not None else None) == number:
                return
        raise StoreUnavailableError("the external id changes again and again")

    def _let_number_end(self, write: _Write, expires_at: datetime | None) -> None:
        """An external id is personal, too: it ends with its person, or stays with them."""
        if not write.done or write.item is None or "external_id" not in write.item:
            return
        person = PersonId(ChatId(self._messenger, write.item["sk"]["S"]))
        number = self._number_of(person, write.item["external_id"]["S"])
        number["ConditionExpression"] = "person = :person"
        if expires_at is None:
            number["UpdateExpression"] = "REMOVE expires_at"
        else:
            number["UpdateExpression"] = "SET expires_at = :expires_at"
            number["ExpressionAttributeValues"][":expires_at"] = form.seconds(expires_at)
        self._transact([{"Update": number}])

    def _number_of(self, person: PersonId, external_id: str) -> dict[str, Any]:
        """The item of this number, if it is this person's or gone."""
        return {
            "TableName": self._table_name,
            "Key": self._number_key(external_id),
            "ConditionExpression": "attribute_not_exists(sk) OR person = :person",
            "ExpressionAttributeValues": {":person": form.text(person.id)},
        }

    def _number_key(self, external_id: str) -> dict[str, "Value"]:
        part = sha256(external_id.encode(errors="replace")).hexdigest()[:2]
        return {"pk": form.text(f"{self._account}#external#{part}"), "sk": form.text(external_id)}

    def _transact(self, parts: Sequence[Any]) -> bool:
        """False: a condition did not hold, or another transaction was quicker."""
        with aws.unavailable("the audience could not be written"):
            try:
                aws.client("dynamodb").transact_write_items(TransactItems=parts)
            except ClientError as error:
                reasons: Any = error.response.get("CancellationReasons", ())
                codes = {reason.get("Code", "None") for reason in reasons} - {"None"}
                if codes and codes <= {"ConditionalCheckFailed", "TransactionConflict"}:
                    return False
                raise
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
        next_version: bool = False,
    ) -> _Write:
        """Writes the item where `condition` holds (see `_expression`)."""
        return self._send(
            self._expression(
                person,
                sets=sets,
                defaults=defaults or {},
                removes=removes,
                condition=condition,
                values=values or {},
                next_version=next_version,
            )
        )

    def _expression(
        self,
        person: PersonId,
        *,
        sets: Mapping[str, "Value"],
        condition: str,
        values: Mapping[str, "Value"],
        removes: Sequence[str] = (),
        defaults: Mapping[str, "Value"] | None = None,
        next_version: bool = False,
    ) -> dict[str, Any]:
        """The parameters of an update.

        - `sets`: fields to overwrite
        - `defaults`: fields to fill where they are missing
        - `removes`: fields to remove
        - `values`: values that only the condition uses
        - `next_version`: whether details are written
        """
        written = {**sets, **(defaults or {})}
        assignments = [f"#{name} = :{name}" for name in sets]
        assignments += [f"#{name} = if_not_exists(#{name}, :{name})" for name in defaults or {}]
        clauses = ["SET " + ", ".join(assignments)] if assignments else []
        clauses += ["REMOVE " + ", ".join(f"#{name}" for name in removes)] if removes else []
        all_values = {**{f":{name}": value for name, value in written.items()}, **values}
        if next_version:
            clauses.append("ADD version :one")
            all_values[":one"] = form.number(1)
        names = {f"#{name}": name for name in (*written, *removes)}
        return {
            "TableName": self._table_name,
            "Key": self._key(person),
            "UpdateExpression": " ".join(clauses),
            "ExpressionAttributeValues": all_values,
            **({"ExpressionAttributeNames": names} if names else {}),
            "ConditionExpression": condition,
        }

    def _send(self, expression: Mapping[str, Any]) -> _Write:
        with aws.unavailable("the audience could not be written"):
            try:
                answer = aws.client("dynamodb").update_item(
                    **expression,
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
