"""The state of the simulated platform. All of it changes through the methods here."""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import count
from typing import Any

from simulators.line import ids
from simulators.line.announcements import Announcements
from simulators.line.channel import Channel, ChannelCredentials
from simulators.line.clock import Clock, Sleep, iso
from simulators.line.conversation import AccountMessage, Entry, PersonAction
from simulators.line.error_response import ErrorResponse
from simulators.line.exchange import Exchange
from simulators.line.failure_injection import FailureInjection
from simulators.line.limits import QUOTABLE, Rate
from simulators.line.people import Person, Relation
from simulators.line.rates import Rates
from simulators.line.received_media import ReceivedMedia, read_message
from simulators.line.reply_tokens import ReplyTokens
from simulators.line.retry_keys import RetryKeys
from simulators.line.settings import Settings

Json = dict[str, Any]

REMEMBERED_REQUESTS = 500
TOKYO = timezone(timedelta(hours=9))
"""The time zone of the month for the monthly quota."""


class State:
    def __init__(
        self, credentials: ChannelCredentials, rates: Mapping[str, Rate], clock: Clock, sleep: Sleep = asyncio.sleep
    ) -> None:
        self.clock = clock
        self.channel = Channel(credentials, clock)
        self.announcements = Announcements()
        self._entry_numbers = count(1)
        self._default_rates = rates
        self._sleep = sleep
        self.reset()

    def reset(self) -> None:
        """As at the start, except that the channel keeps its webhook URL and its tokens."""
        self.settings = Settings()
        self.failures = FailureInjection(sleep=self._sleep)
        self.rates = Rates(self._default_rates, self.clock)
        self.retry_keys = RetryKeys(self.clock)
        self.reply_tokens = ReplyTokens(self.clock)
        self.people: dict[str, Person] = {}
        self.media: dict[str, ReceivedMedia] = {}
        self.requests: deque[Exchange] = deque(maxlen=REMEMBERED_REQUESTS)
        self._usage: tuple[str, int] = ("", 0)
        self.announcements.forget()

    # What the account does

    def remember(self, exchange: Exchange) -> None:
        self.requests.append(exchange)
        self.announcements.announce("request", exchange.as_json())

    def use_webhook(self, url: str) -> None:
        self.channel.webhook_url = url
        self.announcements.announce("account", self.channel.as_json())

    def friends(self) -> list[Person]:
        return [person for person in self.people.values() if person.is_friend]

    def usage(self) -> int:
        """Messages that count toward this month's quota: one for each person reached, however many message objects."""
        month, count = self._usage
        return count if month == self._month() else 0

    def send(
        self, call: str, to: Iterable[str], messages: Sequence[Json], request_id: str, *, free: bool = False
    ) -> None:
        """Sends to those of `to` who are friends. The others are neither reached nor counted.

        Raises ErrorResponse when the monthly quota does not suffice for all of them; then it reaches no one.
        """
        reached = [person for user_id in to if (person := self.people.get(user_id)) and person.is_friend]
        if not free:
            used = self.usage() + len(reached)
            if self.settings.quota is not None and used > self.settings.quota:
                raise ErrorResponse(429, "You have reached your monthly limit.")
            self._usage = (self._month(), used)
        accepted_at = iso(self.clock())
        self._add_entries(
            reached,
            [AccountMessage(next(self._entry_numbers), accepted_at, request_id, call, message) for message in messages],
        )

    def sent_messages(self, messages: Sequence[Json]) -> list[Json]:
        """What reply and push answer: an id for each message, and a quote token for each that can be quoted."""
        return [
            {"id": ids.new_message_id(), **({"quoteToken": ids.new_token()} if message["type"] in QUOTABLE else {})}
            for message in messages
        ]

    def _month(self) -> str:
        return datetime.fromtimestamp(self.clock(), UTC).astimezone(TOKYO).strftime("%Y-%m")

    # What people do; each returns the webhook event that LINE would send

    def add_person(self, person: Person) -> None:
        if person.user_id in self.people:
            raise ErrorResponse(409, "There is a person with this userId already")
        self.people[person.user_id] = person
        self.announcements.announce("person", person.as_json())

    def person(self, user_id: str) -> Person:
        if (person := self.people.get(user_id)) is None:
            raise ErrorResponse(404, "There is no such person")
        return person

    def follow(self, user_id: str) -> Json:
        """Adds the account as a friend, or unblocks it."""
        person = self.person(user_id)
        if person.is_friend:
            raise ErrorResponse(409, "This person is a friend already")
        was_blocked = person.relation is Relation.BLOCKED
        self._change_relation(person, Relation.FRIEND)
        return self._event("follow", person, {"follow": {"isUnblocked": was_blocked}}, replyable=True)

    def block(self, user_id: str) -> Json:
        person = self.person(user_id)
        if not person.is_friend:
            raise ErrorResponse(409, "This person is not a friend, so there is nothing to block")
        self._change_relation(person, Relation.BLOCKED)
        return self._event("unfollow", person, {})

    def write(self, user_id: str, message: Mapping[str, Any]) -> Json:
        """Sends the account a message. A stranger can, too; a person who blocks it cannot."""
        person = self._unless_blocked(user_id)
        content, media = read_message(message)
        message_id = ids.new_message_id()
        if media is not None:
            self.media[message_id] = media
        quotable = {"quoteToken": ids.new_token()} if content["type"] in QUOTABLE else {}
        return self._event("message", person, {"message": {**content, "id": message_id, **quotable}}, replyable=True)

    def unsend(self, user_id: str, message_id: str) -> Json:
        person = self._unless_blocked(user_id)
        if (media := self.media.get(message_id)) is not None:
            self.media[message_id] = media.unsent()
        return self._event("unsend", person, {"unsend": {"messageId": message_id}})

    def postback(
        self, user_id: str, data: str, *, params: Mapping[str, str] | None = None, shown: str | None = None
    ) -> Json:
        """Taps something with a postback action.

        `params` are those of a datetime picker, `shown` is what the chat shows afterwards.
        """
        postback = {"data": data, **({"params": dict(params)} if params else {})}
        person = self._unless_blocked(user_id)
        return self._event("postback", person, {"postback": postback}, replyable=True, shown=shown)

    def _unless_blocked(self, user_id: str) -> Person:
        person = self.person(user_id)
        if person.relation is Relation.BLOCKED:
            raise ErrorResponse(409, "This person blocks the account; follow ends that")
        return person

    def _change_relation(self, person: Person, relation: Relation) -> None:
        person.relation = relation
        self.announcements.announce("person", person.as_json())

    def _event(
        self, kind: str, person: Person, more: Json, *, replyable: bool = False, shown: str | None = None
    ) -> Json:
        now = self.clock()
        token = {"replyToken": self.reply_tokens.issue(person.user_id)} if replyable else {}
        event = {
            "type": kind,
            **more,
            "webhookEventId": ids.ulid(now),
            "deliveryContext": {"isRedelivery": False},
            "timestamp": int(now * 1000),
            "source": {"type": "user", "userId": person.user_id},
            **token,
            "mode": "active",
        }
        self._add_entries([person], [PersonAction(next(self._entry_numbers), iso(now), event, shown)])
        return event

    def _add_entries(self, people: Sequence[Person], entries: Sequence[Entry]) -> None:
        """To the chats of these people."""
        for person in people:
            person.conversation.extend(entries)
        if people:
            user_ids = [person.user_id for person in people]
            self.announcements.announce("entries", {"userIds": user_ids, "entries": [e.as_json() for e in entries]})
