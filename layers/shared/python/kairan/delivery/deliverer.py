"""One delivery from beginning to end: the plan, the lease, the requests, the outcomes."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from kairan.clock import Clock
from kairan.delivery.ledger import DeliveryRecord, Ledger
from kairan.delivery.model import Delivery, Outcome
from kairan.delivery.pacing import Pacer
from kairan.delivery.planning import contents_of, fingerprint, plan
from kairan.delivery.sending import SHORTEST_REQUEST_S, Dispatch
from kairan.errors import Fault, InvalidEventError, OutOfTimeError, RetryableError
from kairan.line.client import LineClient, Message

LEASE_SLACK = timedelta(seconds=5)
"""The lease outlives the invocation by this much: clocks differ a little."""
SAVE_RESERVE_S = 4.0
"""Kept of the function's time for the last write to the ledger and the answer."""


@dataclass(frozen=True)
class Delivered:
    """`open_because` says why some recipients have no outcome yet; `quota_reached` that LINE's monthly limit stopped the batch."""

    outcomes: Mapping[str, Outcome]
    open_because: RetryableError | None = None
    quota_reached: bool = False


@dataclass(frozen=True)
class Pacers:
    """The shares of LINE's rates ("Rate limits") that this process keeps to."""

    multicast: Pacer
    push: Pacer


class Deliverer:
    """`connections` is how many pushes are under way at once."""

    def __init__(
        self,
        *,
        line: LineClient,
        ledger: Ledger,
        pacers: Pacers,
        connections: int,
        clock: Clock,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._line = line
        self._ledger = ledger
        self._pacers = pacers
        self._connections = connections
        self._clock = clock
        self._jitter = jitter

    def deliver(self, delivery: Delivery, compose: Callable[[], Sequence[Message]], *, remaining_s: float) -> Delivered:
        """Send what is still open of a delivery; a repeat sends nothing twice.

        `compose` makes the message objects; it is called for a delivery that was never planned. `remaining_s` is the time the
        function has left. Raises DeliveryInProgressError, OutOfTimeError, StoreUnavailableError, and what `compose` raises.
        """
        writer = str(uuid4())
        deadline = self._clock.monotonic() + remaining_s - SAVE_RESERVE_S
        if remaining_s < SAVE_RESERVE_S + SHORTEST_REQUEST_S:
            raise OutOfTimeError("too little of the function's time is left to begin a delivery")
        record = self._ledger.load(delivery.id)
        if record is None:
            record = plan(delivery, compose())
        elif not delivery.always_push and record.fingerprint != fingerprint(delivery):
            raise InvalidEventError(
                [Fault("retry_key", "names an earlier delivery with other content or recipients; use a new one")]
            )
        if not record.unsettled() and record.version:
            return Delivered(record.outcomes())
        now = self._clock.now()
        record.take_lease(now, now + timedelta(seconds=remaining_s) + LEASE_SLACK)
        self._ledger.save(record, writer=writer)
        dispatch = self._dispatch(record, delivery, writer, deadline)
        dispatch.run()
        record.release()
        self._ledger.save(record, writer=writer)
        return Delivered(record.outcomes(), dispatch.open_because, dispatch.quota_reached)

    def _dispatch(self, record: DeliveryRecord, delivery: Delivery, writer: str, deadline: float) -> Dispatch:
        return Dispatch(
            record,
            line=self._line,
            contents=contents_of(record, delivery),
            save=lambda: self._ledger.save(record, writer=writer),
            pacer=self._pacers.multicast if record.mode == "multicast" else self._pacers.push,
            connections=self._connections,
            clock=self._clock,
            deadline=deadline,
            jitter=self._jitter,
        )
