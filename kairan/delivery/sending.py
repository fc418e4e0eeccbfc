"""From what a ledger record has open to requests to LINE, and back.

A request is repeated under its key after a rate 429, a 5xx or a broken connection; a multicast that LINE refuses for an id heals
itself; pushes go out side by side. What stops a whole batch (no time, the monthly quota, a refused token) leaves the rest open.
"""

import random
import re
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from threading import Event

from kairan.clock import Clock
from kairan.delivery.ledger import MONTHLY_QUOTA, DeliveryRecord
from kairan.delivery.model import Refusal
from kairan.delivery.pacing import Pacer
from kairan.errors import (
    HealingUnfinishedError,
    InvalidEventError,
    KairanError,
    LineRejectedError,
    LineUnavailableError,
    MonthlyQuotaError,
    OutOfTimeError,
    RateLimitedError,
    RejectedError,
    RetryableError,
)
from kairan.line.client import Accepted, LineClient, Message
from kairan.line.ids import RetryKey, UserId
from kairan.observability import logger

MAX_REPEATS = 4
FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 4.0
REQUEST_TIMEOUT_S = 10.0
SHORTEST_REQUEST_S = 1.0
"""With less time left a request is not begun."""
MAX_HEALS = 100
"""Healing requests in one invocation; the next one goes on from the ledger."""
SAVE_EVERY_S = 2.0

INVALID_USER_ID = "invalid_user_id"
INVALID_MESSAGE = "invalid_message"
LINE_REJECTED = "line_rejected"

_NAMED_RECIPIENT = re.compile(r"\bto\[(\d+)\]")
_NAMED_MESSAGE = re.compile(r"\bmessages\[\d+\]|\bproperty, '?messages\b")
"""Not the mere word: LINE also answers `Failed to send messages`."""


@dataclass(frozen=True)
class Unsent:
    """No answer that settles the request. `uncertain`: an attempt may have been accepted all the same."""

    error: KairanError
    uncertain: bool


Answer = Accepted | RejectedError | Unsent
"""A RejectedError that is not LINE's: there is no content for the person."""


