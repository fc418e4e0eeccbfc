"""Ledger records on their way into the store and back, also those that earlier releases wrote."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.composing.speaking import Voice
from kairan.content import Audio, Image, Native, Piece, Speech, Text, Video
from kairan.messengers.port import Accepted, Mode, Refusal
from kairan.people import ChatId
from kairan.sending import record_format
from kairan.sending.batch import Batch, Recipient
from kairan.sending.ledger import BatchRecord
from kairan.sending.outcome import Outcome
from tests.cases.ledger_records import RECORDS
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.line import FakeLine
from tests.fakes.speech import FakeSynthesizer
from tests.rigs.batches import BATCH_ID, BatchSenderRig, SpeakingComposer

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
keys = st.lists(words, max_size=2).map(tuple)
pieces: st.SearchStrategy[Piece] = st.one_of(
    st.builds(Text, words),
    st.builds(Image, words, words, keys),
    st.builds(Audio, words, st.integers(1, 10**6), keys),
    st.builds(Video, words, words, st.none() | words, keys),
    st.builds(Speech, words, st.integers(-5, 5), st.just(0.5), st.just(0.0), st.just(2.0)),
    st.builds(Native, words, st.lists(st.dictionaries(words, st.lists(words))).map(tuple)),
)


@given(content=st.lists(pieces, max_size=5).map(tuple), silent=st.booleans(), mode=st.sampled_from(Mode))
def test_a_record_is_read_as_it_was_written(content: tuple[Piece, ...], silent: bool, mode: Mode) -> None:
    people = tuple((f"e{place}", ChatId("line", f"U{place}")) for place in range(4))
    record = BatchRecord(BATCH_ID, "print", mode, content, silent, people, {"e3": Outcome("skipped", "empty_text")})
    sent, refused, _ = record.plan([[chat] for _, chat in people[:3]])
    record.open([sent, refused], NOW)
    record.accept(sent, Accepted("r-1", sent_messages=({"id": "1"},)))
    record.refuse(refused, "line_rejected", Refusal(403, "No", ("to",), "r-2"))

    again = record_format.parse(record_format.dump(record), batch_id=BATCH_ID, version=0, lease_until=None)

    assert again == record


# Records of release 0.1.0


@pytest.mark.parametrize("name", RECORDS)
def test_an_earlier_record_says_the_same_of_each_person(name: str) -> None:
    outcomes = RECORDS[name].parsed().outcomes()

    assert {key: [outcome.outcome, outcome.reason, outcome.request_id] for key, outcome in outcomes.items()} == RECORDS[
        name
    ].outcomes


@pytest.mark.parametrize("name", RECORDS)
def test_an_update_in_the_middle_of_a_batch_sends_no_one_twice(name: str) -> None:
    """LINE remembers what the earlier release sent; the repeat goes on from its record."""
    record = RECORDS[name].parsed()
    line = FakeLine(FakeClock())
    line.remember(RECORDS[name].accepted_keys, RECORDS[name].received)
    rig = BatchSenderRig(line, ledger=holding(record))

    result = rig.send(repeat_of(record), SpeakingComposer(Voice(FakeSynthesizer(), 5, 100), NEW_WORDS))

    refused = {chat.id for key, chat in record.people if result.outcomes[key].reason == "invalid_user_id"}
    assert line.received == {chat.id: 1 for _, chat in record.people if chat.id not in refused}
    assert {outcome.reason for outcome in result.outcomes.values()} <= {None, "invalid_user_id"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("shared text, fate unknown", [Text("Hello, all")]),
        ("image to one chat", [Text("look"), Image("https://m.example/a.jpg?v=1", "https://m.example/p.jpg?v=1")]),
        ("audio to one chat", [Audio("https://m.example/a.mp3?v=1", 5230)]),
        ("video to one chat", [Video("https://m.example/a.mp4?v=1", "https://m.example/p.jpg?v=1", "spring")]),
        (
            "personal speech, open",
            [Text("Hi"), Speech("Good morning {{Attributes.name}}", 5, speed=1.5)],
        ),
    ],
)
def test_messages_that_kairan_built_are_content_again(name: str, content: list[Piece]) -> None:
    assert RECORDS[name].parsed().content == tuple(content)


def test_a_link_with_a_placeholder_is_filled_in_as_before() -> None:
    record = RECORDS["a link with a placeholder, open"].parsed()
    line = FakeLine(FakeClock())

    BatchSenderRig(line, ledger=holding(record)).send(repeat_of(record), NEW_WORDS)

    assert [line.messages[chat.id][0]["originalContentUrl"] for _, chat in record.people] == [
        "https://shop.example/n0.jpg",
        "https://shop.example/n1.jpg",
    ]


NEW_WORDS = Text("a repeat follows the record, whatever it brings")


def holding(record: BatchRecord) -> FakeLedger:
    """A ledger that holds the record, as an earlier invocation left it."""
    ledger = FakeLedger()
    ledger.hold(record)
    return ledger


def repeat_of(record: BatchRecord) -> Batch:
    recipients = tuple(
        Recipient(key, chat, {"Attributes.name": [f"n{place}"]}) for place, (key, chat) in enumerate(record.people)
    )
    return Batch(record.batch_id, {"data": "whatever it was"}, recipients)
