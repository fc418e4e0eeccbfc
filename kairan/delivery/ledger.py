"""The ledger: what was planned for a delivery, and what became of every request to LINE. It makes a delivery exactly-once.

One record per delivery, one entry per request (a multicast to many, a push to one):

                       ┌───────────── certainly not accepted (429, no time left) ──────────────┐
                       ▼                                                                       │
    plan ──────▶ PLANNED ──── lease taken, written before the first byte is sent ────▶ OPEN ───┤
                       ▲                                                               │ │ │ │ │
                       │ smaller requests, written before they are sent                │ │ │ └─┘
                       └────────── LINE named or hid an id it refuses (400) ───────────┘ │ │
                                                                                         │ ├─▶ SENT           200, or 409: accepted before
                                   unknown fate, 23 hours after the first attempt        │ └─▶ FAILED         LINE refused it (4xx)
                                                                                         └───▶ WINDOW_CLOSED  nobody will ever know; not sent again

What holds, whatever is repeated, killed or interleaved:

- A request is OPEN in the store before it goes out, so a record that says PLANNED was certainly not accepted.
- The retry key of a request is derived from the delivery and its recipients, so an OPEN request is sent again under the key
  that LINE remembers (24 hours), and LINE answers 409 if it took it before.
- A request that is cut into smaller ones is cut in the store first. LINE refused the whole, so nobody got it.
- Every write is conditional on the version that was read. Of two invocations one takes the lease; the other raises
  DeliveryInProgressError. An invocation that outlived its lease cannot write any more, and what it still sends goes under the same keys.
- A request of unknown fate is closed while LINE still remembers its key, never sent under a key that LINE forgot.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, Protocol

from kairan.delivery.identity import retry_key
from kairan.delivery.model import DeliveryId, Outcome, Refusal
from kairan.errors import DeliveryInProgressError
from kairan.line.client import Message
from kairan.line.ids import RetryKey, UserId

RETRY_WINDOW = timedelta(hours=23)
"""LINE remembers a retry key for 24 hours ("Retry failed API requests"); an hour is left for clocks and slow requests."""

MONTHLY_QUOTA = "monthly_quota"
WINDOW_CLOSED_REASON = "retry_window_closed"


class State(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    SENT = "sent"
    FAILED = "failed"
    WINDOW_CLOSED = "window_closed"


UNSETTLED = frozenset({State.PLANNED, State.OPEN})


@dataclass(frozen=True)
class LineRequest:
    """One request to LINE. `reason` is why it failed, or why it is still unsettled; `uncertain` (OPEN only): LINE may have accepted it.
    `sent_messages` and `refusal` are what LINE answered."""

    recipients: tuple[UserId, ...]
    state: State = State.PLANNED
    first_attempt_at: datetime | None = None
    request_id: str | None = None
    reason: str | None = None
    uncertain: bool = False
    sent_messages: tuple[Mapping[str, str], ...] = ()
    refusal: Refusal | None = None


@dataclass
class DeliveryRecord:
    """A delivery's entry in the ledger. `people` are (endpoint id, user id) in order; `settled` are outcomes that needed no LINE.

    `messages` are the shared message objects: final for a multicast, with placeholders for a push.
    """

    delivery_id: DeliveryId
    fingerprint: str
    mode: Literal["multicast", "push"]
    messages: tuple[Message, ...]
    notification_disabled: bool
    people: tuple[tuple[str, UserId], ...]
    settled: dict[str, Outcome] = field(default_factory=dict)
    requests: dict[RetryKey, LineRequest] = field(default_factory=dict)
    version: int = 0
    lease_until: datetime | None = None

    def plan(
        self, groups: Iterable[Sequence[UserId]], *, state: State = State.PLANNED, at: datetime | None = None
    ) -> list[RetryKey]:
        """Add a request for each group of recipients; answers their keys."""
        keys = []
        for group in groups:
            key = retry_key(self.delivery_id, group)
            self.requests[key] = LineRequest(tuple(group), state, first_attempt_at=at)
            keys.append(key)
        return keys

    def take_lease(self, now: datetime, until: datetime) -> None:
        """Close what is too old to repeat and open the rest. Raises DeliveryInProgressError while another's lease lives."""
        if self.lease_until is not None and now < self.lease_until:
            raise DeliveryInProgressError(
                f"delivery {self.delivery_id} is under way until {self.lease_until.isoformat()}"
            )
        self.lease_until = until
        for key, request in self.requests.items():
            if request.state is State.OPEN and _window_closed(request, now):
                self.requests[key] = replace(request, state=State.WINDOW_CLOSED, reason=WINDOW_CLOSED_REASON)
            elif request.state is State.OPEN:
                self.requests[key] = replace(request, reason=None, uncertain=True)
            elif request.state is State.PLANNED:
                self.requests[key] = replace(request, state=State.OPEN, first_attempt_at=now, reason=None)

    def accept(self, key: RetryKey, request_id: str, sent_messages: tuple[Mapping[str, str], ...] = ()) -> None:
        """What LINE says of each message is kept for one chat only: of a batch it would be most of the record, for nobody."""
        kept = sent_messages if len(self.people) == 1 else ()
        self.requests[key] = replace(
            self._open(key), state=State.SENT, request_id=request_id, reason=None, sent_messages=kept
        )

    def refuse(self, key: RetryKey, reason: str, request_id: str | None = None, refusal: Refusal | None = None) -> None:
        self.requests[key] = replace(
            self._open(key), state=State.FAILED, reason=reason, request_id=request_id, refusal=refusal
        )

    def leave(self, key: RetryKey, *, uncertain: bool, reason: str | None = None) -> None:
        """Still unsettled. `uncertain`: an attempt of now may have been accepted; earlier ones keep their doubt."""
        request = self._open(key)
        self.requests[key] = replace(request, uncertain=request.uncertain or uncertain, reason=reason)

    def split(self, key: RetryKey, groups: Iterable[Sequence[UserId]], now: datetime) -> list[RetryKey]:
        """LINE refused the whole: replace it by open requests for `groups`. The record must be saved before they are sent."""
        self._open(key)
        del self.requests[key]
        return self.plan(groups, state=State.OPEN, at=now)

    def release(self) -> None:
        """Give the lease back; what was certainly not accepted is as if it had never been tried."""
        self.lease_until = None
        for key, request in self.requests.items():
            if request.state is State.OPEN and not request.uncertain:
                self.requests[key] = replace(request, state=State.PLANNED, first_attempt_at=None)

    def unsettled(self) -> list[RetryKey]:
        return [key for key, request in self.requests.items() if request.state in UNSETTLED]

    def outcomes(self) -> dict[str, Outcome]:
        """By endpoint id. Missing from it: who is still unsettled, unless the monthly quota is the reason."""
        by_user: dict[UserId, Outcome] = {}
        for request in self.requests.values():
            if (outcome := _outcome(request)) is not None:
                by_user.update(dict.fromkeys(request.recipients, outcome))
        sent = {endpoint_id: by_user[user_id] for endpoint_id, user_id in self.people if user_id in by_user}
        return self.settled | sent

    def _open(self, key: RetryKey) -> LineRequest:
        request = self.requests[key]
        if request.state is not State.OPEN:
            raise AssertionError(f"request {key} is {request.state}, not open")
        return request


