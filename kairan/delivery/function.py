"""What every sender function does with an event: read it in its caller's form, deliver, answer in that form."""

from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from kairan.delivery.callers import Call, CallerSettings, read_call, repeatable
from kairan.delivery.content import compose
from kairan.delivery.deliverer import Delivered, Deliverer
from kairan.delivery.failures import SendFailures
from kairan.delivery.model import Delivery, Outcome, Sender
from kairan.delivery.rehearsal import rehearse
from kairan.delivery.speaking import Finish, Speaker, Voice, as_composed
from kairan.errors import LineUnauthorizedError, MonthlyQuotaError, RateLimitedError, RejectedError, RetryableError
from kairan.line.client import LineClient, Message
from kairan.media.port import Media
from kairan.observability import count, logger

Composer = Callable[[Any], tuple[Message, ...]]
"""`Data` → message objects, with placeholders still in them."""

SENDING_RESERVE_S = 10.0
"""Of the function's time, speaking leaves this much for the requests to LINE."""


class SenderFunction:
    """A sender, to be wrapped in `kairan.observability.observed`. `media` is the sender's own bucket, for those that show or play
    files; `voice` belongs to the one that speaks.

    `connections` is how many deliveries are under way at once when an event is many of one person each: more would wait for one
    another's connections to LINE.
    """

    def __init__(
        self,
        sender: Sender,
        *,
        deliverer: Deliverer,
        line: LineClient,
        failures: SendFailures,
        callers: CallerSettings,
        connections: int,
        media: Media | None = None,
        voice: Voice | None = None,
    ) -> None:
        self._sender = sender
        self._connections = connections
        self._deliverer = deliverer
        self._line = line
        self._failures = failures
        self._callers = callers
        self._media = media
        self._voice = voice

    def __call__(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        """Answers in the caller's form. Raises RejectedError when the event is wrong as a whole (nothing was sent), RetryableError
        after everything that could be sent was sent."""
        call = read_call(self._sender, event, request_id=context.aws_request_id, settings=self._callers)
        if call.dry_run:
            return call.answer(self._rehearse(call, self._speaker(context)))
        results = self._deliver_all(call, context)
        outcomes: dict[str, Outcome] = {}
        news: dict[str, Outcome] = {}
        for result in results:
            outcomes.update(result.outcomes)
            news.update(result.news)
        self._report(call, news)
        if any(result.quota_reached for result in results):
            self._park(event, context)
        still_open = [result.open_because for result in results if result.open_because is not None]
        if still_open:
            _count_cause(still_open[0])
            raise still_open[0]
        _count(call.left_out)
        return call.answer(outcomes)

    def _speaker(self, context: Any) -> Speaker | None:
        if self._voice is None:
            return None
        return self._voice.for_seconds(context.get_remaining_time_in_millis() / 1000 - SENDING_RESERVE_S)

    def _rehearse(self, call: Call, speaker: Speaker | None) -> Mapping[str, Outcome]:
        composed = self._composer(speaker)
        outcomes: dict[str, Outcome] = {}
        for delivery in call.deliveries:
            messages = composed(delivery.data)
            outcomes.update(rehearse(delivery, messages, line=self._line, finish=_finish(speaker)))
        return outcomes

    def _deliver_all(self, call: Call, context: Any) -> list[Delivered]:
        speaker = self._speaker(context)
        deliver = partial(self._deliver, context=context, composed=self._composer(speaker), finish=_finish(speaker))
        if len(call.deliveries) <= 1:
            return [deliver(delivery) for delivery in call.deliveries]
        with ThreadPoolExecutor(self._connections, thread_name_prefix="delivery") as pool:
            return list(pool.map(deliver, call.deliveries))

    def _composer(self, speaker: Speaker | None) -> Composer:
        """Composes each content once per event: many deliveries of one event often share it, and media are looked up for it."""
        known: dict[str, tuple[Message, ...]] = {}

        def composed(data: Any) -> tuple[Message, ...]:
            if (name := repr(data)) not in known:
                known[name] = compose(self._sender, data, self._media, speaker)
            return known[name]

        return composed

    def _deliver(self, delivery: Delivery, *, context: Any, composed: Composer, finish: Finish) -> Delivered:
        """A delivery that is one of many is refused or left open alone; the others go on."""
        remaining_s = context.get_remaining_time_in_millis() / 1000
        try:
            return self._deliverer.deliver(
                delivery, lambda: composed(delivery.data), remaining_s=remaining_s, finish=finish
            )
        except RejectedError as error:
            if not delivery.always_push:
                raise
            failed = {recipient.endpoint_id: Outcome("failed", error.code) for recipient in delivery.recipients}
            return Delivered(failed, failed)
        except RetryableError as error:
            return Delivered({}, open_because=error)

    def _report(self, call: Call, news: Mapping[str, Outcome]) -> None:
        """A repeat tells only what it added, so that nobody is counted twice."""
        numbers = _count(news)
        logger.info(
            "delivered",
            deliveries=[delivery.id for delivery in call.deliveries][:10],
            sent=numbers["sent"],
            skipped=numbers["skipped"],
            failed=numbers["failed"],
            reasons=Counter(outcome.reason for outcome in news.values() if outcome.reason),
        )

    def _park(self, event: dict[str, Any], context: Any) -> None:
        error = MonthlyQuotaError("LINE's monthly message limit is reached; redrive after raising it, or next month")
        count("MonthlyQuotaReached")
        self._failures.park(
            repeatable(event, context.aws_request_id),
            request_id=context.aws_request_id,
            function_arn=context.invoked_function_arn,
            error=error,
        )


def _finish(speaker: Speaker | None) -> Finish:
    return as_composed if speaker is None else speaker.finish


def _count(outcomes: Mapping[str, Outcome]) -> Counter[str]:
    numbers = Counter(str(outcome.outcome) for outcome in outcomes.values())
    count("MessagesSent", numbers["sent"])
    count("MessagesSkipped", numbers["skipped"])
    count("MessagesFailed", numbers["failed"])
    return numbers


def _count_cause(error: RetryableError) -> None:
    if isinstance(error, LineUnauthorizedError):
        count("LineUnauthorized")
    elif isinstance(error, RateLimitedError):
        count("LineRateLimited")
