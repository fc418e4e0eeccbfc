"""The ledger: the plan of each batch, and the fate of every request to the messenger. It makes a batch exactly-once.

There is one record per batch, with one entry per request (to many people at once, or to one):

                ┌───── certainly not accepted (429, no time left) ─────┐
                ▼                                                      │
    plan ──▶ PLANNED ──── opened: saved before it is sent ──────────▶ OPEN ◀─┐
                ▲                                                      │     │ refused for some of its people:
                │ a redrive                                            ├─────┘ cut into smaller ones, saved first
                │                                                      │
        FAILED  ┘        refused  ◀────────────────────────────────────┤
        SENT             accepted, now or before  ◀────────────────────┤
        WINDOW_CLOSED    fate unknown, and the key is forgotten soon ◀─┤
        UNKNOWN          fate unknown, and keys are not remembered  ◀──┘

These rules hold even if invocations are repeated, killed or interleaved:

- A request is OPEN in the store before it goes out, so a PLANNED request was certainly not accepted.
- A request's key is derived from the batch, the recipients and a generation. An OPEN request is sent again under the
  key that the messenger remembers (LINE: 24 hours), and the messenger answers if it took the request before.
- A request that goes back to PLANNED gets the key of the next generation. So the messenger's memory of a key, which
  begins with its first use, is never longer than the ledger's.
- A redrive reopens only what the messenger refused for everyone: no one got it.
- A request is cut into smaller ones in the store first. The messenger refused the whole, so no one got it.
- Every write is conditional on the version that was read. One of two invocations takes the lease; the other raises
  BatchInProgressError. An invocation that outlives its lease can no longer write, and it still sends under the same
  keys.
- A request of unknown fate is closed while the messenger still remembers its key, and never sent after that.
- A messenger that remembers no keys (`Capabilities.remembers_key_for`) gets each request at most once. A request of
  unknown fate is closed at once. Only requests that are being sent are OPEN, because the fate of an OPEN request stays
  unknown when its invocation dies.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from kairan.content import Content
from kairan.errors import BatchInProgressError
from kairan.messengers.port import Accepted, Mode, Refusal, RequestKey
from kairan.people import ChatId
from kairan.reasons import Reason
from kairan.sending.batch import BatchId
from kairan.sending.identity import request_key
from kairan.sending.outcome import Outcome

WINDOW_MARGIN = timedelta(hours=1)
"""A request is closed this long before the messenger forgets its key: clocks differ, and requests may be slow."""


class State(StrEnum):
    PLANNED = "planned"
    OPEN = "open"
    SENT = "sent"
    FAILED = "failed"
    WINDOW_CLOSED = "window_closed"
    UNKNOWN = "unknown"


UNSETTLED = frozenset({State.PLANNED, State.OPEN})


@dataclass(frozen=True)
class Request:
    """One request to the messenger.

    - `request_id`: the messenger's name for it
    - `reason`: why it failed, or why it is still unsettled
    - `uncertain` (OPEN only): the messenger may have accepted it
    - `sent_messages`, `refusal`: from the messenger's answer
    - `generation`: how many keys were used up before the present one
    """

    recipients: tuple[ChatId, ...]
    state: State = State.PLANNED
    first_attempt_at: datetime | None = None
    request_id: str | None = None
    reason: str | None = None
    uncertain: bool = False
    sent_messages: tuple[Mapping[str, str], ...] = ()
    refusal: Refusal | None = None
    generation: int = 0

    @property
    def is_refused_for_everyone(self) -> bool:
        """The messenger refused the content, or the account's right to send. It blamed no person."""
        return self.state is State.FAILED and self.refusal is not None and self.reason != Reason.INVALID_USER_ID


