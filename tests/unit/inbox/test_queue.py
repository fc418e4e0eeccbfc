"""What lies in the queue can always lie there, and comes out as it went in."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.errors import InvalidBodyError
from kairan.inbox.queue import Entry, entry_of, event_of
from kairan.inbox.sqs import BATCH_BYTES, BATCH_ENTRIES, batches
from kairan.line.events import Event

USER, GROUP, ROOM, BOT = "U" + "1" * 32, "C" + "2" * 32, "R" + "3" * 32, "U" + "0" * 32


@pytest.mark.parametrize(
    ("source", "group_id"),
    [
        ({"type": "user", "userId": USER}, USER),
        ({"type": "group", "groupId": GROUP, "userId": USER}, USER),
        ({"type": "group", "groupId": GROUP}, GROUP),
        ({"type": "room", "roomId": ROOM}, ROOM),
        ({}, BOT),
        (None, BOT),
        ({"type": "user", "userId": ""}, BOT),
    ],
)
def test_the_group_is_the_person_then_the_chat_then_the_bot(source: Any, group_id: str) -> None:
    assert entry_of(BOT, Event({"webhookEventId": "01A", "source": source})).group_id == group_id


@given(text=st.text(), user_id=st.text(), event_id=st.text(), destination=st.text())
def test_an_event_of_any_text_fits_sqs_and_comes_out_as_it_went_in(
    text: str, user_id: str, event_id: str, destination: str
) -> None:
    event = Event({"webhookEventId": event_id, "source": {"userId": user_id}, "message": {"text": text}})

    entry = entry_of(destination, event)

    assert re.fullmatch(r"[ -~]*", entry.body)
    assert re.fullmatch(r"[!-~]{1,128}", entry.group_id)
    assert re.fullmatch(r"[!-~]{1,128}", entry.deduplication_id)
    assert json.loads(entry.body)["destination"] == destination
    assert event_of(entry) == event


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"event": 1}', "[" * 100_000, '{"event": {"a": NaN}}'])
def test_a_message_that_we_did_not_write_is_refused(body: str) -> None:
    with pytest.raises(InvalidBodyError):
        event_of(Entry(body=body, group_id="g", deduplication_id="d"))


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
