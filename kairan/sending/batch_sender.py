"""One batch from beginning to end: the plan, the lease, the requests, the outcomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from kairan.content import Content
from kairan.errors import KeyReusedError, OutOfTimeError, QuotaReachedError, RejectedError, RetryableError
from kairan.messengers.port import Refused
from kairan.reasons import Reason
from kairan.sending.batch import Batch
from kairan.sending.dispatch import SHORTEST_REQUEST_S, Dispatcher
from kairan.sending.ledger import BatchRecord, Ledger
from kairan.sending.outcome import Outcome
from kairan.sending.planning import Composer, absent_from, content_for, fingerprint, plan

LEASE_SLACK = timedelta(seconds=5)
"""The lease outlives the invocation by this much: clocks differ a little."""
SAVE_RESERVE_S = 4.0
"""The last write to the ledger and the answer get this much of the function's time."""


@dataclass(frozen=True)
class BatchResult:
    """A batch after one invocation.

    - `outcomes`: by recipient key; recipients without an outcome are missing
    - `new_outcomes`: those of them that this invocation added
    - `pending_error`: why some recipients have no outcome yet
    - `stopped_by`: what stopped the batch for everyone: the messenger's monthly limit, or a refusal that blames no one
    - `content`: the content in the ledger's record
    """

    outcomes: Mapping[str, Outcome]
    new_outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    pending_error: RetryableError | None = None
    stopped_by: RejectedError | None = None
    content: Content = ()

    @property
    def quota_reached(self) -> bool:
        return isinstance(self.stopped_by, QuotaReachedError)


class BatchSender:
    def __init__(self, dispatcher: Dispatcher, *, ledger: Ledger) -> None:
        self._dispatcher = dispatcher
        self._messenger = dispatcher.messenger
        self.clock = dispatcher.clock
        self._ledger = ledger

    def send(
        self,
        batch: Batch,
        composer: Composer,
        *,
        remaining_s: float,
        on_refusal: Callable[[RejectedError], None] = lambda _: None,
    ) -> BatchResult:
        """Sends what is still open of a batch. A repeat sends nothing twice.

        - `composer` makes the content if the batch has no plan yet
        - `remaining_s` is the function's remaining time
        - `on_refusal` is called before the ledger settles a refusal that blames no one. If it fails, a repeat tries the
          requests again, under the same keys.

        Raises BatchInProgressError, KeyReusedError, OutOfTimeError, StoreUnavailableError, and the composer's errors.
        """
        writer = str(uuid4())
        deadline = self.clock.monotonic() + remaining_s - SAVE_RESERVE_S
        lease_until = self.clock.now() + timedelta(seconds=remaining_s) + LEASE_SLACK
        if remaining_s < SAVE_RESERVE_S + SHORTEST_REQUEST_S:
            raise OutOfTimeError("too little of the function's time is left to begin a batch")
        record = self._record_of(batch, composer)
        before = record.outcomes() if record.version else {}
        if batch.reopen:
            record.reopen_refused()
        if not record.unsettled() and record.version:
            return BatchResult(_outcomes(record, batch), content=record.content)
        record.withdraw(absent_from(batch, record), Reason.WITHDRAWN)
        record.take_lease(self.clock.now(), lease_until, key_memory=self._dispatcher.key_memory)
        self._ledger.save(record, writer=writer)
        dispatched = self._dispatcher.dispatch(
            record,
            content_for(record, batch, composer, self._messenger),
            save=lambda: self._ledger.save(record, writer=writer),
            deadline=deadline,
        )
        if isinstance(dispatched.stopped_by, Refused):
            on_refusal(dispatched.stopped_by)
        record.release()
        self._ledger.save(record, writer=writer)
        outcomes = _outcomes(record, batch)
        return BatchResult(
            outcomes,
            {key: outcome for key, outcome in outcomes.items() if before.get(key) != outcome} if before else outcomes,
            dispatched.pending_error,
            dispatched.stopped_by,
            record.content,
        )

    def _record_of(self, batch: Batch, composer: Composer) -> BatchRecord:
        """The ledger's record, or a new plan."""
        record = None if batch.assume_new else self._ledger.load(batch.id) or self._former_record_of(batch)
        if record is None:
            return plan(batch, composer, self._messenger)
        if not batch.id_covers_content and record.fingerprint != fingerprint(batch):
            raise KeyReusedError("the key names an earlier batch with other content or recipients; use a new one")
        return record

    def _former_record_of(self, batch: Batch) -> BatchRecord | None:
        """The record under the former id, if it is of the same person."""
        record = self._ledger.load(batch.former_id) if batch.former_id else None
        if record is None or [chat for _, chat in record.people] != [each.chat for each in batch.recipients]:
            return None
        record.people = tuple((recipient.key, recipient.chat) for recipient in batch.recipients)
        return record


def _outcomes(record: BatchRecord, batch: Batch) -> dict[str, Outcome]:
    """The record's outcomes. A repeat follows the plan alone, so a recipient who is not in it is not sent to: one who
    withdrew an opt-out, or a profile under another's token."""
    planned = {key for key, _ in record.people}
    unplanned = {recipient.key for recipient in batch.recipients if recipient.key not in planned}
    return record.outcomes() | dict.fromkeys(unplanned, Outcome("skipped", Reason.NOT_PLANNED))