@dataclass
class BatchRecord:
    """A batch's entry in the ledger.

    - `content`: the content for everyone, with placeholders where it differs between people
    - `people`: (recipient key, chat), in order
    - `settled`: outcomes that needed no messenger
    - `version`: 0 for a record that is not stored yet
    """

    batch_id: BatchId
    fingerprint: str
    mode: Mode
    content: Content
    silent: bool
    people: tuple[tuple[str, ChatId], ...]
    settled: dict[str, Outcome] = field(default_factory=dict)
    requests: dict[RequestKey, Request] = field(default_factory=dict)
    version: int = 0
    lease_until: datetime | None = None

    def plan(
        self, groups: Iterable[Sequence[ChatId]], *, state: State = State.PLANNED, at: datetime | None = None
    ) -> list[RequestKey]:
        """Adds a request for each group of recipients. Returns their keys."""
        keys = []
        for group in groups:
            key = request_key(self.batch_id, group)
            self.requests[key] = Request(tuple(group), state, first_attempt_at=at)
            keys.append(key)
        return keys

    def take_lease(self, now: datetime, until: datetime, *, key_memory: timedelta | None) -> None:
        """Closes requests that can no longer be repeated. Opens the others if the messenger recognises repeats.

        `key_memory` is `Capabilities.remembers_key_for`. Raises BatchInProgressError while another lease is valid.
        """
        if self.lease_until is not None and now < self.lease_until:
            raise BatchInProgressError(f"batch {self.batch_id} is under way until {self.lease_until.isoformat()}")
        self.lease_until = until
        for key, request in self.requests.items():
            if request.state is State.OPEN:
                self.requests[key] = _reopened(request, now, key_memory)
        if key_memory is not None:
            self.open(self.unsettled(), now)

    def open(self, keys: Iterable[RequestKey], now: datetime) -> None:
        """Save the record before sending these requests."""
        for key in keys:
            if (request := self.requests[key]).state is State.PLANNED:
                self.requests[key] = replace(request, state=State.OPEN, first_attempt_at=now, reason=None)

    def accept(self, key: RequestKey, accepted: Accepted) -> None:
        """`sent_messages` are stored for one chat alone: for a batch they would be most of the record."""
        self.requests[key] = replace(
            self._open(key),
            state=State.SENT,
            request_id=accepted.request_id,
            reason=None,
            sent_messages=accepted.sent_messages if len(self.people) == 1 else (),
        )

    def refuse(self, key: RequestKey, reason: str, refusal: Refusal | None = None) -> None:
        self.requests[key] = replace(
            self._open(key),
            state=State.FAILED,
            reason=reason,
            request_id=None if refusal is None else refusal.request_id,
            refusal=refusal,
        )

    def leave(self, key: RequestKey, *, uncertain: bool, reason: str | None = None) -> None:
        """Leaves the request open. `uncertain`: this attempt may have been accepted. Doubt from earlier ones stays."""
        request = self._open(key)
        self.requests[key] = replace(request, uncertain=request.uncertain or uncertain, reason=reason)

    def hold(self, reason: str) -> None:
        """Notes why PLANNED requests wait."""
        for key, request in self.requests.items():
            if request.state is State.PLANNED:
                self.requests[key] = replace(request, reason=reason)

    def give_up(self, key: RequestKey) -> None:
        """Closes a request that the messenger may have accepted, and whose repeat it would not recognise."""
        self.requests[key] = _unknown(self._open(key))

    def split(self, key: RequestKey, groups: Iterable[Sequence[ChatId]], now: datetime) -> list[RequestKey]:
        """Replaces a refused request by open requests for `groups`. Save the record before sending them."""
        self._open(key)
        del self.requests[key]
        return self.plan(groups, state=State.OPEN, at=now)

    def plan_again(self) -> None:
        """Turns OPEN requests that were certainly not accepted back into PLANNED ones."""
        self._plan_again(
            {key for key, request in self.requests.items() if request.state is State.OPEN and not request.uncertain}
        )

    def reopen_refused(self) -> None:
        """Plans again what the messenger refused for everyone: the cause may be gone."""
        self._plan_again({key for key, request in self.requests.items() if request.is_refused_for_everyone})

    def withdraw(self, chats: Collection[ChatId], reason: str) -> None:
        """Settles these people as skipped, where they were certainly not sent to. The others of a request stay."""
        keys = {chat: key for key, chat in self.people}
        for request_key_, request in list(self.requests.items()):
            leaving = [chat for chat in request.recipients if chat in chats]
            if not leaving or request.state is not State.PLANNED:
                continue
            self.settled.update({keys[chat]: Outcome("skipped", reason) for chat in leaving})
            del self.requests[request_key_]
            if staying := [chat for chat in request.recipients if chat not in chats]:
                self.plan([staying])

    def release(self) -> None:
        """Ends the lease."""
        self.lease_until = None
        self.plan_again()

    def has_sent(self) -> bool:
        return any(request.state is State.SENT for request in self.requests.values())

    def unsettled(self) -> list[RequestKey]:
        return [key for key, request in self.requests.items() if request.state in UNSETTLED]

    def outcomes(self) -> dict[str, Outcome]:
        """By recipient key. Unsettled recipients are missing, unless the monthly quota is the reason."""
        by_chat: dict[ChatId, Outcome] = {}
        for request in self.requests.values():
            if (outcome := _outcome(request)) is not None:
                by_chat.update(dict.fromkeys(request.recipients, outcome))
        sent = {key: by_chat[chat] for key, chat in self.people if chat in by_chat}
        return self.settled | sent

    def _plan_again(self, keys: Collection[RequestKey]) -> None:
        """Each gets the key of its next generation, and keeps its place."""
        requests: dict[RequestKey, Request] = {}
        for key, request in self.requests.items():
            if key in keys:
                generation = request.generation + 1
                requests[request_key(self.batch_id, request.recipients, generation=generation)] = Request(
                    request.recipients, reason=request.reason, generation=generation
                )
            else:
                requests[key] = request
        self.requests = requests

    def _open(self, key: RequestKey) -> Request:
        request = self.requests[key]
        if request.state is not State.OPEN:
            raise AssertionError(f"request {key} is {request.state}, not open")
        return request


