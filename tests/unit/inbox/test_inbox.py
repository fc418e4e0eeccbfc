"""One chat's failing event holds back the later events of that chat, and of no other; each effect is done once."""

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inbox.app import InboxHandler
from kairan.errors import RejectedError
from kairan.inbox.batch import MAX_ATTEMPTS, RESERVE_MS, WAITS_S
from kairan.inbox.effects import Effect
from kairan.inbox.queue import InboxReader
from kairan.messengers.line.errors import LineUnavailableError
from kairan.messengers.line.inbound import inbound
from kairan.messengers.port import EventKind, InboundEvent
from tests.fakes.inbox import FakeProcessedEvents, FakeRetries
from tests.rigs.events import Context

Counted = Callable[[str], int]
Logged = Callable[[], list[dict[str, Any]]]

LATER: Exception = LineUnavailableError("LINE answered 500")
NEVER: Exception = RejectedError("no such thing")
BROKEN: Exception = KeyError("?")


@dataclass
class InboxRig:
    """An inbox whose events fail as `faults` says: event id → the errors of its attempts, in turn."""

    faults: dict[str, list[Exception]] = field(default_factory=dict)
    retries: FakeRetries = field(default_factory=FakeRetries)
    processed: FakeProcessedEvents = field(default_factory=FakeProcessedEvents)
    context: Context = field(default_factory=Context)
    took: list[str] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    def process(self, *records: dict[str, Any]) -> list[str]:
        inbox = InboxHandler(
            effects=self.effects
            or [Effect("register", self._take, settles=frozenset({EventKind.FOLLOW, EventKind.UNFOLLOW}))],
            reader=InboxReader({"line": inbound}, messenger="line", account="line"),
            retries=self.retries,
            processed=self.processed,
        )
        answer = inbox({"Records": list(records)}, self.context)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def _take(self, event: InboundEvent) -> None:
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
def rig() -> InboxRig:
    return InboxRig()


def test_an_event_has_its_effect_and_is_marked_afterwards(rig: InboxRig) -> None:
    assert rig.process(record("a")) == []

    assert rig.took == ["a"]
    assert rig.processed.done == {"a"}


def test_a_redelivered_event_has_its_effect_once(rig: InboxRig) -> None:
    rig.process(record("a"))

    assert rig.process(record("a", deliveryContext={"isRedelivery": True})) == []

    assert rig.took == ["a"]


def test_a_failing_event_goes_back_with_the_later_events_of_its_group_and_other_groups_go_on(rig: InboxRig) -> None:
    rig.faults = {"b": [LATER]}

    back = rig.process(
        record("a", "U1"), record("b", "U1"), record("x", "U2"), record("c", "U1"), record("y", "U2"), record("d", "U1")
    )

    assert back == ["message-b", "message-c", "message-d"]
    assert rig.took == ["a", "x", "y"]
    assert rig.retries.postponed == {"message-b": 2, "message-c": 2, "message-d": 2}


@pytest.mark.parametrize("error", [LATER, BROKEN], ids=["retryable", "unexpected"])
def test_the_later_events_of_a_group_are_not_used_up_by_the_failing_one(rig: InboxRig, error: Exception) -> None:
    rig.faults = {"a": [error] * 4}

    for _ in range(4):
        rig.process(record("a"), record("b"))

    assert rig.processed.attempts["a"] + rig.processed.waits["a"] == 4
    assert "b" not in rig.processed.attempts | rig.processed.waits


def test_the_tries_of_an_event_are_2_10_30_and_60_seconds_apart_and_the_fifth_is_the_last(
    rig: InboxRig, counted: Counted
) -> None:
    rig.faults = {"a": [BROKEN] * 5}
    waits = []

    for _ in range(4):
        assert rig.process(record("a"), record("b")) == ["message-a", "message-b"]
        waits.append(rig.retries.postponed["message-a"])
    assert rig.process(record("a"), record("b")) == []

    assert waits == [2, 10, 30, 60]
    [letter] = rig.retries.dead_lettered
    assert (letter.event_id, letter.code, letter.attempts) == ("a", "unexpected", 5)
    assert rig.took == ["b"]
    assert counted("EventsDeadLettered") == 1


