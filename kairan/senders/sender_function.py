"""What every sender function does: it reads an event in the caller's form, sends, and answers in that form."""

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any

from kairan.callers.call import Call, CallerSettings, read_call
from kairan.composing.composer import Composer
from kairan.composing.read_data import Sources
from kairan.contract import Metric, Sender
from kairan.errors import QuotaReachedError, RejectedError, RetryableError
from kairan.observability import count, logger
from kairan.senders.failures import SendFailures
from kairan.sending.batch import Batch
from kairan.sending.batch_sender import BatchResult, BatchSender
from kairan.sending.counting import count_cause, count_outcomes
from kairan.sending.outcome import Outcome
from kairan.sending.rehearsal import rehearse

SENDING_RESERVE_S = 10.0
"""Speaking leaves this much of the function's time for the requests to the messenger."""


QUOTA_REACHED = "LINE's monthly message limit is reached; redrive after raising it, or next month"


class _Parking:
    """Parks the event of a call at most once: several of its batches may stop at the same moment."""

    def __init__(self, park: Callable[[RejectedError], None]) -> None:
        self._park = park
        self._lock = Lock()
        self._is_parked = False

    def __call__(self, error: RejectedError) -> None:
        with self._lock:
            if not self._is_parked:
                self._park(error)
                self._is_parked = True


class SenderFunction:
    """One sender. `kairan.observability.observed` wraps it.

    - `sources`: what it makes content with
    - `callers`: what it needs to read events
    - `failures`: the store for batches that the monthly quota stopped, or that the messenger refused for everyone
    - `connections`: how many batches of one person each are under way at once; more would wait for connections
    """

    def __init__(
        self,
        sender: Sender,
        *,
        batch_sender: BatchSender,
        sources: Sources,
        callers: CallerSettings,
        failures: SendFailures,
        connections: int,
    ) -> None:
        self._sender = sender
        self._batch_sender = batch_sender
        self._sources = sources
        self._callers = callers
        self._failures = failures
        self._connections = connections

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answers in the caller's form.

        Raises RejectedError when the event is wrong as a whole: then nothing was sent. Raises RetryableError once
        everything that could be sent was sent.
        """
        call = read_call(self._sender, event, request_id=context.aws_request_id, settings=self._callers)
        composer = self._composer(context)
        if call.dry_run:
            return call.answer(self._rehearse(call, composer))
        parking = _Parking(partial(self._park, call, context))
        results = self._send_all(call, composer, context, parking)
        outcomes: dict[str, Outcome] = {}
        new_outcomes: dict[str, Outcome] = {}
        for result in results:
            outcomes.update(result.outcomes)
            new_outcomes.update(result.new_outcomes)
        self._report(call, new_outcomes)
        for result in results:
            if result.quota_reached:
                parking(QuotaReachedError(QUOTA_REACHED))
        pending_errors = [result.pending_error for result in results if result.pending_error is not None]
        if pending_errors:
            count_cause(pending_errors[0])
            raise pending_errors[0]
        count_outcomes(call.left_out)
        return call.answer(outcomes)

    def _composer(self, context: Any) -> Composer:
        remaining_s = context.get_remaining_time_in_millis() / 1000
        speak_until = self._batch_sender.clock.monotonic() + remaining_s - SENDING_RESERVE_S
        return Composer(self._sender, self._sources, speak_until=speak_until)

    def _rehearse(self, call: Call, composer: Composer) -> Mapping[str, Outcome]:
        outcomes: dict[str, Outcome] = {}
        for batch in call.batches:
            outcomes.update(rehearse(batch, composer, self._sources.messenger))
        return outcomes

    def _send_all(self, call: Call, composer: Composer, context: Any, parking: "_Parking") -> list[BatchResult]:
        send = partial(self._send, composer=composer, context=context, parking=parking)
        if len(call.batches) <= 1:
            return [send(batch) for batch in call.batches]
        with ThreadPoolExecutor(self._connections, thread_name_prefix="batch") as pool:
            return list(pool.map(send, call.batches))

    def _send(self, batch: Batch, *, composer: Composer, context: Any, parking: "_Parking") -> BatchResult:
        """An error of one batch among many stays with that batch; the others go on."""
        remaining_s = context.get_remaining_time_in_millis() / 1000
        try:
            return self._batch_sender.send(batch, composer, remaining_s=remaining_s, on_refusal=parking)
        except RejectedError as error:
            if not batch.one_request_each:
                raise
            failed = {recipient.key: Outcome("failed", error.code) for recipient in batch.recipients}
            return BatchResult(failed, failed)
        except RetryableError as error:
            return BatchResult({}, pending_error=error)

    def _report(self, call: Call, new_outcomes: Mapping[str, Outcome]) -> None:
        """A repeat reports new outcomes alone, so that no person is counted twice."""
        numbers = count_outcomes(new_outcomes)
        logger.info(
            "sent",
            batches=[batch.id for batch in call.batches][:10],
            sent=numbers["sent"],
            skipped=numbers["skipped"],
            failed=numbers["failed"],
            unknown=numbers["unknown"],
            reasons=Counter(outcome.reason for outcome in new_outcomes.values() if outcome.reason),
        )

    def _park(self, call: Call, context: Any, error: RejectedError) -> None:
        if isinstance(error, QuotaReachedError):
            count(Metric.MONTHLY_QUOTA_REACHED)
        else:
            count(Metric.BATCHES_REFUSED)
        self._failures.park(
            call.repeatable_event,
            request_id=context.aws_request_id,
            function_arn=context.invoked_function_arn,
            error=error,
        )