def _reopened(request: Request, now: datetime, key_memory: timedelta | None) -> Request:
    """An open request of an earlier invocation, whose fate is unknown."""
    if key_memory is None:
        return _unknown(request)
    if request.first_attempt_at is not None and now - request.first_attempt_at >= key_memory - WINDOW_MARGIN:
        return replace(request, state=State.WINDOW_CLOSED, reason=Reason.RETRY_WINDOW_CLOSED)
    return replace(request, reason=None, uncertain=True)


def _unknown(request: Request) -> Request:
    return replace(request, state=State.UNKNOWN, reason=Reason.FATE_UNKNOWN, uncertain=False)


def _outcome(request: Request) -> Outcome | None:
    if request.state is State.SENT:
        return Outcome("sent", request_id=request.request_id, sent_messages=request.sent_messages)
    if request.state is State.UNKNOWN:
        return Outcome("unknown", request.reason)
    if request.state in UNSETTLED and request.reason != Reason.MONTHLY_QUOTA:
        return None
    return Outcome("failed", request.reason, request.request_id, refusal=request.refusal)


class Ledger(Protocol):
    """Stores records. Both calls raise StoreUnavailableError when the store fails or throttles."""

    def load(self, batch_id: BatchId) -> BatchRecord | None:
        """The latest record, strongly consistent."""

    def save(self, record: BatchRecord, *, writer: str) -> None:
        """Replaces the version that was read (0: none may exist yet) and increments `record.version`.

        `writer` names the invocation, so that repeating a write after a lost answer succeeds. Raises
        BatchInProgressError when another invocation has written meanwhile.
        """


def summary(record: BatchRecord) -> Mapping[State, int]:
    """How many people are in each state."""
    counts = dict.fromkeys(State, 0)
    for request in record.requests.values():
        counts[request.state] += len(request.recipients)
    return counts
