"""Webhook calls on their way to other tools ("targets"): the messages of a target's queue, and the ports around it.

One message holds one call, as it came:

    {"id": "…", "signature": "…", "content_type": "application/json; charset=utf-8", "body": "{\\"destination\\": …}"}

A body that is large or is not text has `body_key` instead of `body`: its key in the bucket. Messages of one group stay
in order. The group is the chat of the call's first event.
"""

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from kairan.clock import Clock, SystemClock
from kairan.contract import FORWARDED, Metric
from kairan.errors import MalformedEventError, OutOfTimeError, StoreUnavailableError
from kairan.inbox.queue import Entry, EventQueue
from kairan.json_text import parse_json, plain_id, write_json
from kairan.observability import count, logger

MAX_BODY_BYTES = 200_000
"""A larger body goes by reference."""
MAX_MESSAGE_BYTES = 1_048_576
"""SQS's limit ("Message quotas"). Escaped characters make a message up to six times as long as its body."""
PUT_WITHIN_S = 1.0
"""LINE gives a webhook two seconds. After this time no call is put into another queue."""

SIGNATURE = "x-line-signature"
CONTENT_TYPE = "content-type"
MARK = "x-kairan-forwarded"
"""A header of every call that is passed on. A webhook passes no call on that has it, so calls never go in circles."""
DEFAULT_CONTENT_TYPE = "application/json"


class Call(NamedTuple):
    """A verified call of the webhook. The body is what the signature was made of, byte for byte."""

    body: bytes
    signature: str
    content_type: str


class Bodies(Protocol):
    def put(self, key: str, body: bytes) -> None:
        """Raises StoreUnavailableError."""

    def get(self, key: str) -> bytes:
        """Raises StoreUnavailableError, and MalformedEventError when there is no such body any more."""


class Target(Protocol):
    def post(self, call: Call) -> None:
        """Makes one attempt. Raises TargetUnavailableError unless the target answers with 2xx."""


def random_id() -> str:
    return os.urandom(16).hex()


class Forwarding:
    """Puts calls into the queue of each target. `new_id` makes the id of a call."""

    def __init__(
        self,
        queues: Sequence[EventQueue],
        bodies: Bodies,
        *,
        clock: Clock | None = None,
        new_id: Callable[[], str] = random_id,
    ) -> None:
        self._queues = queues
        self._bodies = bodies
        self._clock = clock or SystemClock()
        self._new_id = new_id

    def put(self, body: bytes, header: Callable[[str], str | None], *, chat_id: str | None, since: float) -> None:
        """Takes a verified call. `since` is the clock's `monotonic` at which the webhook began with it.

        A queue that fails keeps the call from no other queue. Raises StoreUnavailableError when one did not take it, or
        when the time was over.
        """
        if header(MARK):
            logger.info("not passed on: another Kairan passed this call on")
            return
        content_type = header(CONTENT_TYPE) or ""
        is_plain = content_type.isascii() and content_type.isprintable()
        call = Call(body, header(SIGNATURE) or "", (is_plain and content_type) or DEFAULT_CONTENT_TYPE)
        failed = len(self._queues) - self._put(call, chat_id, until=since + PUT_WITHIN_S)
        count(Metric.CALLS_NOT_FORWARDED, failed)
        if failed:
            raise StoreUnavailableError(f"{failed} of {len(self._queues)} queues of targets did not take the call")

    def _put(self, call: Call, chat_id: str | None, *, until: float) -> int:
        """How many queues took the call."""
        entry, taken = None, 0
        for queue in self._queues:
            if self._clock.monotonic() > until:
                logger.error("could not pass the call on", code=OutOfTimeError.code)
                break
            try:
                entry = entry or self._entry(call, chat_id)
                queue.put([entry])
                taken += 1
            except StoreUnavailableError as error:
                logger.error("could not pass the call on", code=error.code, error=str(error))
        return taken

    def _entry(self, call: Call, chat_id: str | None) -> Entry:
        call_id = self._new_id()
        message = _with_body(call_id, call)
        if message is None:
            key = f"{FORWARDED}{call_id}"
            self._bodies.put(key, call.body)
            message = _written(call_id, call, body_key=key)
        return Entry(body=message, group_id=plain_id(chat_id or call_id), deduplication_id=call_id)


def _with_body(call_id: str, call: Call) -> str | None:
    """None when the call must go by reference."""
    if len(call.body) > MAX_BODY_BYTES:
        return None
    try:
        message = _written(call_id, call, body=call.body.decode())
    except UnicodeDecodeError:
        return None
    return message if len(message) <= MAX_MESSAGE_BYTES else None


def _written(call_id: str, call: Call, **body: str) -> str:
    return write_json({"id": call_id, "signature": call.signature, "content_type": call.content_type, **body})


class QueuedCall(NamedTuple):
    """A call as its message has it. One of `body` and `body_key` is set."""

    id: str
    signature: str
    content_type: str
    body: str | None
    body_key: str | None

    def load(self, bodies: Bodies) -> Call:
        """Raises StoreUnavailableError, and MalformedEventError when the body is gone."""
        body = self.body.encode() if self.body is not None else bodies.get(self.body_key or "")
        return Call(body, self.signature, self.content_type)


def queued_call(message: str) -> QueuedCall:
    """Raises MalformedEventError for a message that `Forwarding` did not write."""
    try:
        content: Any = parse_json(message)
    except ValueError as error:
        raise MalformedEventError(f"the message cannot be read: {error}") from error
    fields = content if isinstance(content, dict) else {}
    call_id, signature, content_type = (fields.get(name) for name in ("id", "signature", "content_type"))
    body, body_key = fields.get("body"), fields.get("body_key")
    needed = (call_id, signature, content_type, body_key if body is None else body)
    if not all(isinstance(value, str) for value in needed):
        raise MalformedEventError("the message holds no call")
    return QueuedCall(str(call_id), str(signature), str(content_type), body, body_key)
