"""One person's failing event holds back that person's later events, and nobody else's."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.app import Inbox
from kairan.errors import LineUnavailableError, RejectedError
from kairan.inbox.batch import DELAYS_S, MAX_TRIES, RESERVE_MS
from kairan.line.events import Event
from tests.fakes.inbox import FakeEventsSeen, FakeUnfinished

Counted = Callable[[str], int]
Logged = Callable[[], list[dict[str, Any]]]

LATER = LineUnavailableError("LINE answered 500")
NEVER = RejectedError("no such thing")


@dataclass
class Context:
    remaining_ms: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


@dataclass
class House:
    """An inbox whose events fail as `faults` says: event id → the errors of its tries, in turn."""

    faults: dict[str, list[Exception]] = field(default_factory=dict)
    unfinished: FakeUnfinished = field(default_factory=FakeUnfinished)
    seen: FakeEventsSeen = field(default_factory=FakeEventsSeen)
    context: Context = field(default_factory=Context)
    took: list[str] = field(default_factory=list)

    def process(self, *records: dict[str, Any]) -> list[str]:
        inbox = Inbox(register=self._take, handlers={}, unfinished=self.unfinished, seen=self.seen)
        answer = inbox({"Records": list(records)}, self.context)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def _take(self, event: Event) -> None:
        if self.faults.get(event.id):
            raise self.faults[event.id].pop(0)
        self.took.append(event.id)


def record(event_id: str, group_id: str = "U1", *, receive_count: int = 1, **event: Any) -> dict[str, Any]:
    body = {"destination": "Ubot", "event": {"type": "message", "webhookEventId": event_id, **event}}
    return {
        "messageId": f"message-{event_id}",
        "receiptHandle": f"receipt-{event_id}",
        "body": json.dumps(body),
        "attributes": {
            "ApproximateReceiveCount": str(receive_count),
            "MessageGroupId": group_id,
            "MessageDeduplicationId": event_id,
        },
    }


@pytest.fixture
def house() -> House:
    return House()


def test_an_event_has_its_effect_and_is_marked_afterwards(house: House) -> None:
    assert house.process(record("a")) == []

    assert house.took == ["a"]
    assert house.seen.seen == {"a"}


def test_an_event_that_failed_is_not_marked(house: House) -> None:
    house.faults = {"a": [LATER]}

    house.process(record("a"))

    assert house.seen.seen == set()


def test_a_redelivered_event_has_its_effect_once(house: House) -> None:
    house.process(record("a"))

    assert house.process(record("a", deliveryContext={"isRedelivery": True})) == []

    assert house.took == ["a"]


def test_a_failing_event_goes_back_with_the_later_events_of_its_group_and_other_groups_go_on(house: House) -> None:
    house.faults = {"b": [LATER]}

    back = house.process(
        record("a", "U1"), record("b", "U1"), record("x", "U2"), record("c", "U1"), record("y", "U2"), record("d", "U1")
    )

    assert back == ["message-b", "message-c", "message-d"]
    assert house.took == ["a", "x", "y"]
    assert house.unfinished.postponed == {"message-b": 2, "message-c": 2, "message-d": 2}


def test_the_later_events_of_a_group_are_not_used_up_by_the_failing_one(house: House) -> None:
    house.faults = {"a": [LATER] * 4}

    for _ in range(4):
        house.process(record("a"), record("b"))

    assert house.seen.tries == {"a": 4}


def test_the_tries_of_an_event_are_2_10_30_and_60_seconds_apart_and_the_fifth_is_the_last(
    house: House, counted: Counted
) -> None:
    house.faults = {"a": [LATER] * 5}
    waits = []

    for _ in range(4):
        assert house.process(record("a"), record("b")) == ["message-a", "message-b"]
        waits.append(house.unfinished.postponed["message-a"])
    assert house.process(record("a"), record("b")) == []

    assert waits == [2, 10, 30, 60]
    [buried] = house.unfinished.buried
    assert (buried.event_id, buried.code, buried.tries) == ("a", "line_unavailable", 5)
    assert house.took == ["b"]
    assert counted("EventsDeadLettered") == 1


def test_a_rejected_event_goes_to_the_dead_letter_queue_at_once_and_its_group_goes_on(
    house: House, counted: Counted
) -> None:
    house.faults = {"a": [NEVER]}

    assert house.process(record("a"), record("b")) == []

    assert [(buried.event_id, buried.code, buried.tries) for buried in house.unfinished.buried] == [
        ("a", "rejected", 1)
    ]
    assert house.took == ["b"]
    assert counted("EventsDeadLettered") == 1


def test_a_buried_event_that_is_sent_again_has_all_its_tries_again(house: House) -> None:
    house.faults = {"a": [LATER] * 6}
    for _ in range(5):
        house.process(record("a"))

    assert house.process(record("a")) == ["message-a"]
    assert house.unfinished.postponed["message-a"] == 2
    assert house.process(record("a")) == []

    assert house.took == ["a"]
    assert len(house.unfinished.buried) == 1


def test_an_unexpected_error_counts_as_retryable_and_is_logged_without_its_words(house: House, logged: Logged) -> None:
    house.faults = {"a": [KeyError("what a person wrote")]}

    assert house.process(record("a"), record("x", "U2")) == ["message-a"]

    assert house.took == ["x"]
    [line] = [line for line in logged() if line["level"] == "ERROR"]
    assert (line["event_id"], line["error"]) == ("a", "KeyError")
    assert any("_take" in frame for frame in line["stack"])
    assert "what a person wrote" not in json.dumps(logged())


@pytest.mark.parametrize("body", ["", "not json", "{}", '{"event": 3}', "[" * 100_000])
def test_a_message_that_holds_no_event_goes_to_the_dead_letter_queue(house: House, body: str) -> None:
    assert house.process(record("a") | {"body": body}, record("b")) == []

    [buried] = house.unfinished.buried
    assert (buried.event_id, buried.code, buried.tries) == ("a", "invalid_body", 0)
    assert house.took == ["b"]


def test_an_event_that_killed_its_function_five_times_is_not_tried_again(house: House) -> None:
    house.seen.tries["a"] = MAX_TRIES

    assert house.process(record("a"), record("b")) == []

    assert house.took == ["b"]
    assert [(buried.code, buried.tries) for buried in house.unfinished.buried] == [("tries_used_up", 5)]


def test_while_tries_cannot_be_counted_events_wait_and_none_is_buried(house: House) -> None:
    house.seen.refuses = True

    for receive_count in range(1, 10):
        assert house.process(record("a", receive_count=receive_count)) == ["message-a"]
        assert house.unfinished.postponed["message-a"] == DELAYS_S[min(receive_count, 4) - 1]

    assert house.unfinished.buried == []
    assert house.took == []


def test_an_event_that_cannot_be_buried_is_kept(house: House, counted: Counted) -> None:
    house.faults = {"a": [NEVER, NEVER]}
    house.unfinished.refuses = True

    assert house.process(record("a"), record("b")) == ["message-a", "message-b"]
    assert counted("EventsDeadLettered") == 0

    house.unfinished.refuses = False
    assert house.process(record("a"), record("b")) == []
    assert len(house.unfinished.buried) == 1


def test_events_that_cannot_be_postponed_still_go_back(house: House) -> None:
    house.faults = {"a": [LATER]}
    house.unfinished.refuses = True

    assert house.process(record("a"), record("b")) == ["message-a", "message-b"]


def test_no_event_is_begun_when_there_is_no_time_to_end_it(house: House) -> None:
    house.context.remaining_ms = RESERVE_MS

    assert house.process(record("a", "U1"), record("x", "U2")) == ["message-a", "message-x"]

    assert house.took == []
    assert house.seen.tries == {}


def test_the_lines_hold_ids_of_events_and_never_of_people(house: House, logged: Logged) -> None:
    user_id = "U" + "7" * 32
    house.faults = {"b": [LATER], "c": [NEVER]}

    for event_id in "abc":
        house.process(record(event_id, user_id, source={"type": "user", "userId": user_id}, message={"text": "内緒"}))

    lines = json.dumps(logged(), ensure_ascii=False)
    assert {line.get("event_id") for line in logged()} >= {"a", "b", "c"}
    assert user_id not in lines
    assert "内緒" not in lines


def test_an_event_goes_to_the_handler_of_its_type_after_it_was_registered() -> None:
    order: list[str] = []
    inbox = Inbox(
        register=lambda event: order.append(f"registered {event.id}"),
        handlers={"message": lambda event: order.append(f"answered {event.id}")},
        unfinished=FakeUnfinished(),
        seen=FakeEventsSeen(),
    )

    inbox({"Records": [record("a")]}, Context())

    assert order == ["registered a", "answered a"]


@pytest.mark.parametrize(
    ("kind", "unhandled"),
    [
        ("follow", 0),
        ("unfollow", 0),
        ("message", 1),
        ("postback", 1),
        ("unsend", 1),
        ("a type of next year", 1),
        (None, 1),
    ],
)
def test_an_event_without_a_handler_is_counted_and_dropped(
    house: House, counted: Counted, kind: str | None, unhandled: int
) -> None:
    assert house.process(record("a", type=kind)) == []

    assert counted("EventsUnhandled") == unhandled
    assert house.seen.seen == {"a"}


people = st.sampled_from(["U1", "U2", "U3"])
outcomes = st.lists(st.sampled_from([LATER, NEVER, KeyError("?")]), max_size=7)


@given(events=st.lists(st.tuples(people, outcomes), min_size=1, max_size=8), batch_size=st.integers(1, 10))
@settings(deadline=None)
def test_every_event_is_done_or_buried_once_and_each_persons_in_order(
    events: list[tuple[str, list[Exception]]], batch_size: int
) -> None:
    """The queue is played here: what is not done stays where it was."""
    house = House(faults={str(number): list(faults) for number, (_, faults) in enumerate(events)})
    queue = [record(str(number), person) for number, (person, _) in enumerate(events)]

    for _ in range(MAX_TRIES * len(events)):
        back = house.process(*queue[:batch_size])
        queue = [message for place, message in enumerate(queue) if place >= batch_size or message["messageId"] in back]

    assert queue == []
    ended = house.took + [buried.event_id for buried in house.unfinished.buried]
    assert sorted(ended) == sorted(str(number) for number in range(len(events)))
    took_by_person = defaultdict(list)
    for event_id in house.took:
        took_by_person[events[int(event_id)][0]].append(int(event_id))
    assert all(took == sorted(took) for took in took_by_person.values())
