"""The heart of the project, as properties: whatever is interleaved, killed or answered, nobody gets a message twice, nobody is
lost, and nothing stays open for ever."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairan.delivery.deliverer import Delivered
from kairan.delivery.ledger import DeliveryRecord, Ledger
from kairan.delivery.model import Delivery, DeliveryId
from kairan.errors import RetryableError
from kairan.line.client import Accepted, LineClient, Message, Profile, ValidatedCall
from kairan.line.ids import RetryKey
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.line import FakeLine, people
from tests.fakes.steps import KilledError, Stage
from tests.unit.delivery.deliveries import PERSONAL, SHARED, Office, delivery_to

PATIENCE = 40
"""Repeats until everything must be settled: the worst case is a day of faults, then a working LINE."""


class SteppedLedger:
    """A process can be stopped before a write reaches the store, and after it did."""

    def __init__(self, ledger: Ledger, stage: Stage) -> None:
        self._ledger = ledger
        self._stage = stage

    def load(self, delivery_id: DeliveryId) -> DeliveryRecord | None:
        self._stage.step()
        return self._ledger.load(delivery_id)

    def save(self, record: DeliveryRecord, *, writer: str) -> None:
        self._stage.step()
        self._ledger.save(record, writer=writer)
        self._stage.step()


class SteppedLine:
    """A process can be stopped before a request reaches LINE, and after LINE took it."""

    def __init__(self, line: LineClient, stage: Stage) -> None:
        self._line = line
        self._stage = stage

    def push(
        self,
        to: str,
        messages: Sequence[Message],
        *,
        retry_key: RetryKey,
        notification_disabled: bool = False,
        timeout_s: float = 10,
    ) -> Accepted:
        self._stage.step()
        accepted = self._line.push(to, messages, retry_key=retry_key)
        self._stage.step()
        return accepted

    def multicast(
        self,
        to: Sequence[str],
        messages: Sequence[Message],
        *,
        retry_key: RetryKey,
        notification_disabled: bool = False,
        timeout_s: float = 10,
    ) -> Accepted:
        self._stage.step()
        accepted = self._line.multicast(to, messages, retry_key=retry_key)
        self._stage.step()
        return accepted

    def reply(self, reply_token: str, messages: Sequence[Message], *, notification_disabled: bool = False) -> Accepted:
        return self._line.reply(reply_token, messages)

    def validate(self, call: ValidatedCall, messages: Sequence[Message]) -> None:
        self._line.validate(call, messages)

    def profile(self, user_id: str) -> Profile | None:
        return self._line.profile(user_id)


ONE_ANSWER = ["ok", "ok", "lost_before", "lost_after", "rate", "quota", "unauthorized"]
ANSWERS = st.lists(st.sampled_from(ONE_ANSWER), max_size=14)
KILLS = st.one_of(st.none(), st.integers(1, 25))
PAUSES_S = st.sampled_from([60.0, 3600.0, 23.5 * 3600, 30 * 3600.0])


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
def test_nobody_gets_it_twice_nobody_is_lost_and_nothing_stays_open(
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
    office = Office(SteppedLine(line, stage), clock, SteppedLedger(FakeLedger(), stage))
    delivery, message = delivery_to(everyone), PERSONAL if personal else SHARED
    turns = iter(range(10_000))

    def freeze() -> None:
        if next(turns) in freezes:
            clock.passed_s += 90

    raised = stage.play([lambda: office.deliver(delivery, message)] * 2, order, killed_at, freeze)
    assert all(error is None or isinstance(error, KilledError | RetryableError) for error in raised), raised
    delivered = repeat_until_settled(office, delivery, message, clock, pauses_s)

    waited = any(pause_s > 23 * 3600 for pause_s in pauses_s)
    assert_once_and_all(delivered, delivery, line, bad_ids, named=named, waited=waited)


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
    clock = FakeClock()
    everyone = people(number)
    bad_ids = [person for place, person in enumerate(everyone) if place in bad]
    line = FakeLine(clock, answers=answers, bad_ids=bad_ids, names_bad_ids=named)  # type: ignore[arg-type]
    stage = KillingStage(killed_at)
    office = Office(SteppedLine(line, stage), clock, connections=connections)
    delivery = delivery_to(everyone)

    with suppress(KilledError, RetryableError):
        office.deliver(delivery, PERSONAL)
    stage.killed_at = None
    delivered = repeat_until_settled(office, delivery, PERSONAL, clock, pauses_s)

    waited = any(pause_s > 23 * 3600 for pause_s in pauses_s)
    assert_once_and_all(delivered, delivery, line, bad_ids, named=named, waited=waited)


class KillingStage(Stage):
    """Any thread's step number `killed_at` is its invocation's last."""

    def __init__(self, killed_at: int | None) -> None:
        super().__init__()
        self._steps = count(1)
        self.killed_at = killed_at

    def step(self) -> None:
        if next(self._steps) == self.killed_at:
            raise KilledError


def assert_once_and_all(
    delivered: Delivered, delivery: Delivery, line: FakeLine, bad_ids: Sequence[str], *, named: bool, waited: bool
) -> None:
    """Nobody got it twice; everybody has an outcome, which is true, and `retry_window_closed` only after a long wait."""
    assert all(times == 1 for times in line.received.values())
    assert set(delivered.outcomes) == {recipient.endpoint_id for recipient in delivery.recipients}
    for recipient in delivery.recipients:
        outcome = delivered.outcomes[recipient.endpoint_id]
        if outcome.outcome == "sent":
            assert line.received[recipient.user_id] == 1
        elif recipient.user_id in bad_ids:
            refused = {"invalid_user_id"} if named else {"invalid_user_id", "line_rejected"}
            assert outcome.reason in (refused | {"retry_window_closed"} if waited else refused)
            assert outcome.reason == "retry_window_closed" or line.received[recipient.user_id] == 0
        else:
            assert outcome.reason == "retry_window_closed"
            assert waited


def repeat_until_settled(office: Office, delivery, message, clock: FakeClock, pauses_s: list[float]) -> Delivered:  # type: ignore[no-untyped-def]
    for repeat in range(PATIENCE):
        clock.passed_s += pauses_s[repeat] if repeat < len(pauses_s) else 60
        try:
            delivered = office.deliver(delivery, message)
        except RetryableError:
            continue
        if office.open_after(delivery) == 0:
            return delivered
    raise AssertionError("something stays open for ever")
