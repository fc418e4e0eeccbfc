"""What lies in the queue can always lie there, and comes out as it went in."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.errors import MalformedEventError
from kairan.inbox.queue import Arrival, Entry, InboxReader, entries_of
from kairan.inbox.sqs import BATCH_BYTES, BATCH_ENTRIES, batches
from kairan.messengers.line.events import Event
from kairan.messengers.line.inbound import inbound

NOW = datetime(2026, 11, 21, 9, 30, 0, 123_000, UTC)
ARRIVAL = Arrival("line", "shop", BOT := "U" + "0" * 32, NOW)
READER = InboxReader({"line": inbound}, messenger="line", account="default")
USER, GROUP, ROOM = "U" + "1" * 32, "C" + "2" * 32, "R" + "3" * 32


@pytest.mark.parametrize(
    ("source", "group_id"),
    [
        ({"type": "user", "userId": USER}, USER),
        ({"type": "group", "groupId": GROUP, "userId": USER}, GROUP),
        ({"type": "group", "groupId": GROUP}, GROUP),
        ({"type": "room", "roomId": ROOM, "userId": USER}, ROOM),
        ({}, BOT),
        (None, BOT),
        ({"type": "user", "userId": ""}, BOT),
    ],
)
def test_the_group_is_the_chat_or_else_the_bot(source: Any, group_id: str) -> None:
    assert entries_of(ARRIVAL, [Event({"webhookEventId": "01A", "source": source})])[0].group_id == group_id


@given(text=st.text(), user_id=st.text(), event_id=st.text(), destination=st.text())
def test_an_event_of_any_text_fits_sqs_and_comes_out_as_it_went_in(
    text: str, user_id: str, event_id: str, destination: str
) -> None:
    event = Event({"webhookEventId": event_id, "source": {"userId": user_id}, "message": {"text": text}})

    entry = entries_of(ARRIVAL._replace(destination=destination), [event])[0]

    assert re.fullmatch(r"[ -~]*", entry.body)
    assert re.fullmatch(r"[!-~]{1,128}", entry.group_id)
    assert re.fullmatch(r"[!-~]{1,128}", entry.deduplication_id)
    assert json.loads(entry.body)["destination"] == destination
    assert READER.event_of(entry) == inbound(event.raw, account="shop", received_at=NOW)


def test_an_event_keeps_its_messenger_its_account_and_when_it_was_received() -> None:
    entry = entries_of(ARRIVAL, [Event({"webhookEventId": "01A", "source": {"type": "user", "userId": USER}})])[0]

    event = READER.event_of(entry)

    assert (event.messenger, event.account, event.received_at) == ("line", "shop", NOW)


def test_a_message_of_an_earlier_release_is_the_deployments_own() -> None:
    body = json.dumps({"destination": BOT, "event": {"type": "follow", "webhookEventId": "01A"}})

    event = READER.event_of(Entry(body=body, group_id="g", deduplication_id="01A"))

    assert (event.messenger, event.account, event.received_at, event.id) == ("line", "default", None, "01A")


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{}", '{"event": 1}', "[" * 100_000, '{"event": {"a": NaN}}', '{"messenger": "pigeon", "event": {}}'],
)
def test_a_message_that_we_did_not_write_is_refused(body: str) -> None:
    with pytest.raises(MalformedEventError):
        READER.event_of(Entry(body=body, group_id="g", deduplication_id="d"))


@given(st.lists(st.integers(1, BATCH_BYTES + 10), max_size=40))
def test_batches_hold_every_entry_in_order_within_the_limits_of_sqs(sizes: list[int]) -> None:
    entries = [Entry(body="x" * size, group_id="g", deduplication_id=str(index)) for index, size in enumerate(sizes)]

    made = list(batches(entries))

    assert [entry for batch in made for entry in batch] == entries
    for batch in made:
        assert 1 <= len(batch) <= BATCH_ENTRIES
        assert sum(len(entry.body) for entry in batch) <= BATCH_BYTES or len(batch) == 1


def test_batches_are_as_large_as_they_can_be() -> None:
    small = [Entry(body="x", group_id="g", deduplication_id=str(index)) for index in range(25)]
    halves = [Entry(body="x" * (BATCH_BYTES // 2), group_id="g", deduplication_id=str(index)) for index in range(3)]

    assert [len(batch) for batch in batches(small)] == [10, 10, 5]
    assert [len(batch) for batch in batches(halves)] == [2, 1]
