"""One delivery from beginning to end: the plan, the lease, the requests, the outcomes."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from kairan.clock import Clock
from kairan.delivery.ledger import DeliveryRecord, Ledger
from kairan.delivery.model import Delivery, Outcome
from kairan.delivery.pacing import Pacer
from kairan.delivery.planning import contents_of, fingerprint, plan
from kairan.delivery.sending import SHORTEST_REQUEST_S, Dispatch
from kairan.delivery.speaking import Finish, as_composed
from kairan.errors import KeyReusedError, OutOfTimeError, RetryableError
from kairan.line.client import LineClient, Message

LEASE_SLACK = timedelta(seconds=5)
"""The lease outlives the invocation by this much: clocks differ a little."""
NOT_PLANNED = "not_planned"
SAVE_RESERVE_S = 4.0
"""Kept of the function's time for the last write to the ledger and the answer."""


@dataclass(frozen=True)
class Delivered:
    """`outcomes` has all that is known, `news` what was not known before this invocation. `open_because` says why some recipients
    have no outcome yet; `quota_reached` that LINE's monthly limit stopped the batch. `messages` are those of the ledger's record."""

    outcomes: Mapping[str, Outcome]
    news: Mapping[str, Outcome] = field(default_factory=dict)
    open_because: RetryableError | None = None
    quota_reached: bool = False
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True)
class Pacers:
    """The shares of LINE's rates ("Rate limits") that this process keeps to."""

    multicast: Pacer
    push: Pacer


class Deliverer:
    """`connections` is how many pushes are under way at once. With `waits_for_rates` a request that LINE refuses for its rate (429) is
    repeated after a while; without, it is left open at once."""

    def __init__(
        self,
        *,
        line: LineClient,
        ledger: Ledger,
        pacers: Pacers,
        connections: int,
        clock: Clock,
        waits_for_rates: bool = True,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._line = line
        self._ledger = ledger
        self._pacers = pacers
        self._connections = connections
        self._clock = clock
        self._waits_for_rates = waits_for_rates
        self._jitter = jitter

    def deliver(
        self,
        delivery: Delivery,
        compose: Callable[[], Sequence[Message]],
        *,
        remaining_s: float,
        finish: Finish = as_composed,
    ) -> Delivered:
        """Send what is still open of a delivery; a repeat sends nothing twice.

        `compose` makes the message objects; it is called for a delivery that was never planned. `finish` speaks what could not be
        spoken before it was rendered. `remaining_s` is the time the function has left. Raises DeliveryInProgressError,
        KeyReusedError, OutOfTimeError, StoreUnavailableError, and what `compose` and `finish` raise.
        """
        writer = str(uuid4())
        deadline = self._clock.monotonic() + remaining_s - SAVE_RESERVE_S
        lease_until = self._clock.now() + timedelta(seconds=remaining_s) + LEASE_SLACK
        if remaining_s < SAVE_RESERVE_S + SHORTEST_REQUEST_S:
            raise OutOfTimeError("too little of the function's time is left to begin a delivery")
        record = None if delivery.minted else self._ledger.load(delivery.id)
        if record is None:
            record = plan(delivery, compose(), finish)
        elif delivery.named_by_caller and record.fingerprint != fingerprint(delivery):
            raise KeyReusedError("the key names an earlier delivery with other content or recipients; use a new one")
        if not record.unsettled() and record.version:
            return Delivered(_outcomes(record, delivery), messages=record.messages)
        known = record.outcomes() if record.version else {}
        record.take_lease(self._clock.now(), lease_until)
        self._ledger.save(record, writer=writer)
        dispatch = self._dispatch(record, delivery, writer, deadline, finish)
        dispatch.run()
        record.release()
        self._ledger.save(record, writer=writer)
        outcomes = _outcomes(record, delivery)
        news = {e: outcome for e, outcome in outcomes.items() if known.get(e) != outcome} if known else outcomes
        return Delivered(outcomes, news, dispatch.open_because, dispatch.quota_reached, record.messages)

    def _dispatch(
        self, record: DeliveryRecord, delivery: Delivery, writer: str, deadline: float, finish: Finish
    ) -> Dispatch:
        return Dispatch(
            record,
            line=self._line,
            contents=contents_of(record, delivery, finish),
            save=lambda: self._ledger.save(record, writer=writer),
            pacer=self._pacers.multicast if record.mode == "multicast" else self._pacers.push,
            connections=self._connections,
            clock=self._clock,
            deadline=deadline,
            waits_for_rates=self._waits_for_rates,
            jitter=self._jitter,
        )


def _outcomes(record: DeliveryRecord, delivery: Delivery) -> dict[str, Outcome]:
    """The ledger's. A repeat follows the plan and nothing else: whoever is not in it (an opt-out that was taken back, a profile
    under another's token) is not sent to."""
    planned = {endpoint_id for endpoint_id, _ in record.people}
    unplanned = {r.endpoint_id for r in delivery.recipients if r.endpoint_id not in planned}
    return record.outcomes() | dict.fromkeys(unplanned, Outcome("skipped", NOT_PLANNED))
