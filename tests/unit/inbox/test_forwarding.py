"""A verified call goes to every target's queue as it came: body, signature and content type."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.errors import MalformedEventError, StoreUnavailableError
from kairan.inbox.forwarding import MAX_BODY_BYTES, MAX_MESSAGE_BYTES, PUT_WITHIN_S, Call, Forwarding, queued_call
from kairan.inbox.queue import Entry
from tests.fakes.clock import FakeClock
from tests.fakes.forwarding import FakeBodies
from tests.fakes.inbox import FakeEventQueue

Counted = Callable[[str], int]
Logged = Callable[[], list[dict[str, Any]]]
SIGNATURE = "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="
CONTENT_TYPE = "application/json; charset=utf-8"


@dataclass
class ForwardingRig:
    queues: list[FakeEventQueue] = field(default_factory=lambda: [FakeEventQueue(), FakeEventQueue()])
    bodies: FakeBodies = field(default_factory=FakeBodies)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        ids = (f"call-{number}" for number in range(1, 100))
        self.forwarding = Forwarding(self.queues, self.bodies, clock=self.clock, new_id=lambda: next(ids))

    def put(self, body: bytes, *, chat_id: str | None = "U1", since: float = 0, **headers: str) -> None:
        present = {"x-line-signature": SIGNATURE, "content-type": CONTENT_TYPE} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        self.forwarding.put(body, present.get, chat_id=chat_id, since=since)

    def calls(self, number: int = 0) -> list[Call]:
        """What a target's queue holds, with the bodies that went by reference."""
        return [queued_call(entry.body).load(self.bodies) for entry in self.queues[number].entries]


@pytest.fixture
def rig() -> ForwardingRig:
    return ForwardingRig()


def test_every_target_gets_the_call_as_it_came(rig: ForwardingRig) -> None:
    body = '{"destination": "Ubot",  "events":[{"text": "こんにちは\\u3042 🎌"}]}\n'.encode()

    rig.put(body)

    assert rig.calls(0) == rig.calls(1) == [Call(body, SIGNATURE, CONTENT_TYPE)]
    assert rig.bodies.stored == {}


@given(body=st.one_of(st.binary(), st.text().map(lambda text: text.encode(errors="surrogatepass"))))
def test_any_body_comes_out_byte_for_byte(body: bytes) -> None:
    rig = ForwardingRig()

    rig.put(body)

    assert [call.body for call in rig.calls()] == [body]
    assert re.fullmatch(r"[ -~]*", rig.queues[0].entries[0].body)


