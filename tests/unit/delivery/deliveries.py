"""Builds deliveries and what delivers them, for the tests of this folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kairan.delivery.deliverer import Delivered, Deliverer, Pacers
from kairan.delivery.ledger import Ledger
from kairan.delivery.model import Delivery, DeliveryId, Recipient
from kairan.delivery.pacing import Pacer
from kairan.delivery.speaking import Finish, as_composed
from kairan.line.client import LineClient, Message
from kairan.line.ids import UserId
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.line import text

DELIVERY_ID = DeliveryId("0b8e9c1c-5f2f-5b52-9d0e-3a1b7c3b9f11")
SHARED = text("Hello, all")
PERSONAL = text("Hello, {{Attributes.name}}")


def delivery_to(people: Sequence[str], *, data: Any = "a text", **changes: Any) -> Delivery:
    recipients = tuple(
        Recipient(f"endpoint-{place}", UserId(person), {"Attributes": {"name": [f"number {place}"]}})
        for place, person in enumerate(people)
    )
    return Delivery(DELIVERY_ID, data, recipients, **changes)


@dataclass
class Office:
    """A deliverer with everything faked but its own code."""

    line: LineClient
    clock: FakeClock = field(default_factory=FakeClock)
    ledger: Ledger = field(default_factory=FakeLedger)
    connections: int = 1
    per_second: float = 1e9
    waits_for_rates: bool = True

    def deliver(
        self, delivery: Delivery, message: Message, *, remaining_s: float = 50, finish: Finish = as_composed
    ) -> Delivered:
        pacer = Pacer(self.per_second, clock=self.clock)
        deliverer = Deliverer(
            line=self.line,
            ledger=self.ledger,
            pacers=Pacers(pacer, pacer),
            connections=self.connections,
            clock=self.clock,
            waits_for_rates=self.waits_for_rates,
            jitter=lambda: 1.0,
        )
        return deliverer.deliver(delivery, lambda: [message], remaining_s=remaining_s, finish=finish)

    def open_after(self, delivery: Delivery) -> int:
        record = self.ledger.load(delivery.id)
        assert record is not None
        return len(record.unsettled())


def kinds(delivered: Delivered) -> Mapping[str, str]:
    """`sent`, or the reason, by endpoint id."""
    return {endpoint_id: outcome.reason or outcome.outcome for endpoint_id, outcome in delivered.outcomes.items()}