def test_an_event_waits_half_a_day_for_something_that_does_not_answer(rig: InboxRig, counted: Counted) -> None:
    rig.faults = {"a": [LATER] * 53}
    waits = []

    for _ in range(52):
        assert rig.process(record("a"), record("b")) == ["message-a", "message-b"]
        waits.append(rig.retries.postponed["message-a"])
    assert rig.process(record("a"), record("b")) == []

    assert waits[:7] == [2, 10, 30, 60, 300, 900, 900]
    assert timedelta(hours=11.5) < timedelta(seconds=sum(waits)) < timedelta(hours=12)
    [letter] = rig.retries.dead_lettered
    assert (letter.event_id, letter.code, letter.attempts) == ("a", "line_unavailable", 53)
    assert rig.took == ["b"]


def test_waiting_uses_up_none_of_the_tries_for_unexpected_errors(rig: InboxRig) -> None:
    rig.faults = {"a": [LATER] * 20 + [BROKEN] * 4 + [LATER] * 20}

    for _ in range(44):
        assert rig.process(record("a")) == ["message-a"]
    assert rig.process(record("a")) == []

    assert rig.took == ["a"]
    assert rig.retries.dead_lettered == []


def test_a_rejected_event_goes_to_the_dead_letter_queue_at_once_and_its_group_goes_on(
    rig: InboxRig, counted: Counted
) -> None:
    rig.faults = {"a": [NEVER]}

    assert rig.process(record("a"), record("b")) == []

    assert [(letter.event_id, letter.code, letter.attempts) for letter in rig.retries.dead_lettered] == [
        ("a", "rejected", 1)
    ]
    assert rig.took == ["b"]
    assert counted("EventsDeadLettered") == 1


def test_a_dead_letter_that_is_sent_again_has_all_its_tries_again(rig: InboxRig) -> None:
    rig.faults = {"a": [BROKEN] * 6}
    for _ in range(5):
        rig.process(record("a"))

    assert rig.process(record("a")) == ["message-a"]
    assert rig.retries.postponed["message-a"] == 2
    assert rig.process(record("a")) == []

    assert rig.took == ["a"]
    assert len(rig.retries.dead_lettered) == 1


def test_an_unexpected_error_counts_as_retryable_and_is_logged_without_its_words(rig: InboxRig, logged: Logged) -> None:
    rig.faults = {"a": [KeyError("what a person wrote")]}

    assert rig.process(record("a"), record("x", "U2")) == ["message-a"]

    assert rig.took == ["x"]
    [line] = [line for line in logged() if line["level"] == "ERROR"]
    assert (line["event_id"], line["error"]) == ("a", "KeyError")
    assert any("_take" in frame for frame in line["stack"])
    assert "what a person wrote" not in json.dumps(logged())


@pytest.mark.parametrize("body", ["", "not json", "{}", '{"event": 3}', "[" * 100_000])
def test_a_message_that_holds_no_event_goes_to_the_dead_letter_queue(rig: InboxRig, body: str) -> None:
    assert rig.process(record("a") | {"body": body}, record("b")) == []

    [letter] = rig.retries.dead_lettered
    assert (letter.event_id, letter.code, letter.attempts) == ("a", "malformed_event", 0)
    assert rig.took == ["b"]


def test_an_event_that_killed_its_function_five_times_is_not_tried_again(rig: InboxRig) -> None:
    rig.processed.attempts["a"] = MAX_ATTEMPTS

    assert rig.process(record("a"), record("b")) == []

    assert rig.took == ["b"]
    assert [(letter.code, letter.attempts) for letter in rig.retries.dead_lettered] == [("tries_used_up", 5)]


def test_while_tries_cannot_be_counted_events_wait_and_none_becomes_a_dead_letter(rig: InboxRig) -> None:
    rig.processed.refuses = True

    for receive_count in range(1, 10):
        assert rig.process(record("a", receive_count=receive_count)) == ["message-a"]
        assert rig.retries.postponed["message-a"] == WAITS_S[receive_count - 1]

    assert rig.retries.dead_lettered == []
    assert rig.took == []


def test_an_event_that_cannot_be_buried_is_kept(rig: InboxRig, counted: Counted) -> None:
    rig.faults = {"a": [NEVER, NEVER]}
    rig.retries.refuses = True

    assert rig.process(record("a"), record("b")) == ["message-a", "message-b"]
    assert counted("EventsDeadLettered") == 0

    rig.retries.refuses = False
    assert rig.process(record("a"), record("b")) == []
    assert len(rig.retries.dead_lettered) == 1


def test_events_that_cannot_be_postponed_still_go_back(rig: InboxRig) -> None:
    rig.faults = {"a": [LATER]}
    rig.retries.refuses = True

    assert rig.process(record("a"), record("b")) == ["message-a", "message-b"]