def _window_closed(request: LineRequest, now: datetime) -> bool:
    return request.first_attempt_at is not None and now - request.first_attempt_at >= RETRY_WINDOW


def _outcome(request: LineRequest) -> Outcome | None:
    if request.state is State.SENT:
        return Outcome("sent", request_id=request.request_id, sent_messages=request.sent_messages)
    if request.state in UNSETTLED and request.reason != MONTHLY_QUOTA:
        return None
    return Outcome("failed", request.reason, request.request_id, refusal=request.refusal)


class Ledger(Protocol):
    """Where records are kept. Both calls raise StoreUnavailableError when the store fails or throttles."""

    def load(self, delivery_id: DeliveryId) -> DeliveryRecord | None:
        """The latest record, strongly consistent."""

    def save(self, record: DeliveryRecord, *, writer: str) -> None:
        """Write over the version that was read (0: there must be none yet) and count `record.version` up.

        `writer` names the invocation, so that a write which is repeated after a lost answer still succeeds.
        Raises DeliveryInProgressError when the stored version is another's.
        """


def summary(record: DeliveryRecord) -> Mapping[State, int]:
    """How many people are in each state."""
    counts = dict.fromkeys(State, 0)
    for request in record.requests.values():
        counts[request.state] += len(request.recipients)
    return counts
