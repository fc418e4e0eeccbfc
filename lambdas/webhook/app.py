"""LINE calls this function. It checks the signature, queues the events, and answers at once.

With targets (the setting `forward_webhooks_to`) it also puts the whole call into each target's queue, after the events.
"""

import json
from base64 import b64decode
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from kairan.clock import Clock, SystemClock
from kairan.contract import WEBHOOK_MAX_BODY_BYTES, Metric
from kairan.errors import (
    BodyTooLargeError,
    CredentialsMissingError,
    InvalidBodyError,
    InvalidSignatureError,
    RejectedError,
    StoreUnavailableError,
)
from kairan.inbox.queue import Arrival, EventQueue, entries_of
from kairan.messengers.line import NAME
from kairan.messengers.line.events import Callback, Event, parse_body
from kairan.messengers.line.signature import HEADER, is_signed
from kairan.observability import count, logger
from webhook.refusals import Refusals

if TYPE_CHECKING:
    from kairan.inbox.forwarding import Forwarding

TOO_OLD = timedelta(days=7)
"""A signature has no time, so a captured call verifies for ever. Processed events are remembered three times longer."""


class ChannelSecret(Protocol):
    """`kairan.messengers.line.secret.LineSecret`, as far as it is needed here."""

    def channel_secret(self) -> str: ...

    def refresh(self) -> bool: ...


class Webhook:
    """`account` is the setting `account`. Events carry it to their effects. `forwarding` is None without targets."""

    def __init__(
        self,
        *,
        account: str,
        secret: ChannelSecret,
        queue: EventQueue,
        forwarding: "Forwarding | None" = None,
        clock: Clock | None = None,
    ) -> None:
        self._account = account
        self._secret = secret
        self._queue = queue
        self._forwarding = forwarding
        self._clock = clock or SystemClock()
        self._refusals = Refusals(self._clock)

    def __call__(self, event: Mapping[str, Any], _context: object) -> dict[str, Any]:
        try:
            self._take(event)
        except RejectedError as error:
            self._refusals.add(error)
            return _refusal(error)
        except (CredentialsMissingError, StoreUnavailableError) as error:
            logger.error("could not take the events", code=error.code, error=str(error))
            return _answer(503, type(error).__name__)
        self._refusals.report()
        return _answer(200, "OK")

    def _take(self, event: Mapping[str, Any]) -> None:
        since = self._clock.monotonic()
        body = _body(event)
        self._verify(body, _signature(event))
        callback = None
        try:
            callback = parse_body(body)
            self._put_events(callback)
        finally:  # whatever Kairan makes of a call, the other tools get it as it came
            if self._forwarding is not None:
                self._forwarding.put(body, lambda name: _header(event, name), chat_id=_chat_of(callback), since=since)

    def _put_events(self, callback: Callback) -> None:
        now = self._clock.now()
        fresh = _fresh(callback, now)
        if fresh:
            arrival = Arrival(NAME, self._account, callback.destination, received_at=now)
            self._queue.put(entries_of(arrival, fresh))
        count(Metric.EVENTS_QUEUED, len(fresh))
        count(Metric.EVENTS_TOO_OLD, len(callback.events) - len(fresh))
        count(Metric.EVENTS_UNHANDLED, callback.malformed)
        logger.info(
            "queued",
            event_ids=[event.id for event in fresh],
            too_old=len(callback.events) - len(fresh),
            malformed=callback.malformed,
        )

    def _verify(self, body: bytes, signature: str) -> None:
        if is_signed(self._secret.channel_secret(), body, signature):
            return
        if self._secret.refresh() and is_signed(self._secret.channel_secret(), body, signature):
            return
        raise InvalidSignatureError("the signature does not match the body and the channel secret")


def _fresh(callback: Callback, now: datetime) -> list[Event]:
    oldest = now - TOO_OLD
    return [event for event in callback.events if event.at is None or event.at >= oldest]


def _body(event: Mapping[str, Any]) -> bytes:
    """The body as LINE sent it, byte for byte."""
    text = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            body = b64decode(text, validate=True)
        except ValueError as error:
            raise InvalidBodyError("the body is not base64, although API Gateway says so") from error
    else:
        body = text.encode(errors="surrogatepass")
    if len(body) > WEBHOOK_MAX_BODY_BYTES:
        raise BodyTooLargeError(f"the body has {len(body)} bytes; at most {WEBHOOK_MAX_BODY_BYTES} are taken")
    return body


def _chat_of(callback: Callback | None) -> str | None:
    """The chat of the call's first event, or else the account."""
    if callback is None:
        return None
    return (callback.events[0].chat_id if callback.events else None) or callback.destination or None


def _signature(event: Mapping[str, Any]) -> str:
    """The one signature. API Gateway has one map with all values of each header, and another with the last value."""
    single, every = _single(event, HEADER), _every(event, HEADER)
    signatures = every or single
    if not signatures or not signatures[0]:
        raise InvalidSignatureError("the call has no signature")
    if len(signatures) > 1 or len(single) > 1 or "," in signatures[0]:
        raise InvalidSignatureError("the call has more than one signature")
    return str(signatures[0])


def _refusal(error: RejectedError) -> dict[str, Any]:
    match error:
        case BodyTooLargeError():
            return _answer(413, type(error).__name__)
        case InvalidSignatureError():
            return _answer(400, type(error).__name__)
        case _:
            return _answer(400, InvalidBodyError.__name__)


def _answer(status: int, body: str) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }


def _header(event: Mapping[str, Any], wanted: str) -> str | None:
    return next((str(value) for value in _every(event, wanted) or _single(event, wanted)), None)


def _single(event: Mapping[str, Any], wanted: str) -> list[Any]:
    return [value for name, value in (event.get("headers") or {}).items() if name.lower() == wanted]


def _every(event: Mapping[str, Any], wanted: str) -> list[Any]:
    return [
        value
        for name, values in (event.get("multiValueHeaders") or {}).items()
        if name.lower() == wanted
        for value in values or ()
    ]
