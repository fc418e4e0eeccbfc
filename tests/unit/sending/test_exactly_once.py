"""The heart of the project, as properties: whatever is interleaved, killed or answered, no one gets a message twice, no
one is lost, and nothing stays open for ever."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairan.content import Text
from kairan.errors import RetryableError
from kairan.sending.batch import Batch
from kairan.sending.batch_sender import BatchResult
from tests.fakes.clock import FakeClock
from tests.fakes.forgetful_messenger import NAME as FORGETFUL
from tests.fakes.forgetful_messenger import ForgetfulMessenger
from tests.fakes.ledger import FakeLedger
from tests.fakes.line import FakeLine, people
from tests.fakes.steps import KilledError, Stage
from tests.rigs.batches import PERSONAL, SHARED, BatchSenderRig, batch_to
from tests.rigs.stepped import Stepped

PATIENCE = 40
"""Repeats until everything must be settled: the worst case is a day of faults, then a working LINE."""

ONE_ANSWER = ["ok", "ok", "lost_before", "lost_after", "rate", "quota", "unauthorized"]
ANSWERS = st.lists(st.sampled_from(ONE_ANSWER), max_size=14)
KILLS = st.one_of(st.none(), st.integers(1, 27))
PAUSES_S = st.sampled_from([60.0, 3600.0, 23.5 * 3600, 30 * 3600.0])


def stepped(port: FakeLine | ForgetfulMessenger | FakeLedger, stage: Stage) -> Any:
    """A process can be stopped before a call reaches what is behind the port, and after it did."""
    return Stepped(port, stage, "push", "multicast", "send", "load", "save")


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    number=st.integers(1, 6),
    bad=st.sets(st.integers(0, 5), max_size=3),
    named=st.booleans(),
    pardoned_after=st.one_of(st.none(), st.integers(1, 12)),
    personal=st.booleans(),
    answers=ANSWERS,
    order=st.lists(st.integers(0, 1), max_size=40),
    killed_at=st.tuples(KILLS, KILLS),
    freezes=st.sets(st.integers(0, 40), max_size=2),
    pauses_s=st.lists(PAUSES_S, max_size=5),
)
def test_no_one_gets_it_twice_no_one_is_lost_and_nothing_stays_open(
    number: int,
    bad: set[int],
    named: bool,
    pardoned_after: int | None,
    personal: bool,
    answers: list[str],
    order: list[int],
    killed_at: tuple[int | None, int | None],
    freezes: set[int],
    pauses_s: list[float],
) -> None:
    clock, stage = FakeClock(), Stage()
    everyone = people(number)
    bad_ids = [person for place, person in enumerate(everyone) if place in bad]
    line = FakeLine(clock, answers=answers, bad_ids=bad_ids, names_bad_ids=named, pardons_after=pardoned_after)  # type: ignore[arg-type]
    rig = BatchSenderRig(stepped(line, stage), clock, stepped(FakeLedger(), stage))
    batch, content = batch_to(everyone), PERSONAL if personal else SHARED

    play_two(rig, batch, content, stage, order, killed_at, freezes)
    result = repeat_until_settled(rig, batch, content, pauses_s)

    alone = personal and number > 1
    others_got_it = any(outcome.outcome == "sent" for outcome in result.outcomes.values())
    refused = "invalid_user_id" if named or (others_got_it and not alone) else "line_rejected"
    assert_once_and_all(result, batch, line, bad_ids, refused, waited=has_waited(pauses_s))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    number=st.integers(2, 40),
    connections=st.integers(2, 16),
    bad=st.sets(st.integers(0, 39), max_size=5),
    named=st.booleans(),
    answers=st.lists(st.sampled_from(ONE_ANSWER), max_size=60),
    killed_at=KILLS,
    pauses_s=st.lists(PAUSES_S, max_size=5),
)
def test_side_by_side_each_request_is_settled_once(
    number: int,
    connections: int,
    bad: set[int],
    named: bool,
    answers: list[str],
    killed_at: int | None,
    pauses_s: list[float],
) -> None:
    clock, stage = FakeClock(), KillingStage(killed_at)
    everyone = people(number)
    bad_ids = [person for place, person in enumerate(everyone) if place in bad]
    line = FakeLine(clock, answers=answers, bad_ids=bad_ids, names_bad_ids=named)  # type: ignore[arg-type]
    rig = BatchSenderRig(stepped(line, stage), clock, connections=connections)
    batch = batch_to(everyone)

    with suppress(KilledError, RetryableError):
        rig.send(batch, PERSONAL)
    stage.killed_at = None
    result = repeat_until_settled(rig, batch, PERSONAL, pauses_s)

    refused = "invalid_user_id" if named else "line_rejected"
    assert_once_and_all(result, batch, line, bad_ids, refused, waited=has_waited(pauses_s))


# A messenger that recognises no repeat


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    number=st.integers(1, 6),
    bad=st.sets(st.integers(0, 5), max_size=3),
    personal=st.booleans(),
    answers=ANSWERS,
    order=st.lists(st.integers(0, 1), max_size=40),
    killed_at=st.tuples(KILLS, KILLS),
    freezes=st.sets(st.integers(0, 40), max_size=2),
)
def test_a_messenger_without_retry_keys_sends_at_most_once_and_says_what_no_one_can_know(
    number: int,
    bad: set[int],
    personal: bool,
    answers: list[str],
    order: list[int],
    killed_at: tuple[int | None, int | None],
    freezes: set[int],
) -> None:
    stage = Stage()
    everyone = people(number)
    bad_ids = [person for place, person in enumerate(everyone) if place in bad]
    messenger = ForgetfulMessenger(answers=answers, bad_ids=bad_ids)  # type: ignore[arg-type]
    rig = BatchSenderRig(messenger=stepped(messenger, stage), ledger=stepped(FakeLedger(), stage))
    batch, content = batch_to(everyone, messenger=FORGETFUL), PERSONAL if personal else SHARED

    play_two(rig, batch, content, stage, order, killed_at, freezes)
    result = repeat_until_settled(rig, batch, content, [])

    assert_at_most_once_and_all(result, batch, messenger)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    number=st.integers(2, 40),
    connections=st.integers(2, 16),
    answers=st.lists(st.sampled_from(ONE_ANSWER), max_size=60),
    killed_at=KILLS,
)
def test_without_retry_keys_a_death_leaves_no_more_in_doubt_than_were_just_being_sent(
    number: int, connections: int, answers: list[str], killed_at: int | None
) -> None:
    stage = KillingStage(killed_at)
    messenger = ForgetfulMessenger(answers=answers)  # type: ignore[arg-type]
    rig = BatchSenderRig(messenger=stepped(messenger, stage), connections=connections)
    batch = batch_to(people(number), messenger=FORGETFUL)

    with suppress(KilledError, RetryableError):
        rig.send(batch, PERSONAL)
    stage.killed_at = None
    result = repeat_until_settled(rig, batch, PERSONAL, [])

    assert_at_most_once_and_all(result, batch, messenger)
    unknown = sum(outcome.outcome == "unknown" for outcome in result.outcomes.values())
    assert unknown <= connections + sum(answer in ("lost_before", "lost_after") for answer in answers)


class KillingStage(Stage):
    """Any thread's step number `killed_at` is its invocation's last."""

    def __init__(self, killed_at: int | None) -> None:
        super().__init__()
        self._steps = count(1)
        self.killed_at = killed_at

    def step(self) -> None:
        if next(self._steps) == self.killed_at:
            raise KilledError


def play_two(
    rig: BatchSenderRig,
    batch: Batch,
    content: Text,
    stage: Stage,
    order: list[int],
    killed_at: tuple[int | None, int | None],
    freezes: set[int],
) -> None:
    """Two invocations of the same batch, step by step; after the steps in `freezes` more time passes than a lease
    has."""
    turns = count()

    def freeze() -> None:
        if next(turns) in freezes:
            rig.clock.passed_s += 90

    raised = stage.play([lambda: rig.send(batch, content)] * 2, order, killed_at, freeze)
    assert all(error is None or isinstance(error, KilledError | RetryableError) for error in raised), raised


def has_waited(pauses_s: list[float]) -> bool:
    """Whether LINE may have forgotten a key meanwhile."""
    return any(pause_s > 23 * 3600 for pause_s in pauses_s)


def assert_once_and_all(
    result: BatchResult, batch: Batch, line: FakeLine, bad_ids: Sequence[str], refused: str, *, waited: bool
) -> None:
    """No one got it twice; everyone has an outcome, which is true, and `retry_window_closed` only after a long wait."""
    assert all(times == 1 for times in line.received.values())
    assert set(result.outcomes) == {recipient.key for recipient in batch.recipients}
    for recipient in batch.recipients:
        outcome = result.outcomes[recipient.key]
        if outcome.outcome == "sent":
            assert line.received[recipient.chat.id] == 1
        elif outcome.reason == "retry_window_closed":
            assert waited
        else:
            assert outcome.reason == refused
            assert recipient.chat.id in bad_ids
            assert line.received[recipient.chat.id] == 0


def assert_at_most_once_and_all(result: BatchResult, batch: Batch, messenger: ForgetfulMessenger) -> None:
    """No one got it twice; everyone has an outcome, and only `unknown` may be either way."""
    assert all(times == 1 for times in messenger.received.values())
    assert set(result.outcomes) == {recipient.key for recipient in batch.recipients}
    for recipient in batch.recipients:
        outcome = result.outcomes[recipient.key]
        if outcome.outcome == "sent":
            assert messenger.received[recipient.chat.id] == 1
        elif outcome.outcome == "unknown":
            assert outcome.reason == "fate_unknown"
        else:
            assert outcome.reason == "invalid_user_id"
            assert recipient.chat.id in messenger.bad_ids
            assert messenger.received[recipient.chat.id] == 0


def repeat_until_settled(rig: BatchSenderRig, batch: Batch, content: Text, pauses_s: list[float]) -> BatchResult:
    for repeat in range(PATIENCE):
        rig.clock.passed_s += pauses_s[repeat] if repeat < len(pauses_s) else 60
        try:
            result = rig.send(batch, content)
        except RetryableError:
            continue
        if rig.open_after(batch) == 0:
            return result
    raise AssertionError("something stays open for ever")