def test_no_event_is_begun_when_there_is_no_time_to_end_it(rig: InboxRig) -> None:
    rig.context.remaining_ms = RESERVE_MS

    assert rig.process(record("a", "U1"), record("x", "U2")) == ["message-a", "message-x"]

    assert rig.took == []
    assert rig.processed.attempts == {}


def test_the_lines_hold_ids_of_events_and_never_of_people(rig: InboxRig, logged: Logged) -> None:
    user_id = "U" + "7" * 32
    rig.faults = {"b": [LATER], "c": [NEVER]}

    for event_id in "abc":
        rig.process(record(event_id, user_id, source={"type": "user", "userId": user_id}, message={"text": "内緒"}))

    lines = json.dumps(logged(), ensure_ascii=False)
    assert {line.get("event_id") for line in logged()} >= {"a", "b", "c"}
    assert user_id not in lines
    assert "内緒" not in lines


def effects(*names: str, rig: InboxRig) -> list[Effect]:
    """Each notes its name; `rig.faults` are then those of effects, by name."""

    def effect(name: str) -> Effect:
        def run(event: InboundEvent) -> None:
            if rig.faults.get(name):
                raise rig.faults[name].pop(0)
            rig.took.append(f"{name} {event.id}")

        return Effect(name, run)

    return [effect(name) for name in names]


def test_the_effects_of_an_event_run_in_their_order(rig: InboxRig) -> None:
    rig.effects = effects("register", "transcript", "answer", rig=rig)

    assert rig.process(record("a"), record("b")) == []

    assert rig.took == [f"{name} {event}" for event in "ab" for name in ("register", "transcript", "answer")]
    assert rig.processed.done == {"a", "b"}


def test_a_failing_effect_repeats_none_before_it_and_those_after_it_wait(rig: InboxRig) -> None:
    rig.effects = effects("register", "transcript", "answer", rig=rig)
    rig.faults = {"transcript": [LATER, LATER]}

    assert rig.process(record("a")) == ["message-a"]
    assert rig.took == ["register a"]
    rig.process(record("a"))
    assert rig.process(record("a")) == []

    assert rig.took == ["register a", "transcript a", "answer a"]
    assert rig.processed.effects["a"] == {"register", "transcript"}
    assert rig.processed.done == {"a"}


def test_an_effect_that_a_newer_deploy_adds_does_not_run_for_events_that_were_done(rig: InboxRig) -> None:
    rig.effects = effects("register", rig=rig)
    rig.process(record("a"))

    rig.effects = effects("register", "transcript", rig=rig)
    rig.process(record("a"), record("b"))

    assert rig.took == ["register a", "register b", "transcript b"]


def test_an_event_that_is_buried_and_sent_again_goes_on_where_it_stopped(rig: InboxRig) -> None:
    rig.effects = effects("register", "answer", rig=rig)
    rig.faults = {"answer": [NEVER]}
    rig.process(record("a"))

    rig.process(record("a"))

    assert rig.took == ["register a", "answer a"]


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
def test_an_event_that_no_effect_settles_is_counted_and_done(
    rig: InboxRig, counted: Counted, kind: str | None, unhandled: int
) -> None:
    assert rig.process(record("a", type=kind)) == []

    assert counted("EventsUnhandled") == unhandled
    assert rig.processed.done == {"a"}


people = st.sampled_from(["U1", "U2", "U3"])
outcomes = st.lists(st.sampled_from([LATER, NEVER, BROKEN]), max_size=7)


@given(events=st.lists(st.tuples(people, outcomes), min_size=1, max_size=8), batch_size=st.integers(1, 10))
@settings(deadline=None)
def test_every_event_is_done_or_buried_once_and_each_persons_in_order(
    events: list[tuple[str, list[Exception]]], batch_size: int
) -> None:
    """The queue is played here: what is not done stays where it was."""
    rig = InboxRig(faults={str(number): list(failures) for number, (_, failures) in enumerate(events)})
    queue = [record(str(number), person) for number, (person, _) in enumerate(events)]

    for _ in range(8 * len(events)):
        back = rig.process(*queue[:batch_size])
        queue = [message for place, message in enumerate(queue) if place >= batch_size or message["messageId"] in back]

    assert queue == []
    ended = rig.took + [letter.event_id for letter in rig.retries.dead_lettered]
    assert sorted(ended) == sorted(str(number) for number in range(len(events)))
    took_by_person = defaultdict(list)
    for event_id in rig.took:
        took_by_person[events[int(event_id)][0]].append(int(event_id))
    assert all(took == sorted(took) for took in took_by_person.values())
