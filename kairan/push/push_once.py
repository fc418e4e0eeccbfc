"""One push: a batch to one chat, named by the caller's key, and sent once however often the call is repeated.

`kairan.sending` makes it exactly-once: a repeat follows the ledger. This module adds what a waiting caller needs: a
second call waits for the first one, and files that certainly reach no one are removed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from kairan.clock import Clock
from kairan.content import Content
from kairan.contract import Metric
from kairan.errors import (
    BatchInProgressError,
    QuotaReachedError,
    RejectedError,
    RetryWindowClosedError,
    UnavailableError,
)
from kairan.messengers.port import Refused
from kairan.observability import count
from kairan.people import ChatId
from kairan.push.push_contents import PushContent
from kairan.push.push_files import PushFiles
from kairan.sending.batch import Batch, BatchId, Recipient
from kairan.sending.batch_sender import BatchResult
from kairan.sending.counting import count_cause, count_outcomes
from kairan.sending.outcome import Outcome
from kairan.sending.planning import Composer

WAIT_S = 10.0
"""A call waits this long for another one under the same key."""
LOOK_EVERY_S = 0.25
ANSWER_RESERVE_S = 6.0
"""The wait leaves this much of the function's time, to send what the other call left open or to answer that it runs."""


class BatchSender(Protocol):
    """`kairan.sending.batch_sender.BatchSender`, as far as a push needs it."""

    def send(self, batch: Batch, composer: Composer, *, remaining_s: float) -> BatchResult: ...


@dataclass(frozen=True)
class Pushed:
    """The messenger accepted the push: `content` as recorded, and `outcome` with the messenger's ids."""

    content: Content
    outcome: Outcome


class PushOnce:
    def __init__(self, *, batch_sender: BatchSender, clock: Clock) -> None:
        self._batch_sender = batch_sender
        self._clock = clock

    def push(
        self,
        content: PushContent,
        chat: ChatId,
        *,
        batch_id: BatchId,
        route: str,
        assume_new: bool,
        remaining_s: Callable[[], float],
    ) -> Pushed:
        """Sends the push, or answers what an earlier call under the same id sent.

        - `route`: a repeat must come by the same route
        - `assume_new`: the id was just made

        Raises the error that kept the push from being sent, or that left its fate unknown.
        """
        batch = Batch(
            batch_id,
            {"route": route, **content.data},
            (Recipient(chat.id, chat),),
            silent=content.silent,
            id_covers_content=False,
            one_request_each=True,
            has_templates=False,
            assume_new=assume_new,
        )
        files = PushFiles(batch_id)
        try:
            result = self._send(batch, content, files, remaining_s)
        except RejectedError:  # the ledger has nothing of this call
            files.remove()
            raise
        outcome = result.outcomes.get(chat.id)
        count_outcomes(result.new_outcomes)
        count(Metric.MONTHLY_QUOTA_REACHED, int(result.quota_reached))
        count_cause(result.pending_error)
        files.remove(unless_in=() if outcome is not None and outcome.refusal is not None else result.content)
        if outcome is None or outcome.outcome != "sent":
            raise _cause(result, outcome)
        return Pushed(result.content, outcome)

    def _send(
        self, batch: Batch, content: PushContent, files: PushFiles, remaining_s: Callable[[], float]
    ) -> BatchResult:
        composer = _PushComposer(content, files)
        patience_ends: float | None = None
        attempt = replace(batch, assume_new=True) if content.is_cheap else batch
        while True:
            try:
                return self._batch_sender.send(attempt, composer, remaining_s=remaining_s())
            except BatchInProgressError:
                if attempt.assume_new and not batch.assume_new:  # most keys are new, so the first attempt saved a read
                    attempt = batch
                    continue
                now = self._clock.monotonic()
                if patience_ends is None:
                    patience_ends = now + min(WAIT_S, remaining_s() - ANSWER_RESERVE_S)
                if now + LOOK_EVERY_S > patience_ends:
                    raise
                self._clock.sleep(LOOK_EVERY_S)
                attempt = replace(batch, assume_new=False)


class _PushComposer:
    def __init__(self, content: PushContent, files: PushFiles) -> None:
        self._content = content
        self._files = files

    def compose(self, _: Any) -> Content:
        try:
            return self._content.make(self._files)
        except Exception:
            self._files.remove()
            raise

    def complete(self, content: Content) -> Content:
        """A push has no placeholders, and `make` has spoken already."""
        return content


def _cause(result: BatchResult, outcome: Outcome | None) -> Exception:
    if result.quota_reached:
        return QuotaReachedError("LINE's monthly message limit is reached; raise it, or wait for the next month")
    if outcome is None:
        return result.pending_error or UnavailableError("the fate of the request is unknown")
    if outcome.refusal is not None:
        return Refused(outcome.refusal)
    return RetryWindowClosedError(
        "it is unknown whether LINE took this push, and its key is too old to ask again; send it under a new key"
    )
