"""A call that a tool does not take holds back the later calls of its chat alone; after an hour it is kept."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from forward.app import DELAYS_S, REPEATED_FOR, RESERVE_MS, ForwardHandler, Lane
from kairan.errors import StoreUnavailableError, TargetUnavailableError
from kairan.inbox.forwarding import Call
from tests.fakes.clock import FakeClock
from tests.fakes.forwarding import FakeBodies, FakeTarget
from tests.fakes.inbox import FakeRetries
from tests.rigs.events import Context

Counted = Callable[[str], int]
Logged = Callable[[], list[dict[str, Any]]]

REFUSED: Exception = TargetUnavailableError("it answered 500")
BROKEN: Exception = KeyError("?")
HOUR_S = REPEATED_FOR.total_seconds()


@dataclass
class ForwardRig:
    """The function with two targets, `bot` and `crm`."""

    targets: dict[str, FakeTarget] = field(default_factory=lambda: {"bot": FakeTarget(), "crm": FakeTarget()})
    retries: dict[str, FakeRetries] = field(default_factory=lambda: {"bot": FakeRetries(), "crm": FakeRetries()})
    bodies: FakeBodies = field(default_factory=FakeBodies)
    clock: FakeClock = field(default_factory=FakeClock)
    context: Context = field(default_factory=Context)

    def process(self, *records: dict[str, Any]) -> list[str]:
        lanes = {
            f"{name}.fifo": Lane(f"{name}.example", self.targets[name], self.retries[name]) for name in self.targets
        }
        handler = ForwardHandler(lanes=lanes, bodies=self.bodies, clock=self.clock)
        answer = handler({"Records": list(records)}, self.context)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def record(
        self, name: str, group: str = "U1", *, queue: str = "bot", age_s: float = 0, receives: int = 1, **message: Any
    ) -> dict[str, Any]:
        call = {"id": name, "signature": f"signature of {name}", "content_type": "application/json", "body": name}
        sent_at = self.clock.now() - timedelta(seconds=age_s)
        return {
            "messageId": f"message-{name}",
            "receiptHandle": f"receipt-{name}",
            "body": json.dumps(call | message),
            "eventSourceARN": f"arn:aws:sqs:us-east-1:000000000000:{queue}.fifo",
            "attributes": {
                "ApproximateReceiveCount": str(receives),
                "SentTimestamp": str(int(sent_at.timestamp() * 1000)),
                "MessageGroupId": group,
                "MessageDeduplicationId": name,
            },
        }

    def took(self, target: str = "bot") -> list[str]:
        return [call.body.decode() for call in self.targets[target].took]


@pytest.fixture
def rig() -> ForwardRig:
    return ForwardRig()


def fails(*bodies: str, error: Exception = REFUSED, times: int = 1) -> FakeTarget:
    return FakeTarget(faults={body.encode(): [error] * times for body in bodies})


def test_a_call_is_posted_as_it_came_and_counted(rig: ForwardRig, counted: Counted) -> None:
    assert rig.process(rig.record("a")) == []

    assert rig.targets["bot"].took == [Call(b"a", "signature of a", "application/json")]
    assert counted("CallsForwarded") == 1


def test_each_queue_leads_to_its_own_target(rig: ForwardRig) -> None:
    rig.process(rig.record("a", queue="bot"))
    rig.process(rig.record("b", queue="crm"))

    assert (rig.took("bot"), rig.took("crm")) == (["a"], ["b"])


def test_a_body_that_went_by_reference_is_posted_byte_for_byte(rig: ForwardRig) -> None:
    rig.bodies.stored["forwarded/a"] = b"\xff\xfe"

    assert rig.process(rig.record("a", body=None, body_key="forwarded/a")) == []

    assert [call.body for call in rig.targets["bot"].took] == [b"\xff\xfe"]


def test_the_calls_of_a_chat_are_posted_in_their_order(rig: ForwardRig) -> None:
    rig.process(*(rig.record(str(number)) for number in range(10)))

    assert rig.took() == [str(number) for number in range(10)]


def test_a_call_that_is_not_taken_goes_back_with_the_later_ones_of_its_chat_and_other_chats_go_on(
    rig: ForwardRig, counted: Counted
) -> None:
    rig.targets["bot"] = fails("b")

    back = rig.process(
        rig.record("a", "U1"),
        rig.record("b", "U1"),
        rig.record("x", "U2"),
        rig.record("c", "U1"),
        rig.record("y", "U2"),
    )

    assert back == ["message-b", "message-c"]
    assert sorted(rig.took()) == ["a", "x", "y"]
    assert rig.retries["bot"].postponed == {"message-b": 2, "message-c": 2}
    assert (counted("CallsForwarded"), counted("CallsNotForwarded")) == (3, 0)


@pytest.mark.parametrize("error", [REFUSED, BROKEN], ids=["not taken", "unexpected"])
@pytest.mark.parametrize(("receives", "delay_s"), [*enumerate(DELAYS_S, start=1), (50, DELAYS_S[-1])])
def test_the_attempts_come_after_2_10_30_60_and_120_seconds_and_then_every_five_minutes(
    rig: ForwardRig, error: Exception, receives: int, delay_s: int
) -> None:
    rig.targets["bot"] = fails("a", error=error)

    rig.process(rig.record("a", receives=receives))

    assert rig.retries["bot"].postponed == {"message-a": delay_s}
    assert DELAYS_S == (2, 10, 30, 60, 120, 300)


@pytest.mark.parametrize(("age_s", "delay_s"), [(HOUR_S - 100, 100), (HOUR_S - 0.5, 2)])
def test_the_last_attempt_is_at_the_end_of_the_hour(rig: ForwardRig, age_s: float, delay_s: int) -> None:
    rig.targets["bot"] = fails("a")

    rig.process(rig.record("a", age_s=age_s, receives=20))

    assert rig.retries["bot"].postponed == {"message-a": delay_s}


@pytest.mark.parametrize(
    ("error", "code"), [(REFUSED, "target_unavailable"), (BROKEN, "unexpected")], ids=["not taken", "unexpected"]
)
def test_a_call_that_is_not_taken_after_an_hour_is_kept_and_the_later_ones_of_its_chat_go_on(
    rig: ForwardRig, error: Exception, code: str, counted: Counted
) -> None:
    rig.targets["bot"] = fails("a", error=error)

    assert rig.process(rig.record("a", age_s=HOUR_S, receives=17), rig.record("b", age_s=HOUR_S)) == []

    [letter] = rig.retries["bot"].dead_lettered
    assert (letter.message.message_id, letter.event_id, letter.code, letter.attempts) == ("message-a", "a", code, 17)
    assert rig.took() == ["b"]
    assert (counted("CallsForwarded"), counted("CallsNotForwarded")) == (1, 1)


def test_a_call_that_waited_behind_others_for_hours_has_an_attempt(rig: ForwardRig) -> None:
    assert rig.process(rig.record("a", age_s=5 * HOUR_S)) == []

    assert rig.took() == ["a"]


@pytest.mark.parametrize("message", [{"body": None}, {"body": None, "body_key": "forwarded/gone"}])
def test_a_call_that_cannot_be_read_is_kept_at_once(rig: ForwardRig, message: dict[str, Any]) -> None:
    assert rig.process(rig.record("a", **message), rig.record("b")) == []

    assert [letter.code for letter in rig.retries["bot"].dead_lettered] == ["malformed_event"]
    assert rig.took() == ["b"]


def test_a_body_that_cannot_be_read_now_waits(rig: ForwardRig) -> None:
    rig.bodies.refuses = True

    assert rig.process(rig.record("a", body=None, body_key="forwarded/a")) == ["message-a"]

    assert rig.retries["bot"].dead_lettered == []


def test_a_call_that_cannot_be_kept_waits(rig: ForwardRig, counted: Counted) -> None:
    rig.targets["bot"] = fails("a")
    rig.retries["bot"].refuses = True

    assert rig.process(rig.record("a", age_s=HOUR_S), rig.record("b")) == ["message-a", "message-b"]

    assert counted("CallsNotForwarded") == 0


def test_without_time_for_one_more_call_none_begins(rig: ForwardRig) -> None:
    rig.context.remaining_ms = RESERVE_MS

    assert rig.process(rig.record("a"), rig.record("x", "U2", age_s=HOUR_S)) == ["message-a", "message-x"]

    assert rig.took() == []
    assert rig.retries["bot"].postponed == {"message-a": 2, "message-x": 2}


def test_every_call_of_a_dead_target_is_in_the_answer_also_when_the_queue_does_not_answer(rig: ForwardRig) -> None:
    rig.targets["bot"] = fails("a", "x")
    rig.retries["bot"].refuses = True

    assert rig.process(rig.record("a"), rig.record("x", "U2")) == ["message-a", "message-x"]


def test_neither_bodies_nor_signatures_nor_people_are_logged(rig: ForwardRig, logged: Logged) -> None:
    rig.targets["bot"] = fails("private words", error=BROKEN)

    rig.process(rig.record("a", body="private words"), rig.record("b", "U2", body="other words"))

    lines = json.dumps(logged())
    assert "bot.example" in lines
    for hidden in ("private words", "other words", "signature of", "U1", "U2"):
        assert hidden not in lines


def test_a_store_that_is_down_is_named_in_the_log(rig: ForwardRig, logged: Logged) -> None:
    rig.targets["bot"] = fails("a", error=StoreUnavailableError("no answer"))

    rig.process(rig.record("a"))

    assert [(line["level"], line["message"], line["code"]) for line in logged()] == [
        ("WARNING", "call waits", "store_unavailable")
    ]