class Dispatch:
    """One invocation's work on one record, whose lease it holds.

    `contents` gives the messages for a recipient (in a multicast all have the same) and may raise what is wrong with one person's;
    `save` writes the record to the ledger; `deadline` is on the clock's monotonic scale: no request is under way after it.
    `waits_for_rates` is the deliverer's.
    """

    def __init__(
        self,
        record: DeliveryRecord,
        *,
        line: LineClient,
        contents: Callable[[UserId], Sequence[Message]],
        save: Callable[[], None],
        pacer: Pacer,
        connections: int,
        clock: Clock,
        deadline: float,
        waits_for_rates: bool = True,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._record = record
        self._line = line
        self._contents = contents
        self._save = save
        self._pacer = pacer
        self._connections = connections
        self._clock = clock
        self._deadline = deadline
        self._waits_for_rates = waits_for_rates
        self._jitter = jitter
        self._stopped = Event()
        self._stopped_by: KairanError | None = None
        self._heals = 0
        self.open_because: RetryableError | None = None
        """Why something is still open, for the first such request; None when all is settled or the quota stopped it."""
        self.quota_reached = False

    def run(self) -> None:
        """Send everything that can be sent. The record then says what became of it; it is not saved at the end."""
        keys = self._record.unsettled()
        if self._record.mode == "multicast":
            self._multicast(keys)
        else:
            self._push(keys)

    def _multicast(self, keys: list[RetryKey]) -> None:
        waiting = keys[::-1]
        while waiting:
            key = waiting.pop()
            answer = self._attempt(key)
            if isinstance(answer, LineRejectedError):
                waiting.extend(reversed(self._heal(key, answer)))
            else:
                self._note(key, answer)

    def _heal(self, key: RetryKey, refusal: LineRejectedError) -> list[RetryKey]:
        """Take the ids that LINE refuses out of a multicast; answers the requests that take its place, already in the ledger."""
        recipients = self._record.requests[key].recipients
        if refusal.status != 400 or _names_messages(refusal):
            self._refuse(key, INVALID_MESSAGE if _names_messages(refusal) else LINE_REJECTED, refusal)
            return []
        if self._heals == MAX_HEALS:
            self._note(
                key,
                Unsent(
                    HealingUnfinishedError(f"LINE refused more than {MAX_HEALS} requests of this batch"),
                    uncertain=False,
                ),
            )
            return []
        self._heals += 1
        refused = [recipients[place] for place in _named_recipients(refusal) if place < len(recipients)]
        if len(recipients) == 1:
            refused = list(recipients)
        if refused:
            rest = [user_id for user_id in recipients if user_id not in set(refused)]
            groups: list[Sequence[UserId]] = [*([user_id] for user_id in refused), *([rest] if rest else [])]
        else:
            middle = len(recipients) // 2
            groups = [recipients[:middle], recipients[middle:]]
        smaller = self._record.split(key, groups, self._clock.now())
        for bad in smaller[: len(refused)]:
            self._refuse(bad, INVALID_USER_ID, refusal)
        self._save()
        return smaller[len(refused) :]

    def _push(self, keys: list[RetryKey]) -> None:
        saved_at = self._clock.monotonic()
        with closing(self._attempt_all(keys)) as answers:
            for key, answer in answers:
                if isinstance(answer, LineRejectedError):
                    self._refuse(key, _push_reason(answer), answer)
                else:
                    self._note(key, answer)
                if self._clock.monotonic() - saved_at >= SAVE_EVERY_S:
                    self._save()
                    saved_at = self._clock.monotonic()

    def _attempt_all(self, keys: Sequence[RetryKey]) -> Generator[tuple[RetryKey, Answer], None, None]:
        if min(self._connections, len(keys)) <= 1:
            for key in keys:
                yield key, self._attempt(key)
            return
        with ThreadPoolExecutor(self._connections, thread_name_prefix="push") as pool:
            try:
                running = {pool.submit(self._attempt, key): key for key in keys}
                for done in as_completed(running):
                    yield running[done], done.result()
            finally:
                self._stopped.set()

    def _attempt(self, key: RetryKey) -> Answer:
        """One request and its repeats under the same key. Runs in any thread; touches neither the record nor the ledger."""
        request = self._record.requests[key]
        recipients = request.recipients
        try:
            messages = self._contents(recipients[0])
        except RetryableError as wordless:
            return Unsent(wordless, uncertain=False)
        except RejectedError as wordless:
            return wordless if not request.uncertain else Unsent(_undecided(wordless), uncertain=True)
        error: KairanError = OutOfTimeError("the function's time is over")
        uncertain = False
        for repeat in range(MAX_REPEATS + 1):
            if repeat:
                backoff_s = self._jitter() * min(FIRST_BACKOFF_S * 2 ** (repeat - 1), LONGEST_BACKOFF_S)
                self._clock.sleep(max(0.0, min(backoff_s, self._deadline - self._clock.monotonic())))
            if not self._has_turn():
                return Unsent(self._stopped_by or error, uncertain)
            timeout_s = min(REQUEST_TIMEOUT_S, self._deadline - self._clock.monotonic())
            try:
                return self._request(key, recipients, messages, timeout_s)
            except LineRejectedError as refusal:
                return refusal
            except LineUnavailableError as unavailable:
                error, uncertain = unavailable, True
            except RateLimitedError as limited:
                error = limited
                if not self._waits_for_rates:
                    break
            except (MonthlyQuotaError, RetryableError) as stopping:
                self._stopped_by = stopping
                self._stopped.set()
                return Unsent(stopping, uncertain)
        return Unsent(error, uncertain)

    def _has_turn(self) -> bool:
        """Wait for a turn at LINE. False when the batch was stopped, or when the turn comes too late to begin a request: then
        without waiting, so that what is left over costs no time."""
        return (
            not self._stopped.is_set()
            and self._pacer.wait(until=self._deadline - SHORTEST_REQUEST_S)
            and not self._stopped.is_set()
        )

    def _request(
        self, key: RetryKey, recipients: Sequence[UserId], messages: Sequence[Message], timeout_s: float
    ) -> Accepted:
        silent = self._record.notification_disabled
        if self._record.mode == "push":
            return self._line.push(
                recipients[0], messages, retry_key=key, notification_disabled=silent, timeout_s=timeout_s
            )
        return self._line.multicast(
            recipients, messages, retry_key=key, notification_disabled=silent, timeout_s=timeout_s
        )

    def _note(self, key: RetryKey, answer: Answer) -> None:
        if isinstance(answer, RejectedError):
            self._record.refuse(key, INVALID_MESSAGE if isinstance(answer, InvalidEventError) else answer.code)
        elif isinstance(answer, Accepted):
            self._record.accept(key, answer.request_id, answer.sent_messages)
        elif isinstance(answer.error, MonthlyQuotaError):
            self.quota_reached = True
            self._record.leave(key, uncertain=answer.uncertain, reason=MONTHLY_QUOTA)
        else:
            self._record.leave(key, uncertain=answer.uncertain)
            if self.open_because is None and isinstance(answer.error, RetryableError):
                self.open_because = answer.error

    def _refuse(self, key: RetryKey, reason: str, refusal: LineRejectedError) -> None:
        logger.warning(
            "refused by LINE",
            reason=reason,
            status=refusal.status,
            line_request_id=refusal.request_id,
            properties=refusal.properties,
        )
        told = Refusal(refusal.status, refusal.message, refusal.properties)
        self._record.refuse(key, reason, refusal.request_id, told)


def _undecided(wordless: RejectedError) -> RetryableError:
    """An earlier attempt may have been accepted, so the request has not failed, though its content cannot be made again."""
    return LineUnavailableError(f"what became of the request is not known, and it cannot be repeated: {wordless}")


def _named_recipients(refusal: LineRejectedError) -> list[int]:
    """The places in `to` that LINE's error names, in its message or in `details[].property`."""
    places = {int(place) for text in (refusal.message, *refusal.properties) for place in _NAMED_RECIPIENT.findall(text)}
    return sorted(places)


def _names_messages(refusal: LineRejectedError) -> bool:
    return _NAMED_MESSAGE.search(refusal.message) is not None or any(
        name.startswith("messages") for name in refusal.properties
    )


def _push_reason(refusal: LineRejectedError) -> str:
    if _names_messages(refusal):
        return INVALID_MESSAGE
    if refusal.status == 400 and any(
        re.search(r"(^|property, '?)to\b", text) for text in (refusal.message, *refusal.properties)
    ):
        return INVALID_USER_ID
    return LINE_REJECTED
