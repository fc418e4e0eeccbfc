"""One push: a delivery to one chat, named by the caller's key, so that however often it is asked for it is sent once.

What makes it so is `kairan.delivery`: a repeat follows the ledger. Here is what a caller who waits for an answer needs besides:
a second call waits for the first one, and files that LINE certainly never gets are taken back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from api.call import RequestKey
from api.contents import Content
from api.errors import RetryWindowClosedError
from api.files import Files
from kairan.clock import Clock
from kairan.delivery.deliverer import Delivered
from kairan.delivery.identity import delivery_id
from kairan.delivery.model import Delivery, DeliveryId, Outcome, Recipient
from kairan.errors import (
    DeliveryInProgressError,
    LineRejectedError,
    LineUnauthorizedError,
    LineUnavailableError,
    MonthlyQuotaError,
    RateLimitedError,
    RejectedError,
)
from kairan.line.client import Message
from kairan.line.ids import UserId
from kairan.observability import count

WAIT_S = 10.0
"""How long a call waits for another one under the same key."""
LOOK_EVERY_S = 0.25
ANSWER_RESERVE_S = 6.0
"""Of the function's time, kept to send what another call has left open, or to say that it is under way."""


class Deliverer(Protocol):
    """What `kairan.delivery.deliverer.Deliverer` does."""

    def deliver(
        self, delivery: Delivery, compose: Callable[[], Sequence[Message]], *, remaining_s: float
    ) -> Delivered: ...


@dataclass(frozen=True)
class Pushed:
    """What LINE accepted: `messages` as they were recorded, `outcome` with LINE's ids."""

    messages: Sequence[Message]
    outcome: Outcome


def identity(caller: str, key: RequestKey, route: str, chat_id: str) -> DeliveryId:
    return delivery_id("push", caller, key.value, route, chat_id)


class Pushing:
    def __init__(self, *, deliverer: Deliverer, clock: Clock) -> None:
        self._deliverer = deliverer
        self._clock = clock

    def push(
        self,
        content: Content,
        *,
        delivery_id: DeliveryId,
        route: str,
        chat_id: str,
        minted: bool,
        remaining_s: Callable[[], float],
    ) -> Pushed:
        """Raises what `kairan.errors` calls the reason that nothing was sent, or that nobody knows."""
        delivery = Delivery(
            delivery_id,
            {"route": route, **content.data},
            (Recipient(chat_id, UserId(chat_id)),),
            notification_disabled=content.notification_disabled,
            named_by_caller=True,
            always_push=True,
            literal=True,
            minted=minted,
        )
        files = Files(delivery_id)
        try:
            delivered = self._deliver(delivery, content, files, remaining_s)
        except RejectedError:  # nothing of this call was recorded
            files.discard()
            raise
        outcome = delivered.outcomes.get(chat_id)
        _count(delivered)
        files.discard(but=() if outcome is not None and outcome.refusal is not None else delivered.messages)
        if outcome is None or outcome.outcome != "sent":
            raise _cause(delivered, outcome)
        return Pushed(delivered.messages, outcome)

    def _deliver(
        self, delivery: Delivery, content: Content, files: Files, remaining_s: Callable[[], float]
    ) -> Delivered:
        def compose() -> Sequence[Message]:
            try:
                return content.compose(files)
            except Exception:
                files.discard()
                raise

        patience_ends: float | None = None
        attempt = replace(delivery, minted=True) if content.is_whole else delivery
        while True:
            try:
                return self._deliverer.deliver(attempt, compose, remaining_s=remaining_s())
            except DeliveryInProgressError:
                if attempt.minted and not delivery.minted:  # it was taken for new, which most are, to save a read
                    attempt = delivery
                    continue
                now = self._clock.monotonic()
                if patience_ends is None:
                    patience_ends = now + min(WAIT_S, remaining_s() - ANSWER_RESERVE_S)
                if now + LOOK_EVERY_S > patience_ends:
                    raise
                self._clock.sleep(LOOK_EVERY_S)
                attempt = replace(delivery, minted=False)


def _cause(delivered: Delivered, outcome: Outcome | None) -> Exception:
    if delivered.quota_reached:
        return MonthlyQuotaError("LINE's monthly message limit is reached; raise it, or wait for the next month")
    if outcome is None:
        return delivered.open_because or LineUnavailableError("what became of the request is not known")
    if outcome.refusal is not None:
        refusal = outcome.refusal
        return LineRejectedError(
            refusal.status, refusal.message, properties=refusal.properties, request_id=outcome.request_id
        )
    return RetryWindowClosedError(
        "whether LINE took this push was never known, and its key is too old to ask again; send it under a new key"
    )


def _count(delivered: Delivered) -> None:
    """Only what is new, so that a repeat is not counted again."""
    count("MessagesSent", sum(outcome.outcome == "sent" for outcome in delivered.news.values()))
    count("MessagesFailed", sum(outcome.outcome == "failed" for outcome in delivered.news.values()))
    count("MonthlyQuotaReached", int(delivered.quota_reached))
    if isinstance(delivered.open_because, LineUnauthorizedError):
        count("LineUnauthorized")
    elif isinstance(delivered.open_because, RateLimitedError):
        count("LineRateLimited")