@pytest.mark.parametrize(
    ("body", "stored"),
    [
        pytest.param(b"x" * MAX_BODY_BYTES, False, id="the largest"),
        pytest.param(b"x" * (MAX_BODY_BYTES + 1), True, id="too large"),
        pytest.param("回".encode() * (MAX_BODY_BYTES // 3), False, id="the largest, in Japanese"),
        pytest.param(b"\x01" * MAX_BODY_BYTES, True, id="too large when it is escaped"),
        pytest.param(b"\xff\xfe", True, id="no UTF-8"),
        pytest.param(b"\xed\xa0\xbd", True, id="half a surrogate pair"),
        pytest.param("\ufeff{}".encode(), False, id="with a byte order mark"),
    ],
)
def test_a_body_that_is_large_or_no_text_goes_by_reference_and_is_stored_once(
    rig: ForwardingRig, body: bytes, stored: bool
) -> None:
    rig.put(body)

    assert rig.bodies.stored == ({"forwarded/call-1": body} if stored else {})
    assert rig.calls(0) == rig.calls(1) == [Call(body, SIGNATURE, CONTENT_TYPE)]
    assert len(rig.queues[0].entries[0].body) <= MAX_MESSAGE_BYTES


def test_calls_of_one_chat_are_in_one_group_and_no_call_is_taken_for_another(rig: ForwardingRig) -> None:
    """LINE posts the same bytes again when someone presses Verify twice: both are passed on."""
    rig.put(b"{}")
    rig.put(b"{}")

    assert [entry.group_id for entry in rig.queues[0].entries] == ["U1", "U1"]
    assert [entry.deduplication_id for entry in rig.queues[0].entries] == ["call-1", "call-2"]


@pytest.mark.parametrize("chat_id", ["日本", "U" * 129, "a b"])
def test_a_chat_id_of_any_text_makes_a_group(rig: ForwardingRig, chat_id: str) -> None:
    rig.put(b"{}", chat_id=chat_id)
    rig.put(b"{}", chat_id=chat_id)

    first, second = rig.queues[0].entries
    assert first.group_id == second.group_id
    assert re.fullmatch(r"[!-~]{1,128}", first.group_id)


def test_a_tool_gets_each_call_under_an_id_of_its_own() -> None:
    queue = FakeEventQueue()
    forwarding = Forwarding([queue], FakeBodies(), clock=FakeClock())

    for _ in range(2):
        forwarding.put(b"{}", lambda _: None, chat_id="U1", since=0)

    assert len({entry.deduplication_id for entry in queue.entries}) == 2


def test_a_call_without_a_chat_is_a_group_of_its_own(rig: ForwardingRig) -> None:
    rig.put(b"{}", chat_id=None)

    assert rig.queues[0].entries[0].group_id == "call-1"


@pytest.mark.parametrize("content_type", ["", "application/json\r\nx: y", "日本"])
def test_a_content_type_that_no_header_can_have_becomes_that_of_json(rig: ForwardingRig, content_type: str) -> None:
    rig.put(b"{}", content_type=content_type)

    assert rig.calls() == [Call(b"{}", SIGNATURE, "application/json")]


def test_a_call_that_was_passed_on_is_not_passed_on_again(rig: ForwardingRig) -> None:
    """Two stacks that name each other, or one that names itself, would post it in circles."""
    rig.put(b"{}", x_kairan_forwarded="1")

    assert rig.queues[0].entries == []


def test_a_queue_that_refuses_keeps_the_call_from_no_other_target_and_is_told(
    rig: ForwardingRig, counted: Counted, logged: Logged
) -> None:
    rig.queues[0].refuses = True

    with pytest.raises(StoreUnavailableError, match="1 of 2"):
        rig.put(b"{}")

    assert rig.calls(1) == [Call(b"{}", SIGNATURE, CONTENT_TYPE)]
    assert counted("CallsNotForwarded") == 1
    assert [line["level"] for line in logged()] == ["ERROR"]


def test_a_body_that_cannot_be_stored_reaches_no_queue_and_is_told(rig: ForwardingRig, counted: Counted) -> None:
    rig.bodies.refuses = True

    with pytest.raises(StoreUnavailableError):
        rig.put(b"\xff")

    assert rig.queues[0].entries == []
    assert counted("CallsNotForwarded") == 2


def test_when_the_time_is_over_no_more_queues_are_asked(rig: ForwardingRig, counted: Counted) -> None:
    """LINE gives the webhook two seconds, and posts the call again if it gets no 200."""
    slow = SlowQueue(rig.clock)
    rig.queues.insert(0, slow)

    with pytest.raises(StoreUnavailableError, match="2 of 3"):
        rig.put(b"{}")

    assert len(slow.entries) == 1
    assert [queue.entries for queue in rig.queues[1:]] == [[], []]
    assert counted("CallsNotForwarded") == 2


def test_time_that_the_inbox_took_counts_too(rig: ForwardingRig) -> None:
    rig.clock.sleep(5 + PUT_WITHIN_S)
    rig.put(b"{}", since=5)
    rig.clock.sleep(0.001)

    with pytest.raises(StoreUnavailableError, match="2 of 2"):
        rig.put(b"{}", since=5)

    assert len(rig.queues[0].entries) == 1


def test_when_the_time_is_over_no_body_is_stored_either(rig: ForwardingRig) -> None:
    rig.clock.sleep(2 * PUT_WITHIN_S)

    with pytest.raises(StoreUnavailableError, match="2 of 2"):
        rig.put(b"\xff")

    assert rig.bodies.stored == {}


class SlowQueue(FakeEventQueue):
    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def put(self, entries: Any) -> None:
        super().put(entries)
        self._clock.sleep(PUT_WITHIN_S + 0.5)


@pytest.mark.parametrize(
    "message",
    [
        "no JSON",
        "[]",
        "{}",
        json.dumps({"id": "a", "signature": "s", "content_type": "t"}),
        json.dumps({"id": "a", "signature": "s", "content_type": "t", "body": 5}),
        json.dumps({"id": "a", "signature": None, "content_type": "t", "body": ""}),
        json.dumps({"event": {"type": "follow"}}),
    ],
)
def test_a_message_that_is_no_call_is_malformed(message: str) -> None:
    with pytest.raises(MalformedEventError):
        queued_call(message)


def test_a_body_that_is_gone_is_malformed(rig: ForwardingRig) -> None:
    rig.put(b"\xff")
    rig.bodies.stored.clear()

    with pytest.raises(MalformedEventError):
        rig.calls()


def test_an_entry_is_what_sqs_takes(rig: ForwardingRig) -> None:
    rig.put(b"{}")

    assert rig.queues[0].entries == [
        Entry(
            body=f'{{"id":"call-1","signature":"{SIGNATURE}","content_type":"{CONTENT_TYPE}","body":"{{}}"}}',
            group_id="U1",
            deduplication_id="call-1",
        )
    ]
