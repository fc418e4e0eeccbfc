"""What LINE calls: the signature is checked, the events are queued, and the answer is given at once."""

import json
from base64 import b64decode
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Protocol

from kairan.clock import Clock, SystemClock
from kairan.errors import (
    BodyTooLargeError,
    CredentialsMissingError,
    InvalidBodyError,
    InvalidSignatureError,
    StoreUnavailableError,
)
from kairan.inbox.queue import Inbox, entry_of
from kairan.line.events import Callback, Event, parse_body
from kairan.line.signature import HEADER, is_signed
from kairan.observability import count, logger

MAX_BODY_BYTES = 1_048_576
TOO_OLD = timedelta(days=7)
"""A signature carries no time, so a captured call verifies for ever. This is a third of how long events seen are remembered."""


class ChannelSecret(Protocol):
    """What `kairan.secrets.LineSecret` does."""

    def channel_secret(self) -> str: ...

    def refresh(self) -> bool: ...


class Webhook:
    def __init__(self, *, secret: ChannelSecret, inbox: Inbox, clock: Clock | None = None) -> None:
        self._secret = secret
        self._inbox = inbox
        self._clock = clock or SystemClock()

    def __call__(self, event: Mapping[str, Any], _context: object) -> dict[str, Any]:
        try:
            self._take(event)
        except InvalidSignatureError as error:
            count("InvalidSignature")
            logger.warning("refused", code=error.code, error=str(error))
            return _answer(400, type(error).__name__)
        except InvalidBodyError as error:
            logger.warning("refused", code=error.code, error=str(error))
            return _answer(400, type(error).__name__)
        except BodyTooLargeError as error:
            logger.warning("refused", code=error.code, error=str(error))
            return _answer(413, type(error).__name__)
        except (CredentialsMissingError, StoreUnavailableError) as error:
            logger.error("not taken", code=error.code, error=str(error))
            return _answer(503, type(error).__name__)
        return _answer(200, "OK")

    def _take(self, event: Mapping[str, Any]) -> None:
        body = _body(event)
        self._verify(body, _signature(event))
        callback = parse_body(body)
        fresh = self._fresh(callback)
        if fresh:
            self._inbox.put([entry_of(callback.destination, event) for event in fresh])
        count("EventsQueued", len(fresh))
        count("EventsTooOld", len(callback.events) - len(fresh))
        count("EventsUnhandled", callback.malformed)
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
        raise InvalidSignatureError("the signature is not the body's under the channel secret")

    def _fresh(self, callback: Callback) -> list[Event]:
        oldest = self._clock.now() - TOO_OLD
        return [event for event in callback.events if event.at is None or event.at >= oldest]


def _body(event: Mapping[str, Any]) -> bytes:
    """The body as LINE sent it, byte for byte."""
    text = event.get("body") or ""
    if event.get("isBase64Encoded"):
        try:
            body = b64decode(text, validate=True)
        except ValueError as error:
            raise InvalidBodyError("the body is not base64, though the gateway says so") from error
    else:
        body = text.encode(errors="surrogatepass")
    if len(body) > MAX_BODY_BYTES:
        raise BodyTooLargeError(f"the body has {len(body)} bytes; at most {MAX_BODY_BYTES} are taken")
    return body


def _signature(event: Mapping[str, Any]) -> str:
    """The one signature. API Gateway gives all values of a header in one map and the last of them in the other."""
    single = [value for name, value in (event.get("headers") or {}).items() if name.lower() == HEADER]
    every = [
        value
        for name, values in (event.get("multiValueHeaders") or {}).items()
        if name.lower() == HEADER
        for value in values or ()
    ]
    given = every or single
    if not given or not given[0]:
        raise InvalidSignatureError("the call has no signature")
    if len(given) > 1 or len(single) > 1 or "," in given[0]:
        raise InvalidSignatureError("the call has more than one signature")
    return str(given[0])


def _answer(status: int, body: str) -> dict[str, Any]:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
