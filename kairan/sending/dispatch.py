"""Turns the open requests of a ledger record into requests to a messenger, and records the answers.

- After a rate limit, a failure or a broken connection, a request is repeated under its key.
- When the messenger refuses some people of a request, the others still get the message.
- Requests to one person each go out side by side.
- An error that stops the whole batch (no time, the monthly quota, refused credentials) leaves the rest open.
"""

import random
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from threading import Event

from kairan.clock import Clock
from kairan.content import Content
from kairan.errors import (
    HealingUnfinishedError,
    InvalidInputError,
    KairanError,
    OutOfTimeError,
    QuotaReachedError,
    RateLimitedError,
    RejectedError,
    RetryableError,
    UnavailableError,
)
from kairan.messengers.port import Accepted, Blame, Messenger, Mode, Outgoing, Refused, RequestKey
from kairan.observability import logger
from kairan.people import ChatId
from kairan.reasons import Reason
from kairan.sending.ledger import BatchRecord
from kairan.sending.pacing import Pacers

MAX_REPEATS = 4
FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 4.0
REQUEST_TIMEOUT_S = 10.0
SHORTEST_REQUEST_S = 1.0
"""With less time left, no request begins."""
MAX_HEALS = 100
"""One invocation heals at most this many requests. The next one continues from the ledger."""
MAX_UNNAMED_REFUSALS = 15
"""A batch in eight parts, with the wholes and halves before them. If all are refused, no single person is the cause."""
SAVE_EVERY_S = 2.0
MAX_LOGGED_WORDS = 500
ABOUT_ONE_REQUEST = (400, 413)


@dataclass(frozen=True)
class Unsent:
    """The request is not settled. `uncertain`: the messenger may have accepted an attempt all the same."""

    error: KairanError
    uncertain: bool


Answer = Accepted | RejectedError | Unsent
"""A RejectedError other than `Refused` means that the content for the person cannot be made."""


@dataclass(frozen=True)
class Dispatched:
    """A record after one invocation.

    - `pending_error`: why the first open request is still open; None when all are settled or the quota stopped them
    - `stopped_by`: what stopped the batch for everyone: the messenger's monthly limit, or a refusal that blames no one
    """

    pending_error: RetryableError | None
    stopped_by: RejectedError | None


class Dispatcher:
    """Sends the requests of records.

    - `pacers`: this process's share of the messenger's rates
    - `connections`: how many requests are under way at once
    - `waits_for_rates`: repeat a request after a rate limit; otherwise it stays open at once
    - `jitter`: a factor between 0 and 1 for each back-off
    """

    def __init__(
        self,
        messenger: Messenger,
        *,
        pacers: Pacers,
        connections: int,
        clock: Clock,
        waits_for_rates: bool = True,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.messenger = messenger
        self.pacers = pacers
        self.connections = connections
        self.clock = clock
        self.waits_for_rates = waits_for_rates
        self.jitter = jitter
        self.key_memory = messenger.capabilities.remembers_key_for

    def dispatch(
        self,
        record: BatchRecord,
        content_of: Callable[[ChatId], Content],
        *,
        save: Callable[[], None],
        deadline: float,
    ) -> Dispatched:
        """Sends everything of a leased record that can be sent, and notes the answers in the record.

        - `content_of`: the content for a recipient (with `Mode.TOGETHER` the same for all); may raise for one person
        - `save`: writes the record to the ledger; the caller saves it once more at the end
        - `deadline`: on the clock's monotonic scale; no request is under way after it
        """
        return _Dispatch(self, record, content_of, save, deadline).run()


class _Dispatch:
    """One invocation's work on one record."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        record: BatchRecord,
        content_of: Callable[[ChatId], Content],
        save: Callable[[], None],
        deadline: float,
    ) -> None:
        self._dispatcher = dispatcher
        self._record = record
        self._content_of = content_of
        self._save = save
        self._deadline = deadline
        self._pacer = dispatcher.pacers.of(record.mode)
        self._stopped = Event()
        self._stopped_by: KairanError | None = None
        self._heals = 0
        self._pending_error: RetryableError | None = None
        self._quota: QuotaReachedError | None = None
        self._refused: Refused | None = None
        self._refused_content: Refused | None = None
        self._refused_alone: dict[RequestKey, Refused] = {}
        self._is_validated = False
        self._unnamed_refusals = 0

    def run(self) -> Dispatched:
        keys = self._record.unsettled()
        if self._record.mode is Mode.TOGETHER:
            self._send_together(keys)
        elif self._dispatcher.key_memory is None:
            self._send_each_once(keys)
        else:
            self._send_each(keys)
        self._judge_refusals()
        return Dispatched(self._pending_error, self._quota or self._refused)

    def _judge_refusals(self) -> None:
        """A refusal that names no one is about a single person only if the messenger took the message for others.

        While others are open, such a person stays open, too. Content of which every version was refused is a failure of
        the batch.
        """
        if self._record.has_sent():
            for key, refused in self._refused_alone.items():
                self._note(key, refused)
        elif set(self._record.unsettled()) == self._refused_alone.keys():
            self._refused = self._refused or self._refused_content
            for key, refused in self._refused_alone.items():
                self._note(key, _about_everyone(refused))
        elif self._quota is not None:
            for key in self._refused_alone:
                self._record.leave(key, uncertain=False, reason=Reason.MONTHLY_QUOTA)

    def _send_together(self, keys: list[RequestKey]) -> None:
        waiting = deque(keys)
        while waiting:
            key = waiting.popleft()
            answer = self._attempt(key)
            if isinstance(answer, Refused) and answer.blame is Blame.PEOPLE:
                answer = self._refusal_of(key, answer)
            if isinstance(answer, Refused) and answer.blame is Blame.PEOPLE:
                waiting.extend(self._heal(key, answer))
                continue
            self._note(key, answer)
            if isinstance(answer, Refused):
                self._refuse_rest(waiting, answer)

    def _refusal_of(self, key: RequestKey, refused: Refused) -> Answer:
        """Whom or what a refusal that names no one is about.

        Before the first halving the messenger is asked about the content alone. It is about everyone, too, when
        MAX_UNNAMED_REFUSALS parts were refused and none was taken.
        """
        if refused.people:
            return refused
        request = self._record.requests[key]
        if not self._is_validated and self._dispatcher.messenger.capabilities.can_validate:
            try:
                self._dispatcher.messenger.validate(self._content_of(request.recipients[0]), self._record.mode)
            except Refused as refusal:
                return _about_everyone(refusal)
            except KairanError as error:
                return Unsent(error, uncertain=False)
            self._is_validated = True
        self._unnamed_refusals += 1
        if self._unnamed_refusals >= MAX_UNNAMED_REFUSALS and not self._record.has_sent():
            return _about_everyone(refused)
        return refused

    def _refuse_rest(self, waiting: deque[RequestKey], refused: Refused) -> None:
        """What the messenger refuses for everyone it would refuse again. A request of unknown fate is tried all the
        same."""
        for key in list(waiting):
            if not self._record.requests[key].uncertain:
                self._record.refuse(key, refused.reason, refused.refusal)
                waiting.remove(key)

    def _heal(self, key: RequestKey, refused: Refused) -> list[RequestKey]:
        """Takes the refused people out of a request. Returns the requests that replace it, saved already."""
        if self._heals == MAX_HEALS:
            limit = HealingUnfinishedError(f"more than {MAX_HEALS} requests of this batch were refused")
            self._note(key, Unsent(limit, uncertain=False))
            return []
        self._heals += 1
        recipients = self._record.requests[key].recipients
        culprits = [recipients[index] for index in refused.people if index < len(recipients)]
        if len(recipients) == 1:
            culprits = list(recipients)
        smaller = self._record.split(key, _divided(recipients, culprits), self._dispatcher.clock.now())
        for culprit in smaller[: len(culprits)]:
            if refused.people:
                self._note(culprit, refused)
            else:
                self._refused_alone[culprit] = refused
        self._save()
        return smaller[len(culprits) :]

    def _send_each(self, keys: Sequence[RequestKey]) -> None:
        saved_at = self._dispatcher.clock.monotonic()
        with closing(self._attempt_all(keys)) as answers:
            for key, answer in answers:
                self._note(key, answer)
                if self._dispatcher.clock.monotonic() - saved_at >= SAVE_EVERY_S:
                    self._save()
                    saved_at = self._dispatcher.clock.monotonic()

    def _send_each_once(self, keys: Sequence[RequestKey]) -> None:
        """For a messenger without a key memory. Opens and settles one wave of requests before it opens the next."""
        for start in range(0, len(keys), self._dispatcher.connections):
            if self._stopped.is_set() or self._left_s() < SHORTEST_REQUEST_S:
                break
            wave = keys[start : start + self._dispatcher.connections]
            self._record.open(wave, self._dispatcher.clock.now())
            self._save()
            with closing(self._attempt_all(wave)) as answers:
                for key, answer in answers:
                    self._note(key, answer)
            self._record.plan_again()
        if self._quota is not None:
            self._record.hold(Reason.MONTHLY_QUOTA)
        elif self._record.unsettled() and self._pending_error is None:
            self._pending_error = OutOfTimeError("the function's time is over")

    def _attempt_all(self, keys: Sequence[RequestKey]) -> Generator[tuple[RequestKey, Answer], None, None]:
        if min(self._dispatcher.connections, len(keys)) <= 1:
            for key in keys:
                yield key, self._attempt(key)
            return
        with ThreadPoolExecutor(self._dispatcher.connections, thread_name_prefix="send") as pool:
            try:
                running = {pool.submit(self._attempt, key): key for key in keys}
                for done in as_completed(running):
                    yield running[done], done.result()
            except BaseException:
                self._stopped.set()
                raise

    def _attempt(self, key: RequestKey) -> Answer:
        """One request and its repeats under the same key. Runs in any thread, and changes neither record nor ledger."""
        request = self._record.requests[key]
        unsettled: KairanError = OutOfTimeError("the function's time is over")
        if self._stopped.is_set() or self._left_s() < SHORTEST_REQUEST_S:  # nothing is spoken for no request
            return Unsent(self._stopped_by or unsettled, uncertain=False)
        try:
            content = self._content_of(request.recipients[0])
        except RetryableError as error:
            return Unsent(error, uncertain=False)
        except RejectedError as error:
            return error if not request.uncertain else Unsent(_undecided(error), uncertain=True)
        outgoing = Outgoing(request.recipients, content, self._record.mode, silent=self._record.silent)
        uncertain = False
        for repeat in range(MAX_REPEATS + 1):
            if repeat:
                self._back_off(repeat)
            if not self._has_turn():
                return Unsent(self._stopped_by or unsettled, uncertain)
            timeout_s = min(REQUEST_TIMEOUT_S, self._left_s())
            try:
                return self._dispatcher.messenger.send(outgoing, key=key, timeout_s=timeout_s)
            except Refused as refused:
                if _is_about_account(refused):
                    self._stop(refused)
                return refused
            except UnavailableError as unavailable:
                unsettled, uncertain = unavailable, True
                if self._dispatcher.key_memory is None:
                    break
            except RateLimitedError as limited:
                unsettled = limited
                if not self._dispatcher.waits_for_rates:
                    break
            except (QuotaReachedError, RetryableError) as stopping:
                self._stop(stopping)
                return Unsent(stopping, uncertain)
        return Unsent(unsettled, uncertain)

    def _stop(self, error: KairanError) -> None:
        self._stopped_by = error
        self._stopped.set()

    def _back_off(self, repeat: int) -> None:
        backoff_s = self._dispatcher.jitter() * min(FIRST_BACKOFF_S * 2 ** (repeat - 1), LONGEST_BACKOFF_S)
        self._dispatcher.clock.sleep(max(0.0, min(backoff_s, self._left_s())))

    def _left_s(self) -> float:
        return self._deadline - self._dispatcher.clock.monotonic()

    def _has_turn(self) -> bool:
        """Waits for a turn at the messenger.

        False when the batch was stopped, or when the turn would come too late to begin a request. It then does not
        wait, so that the remaining requests cost no time.
        """
        return (
            not self._stopped.is_set()
            and self._pacer.wait(until=self._deadline - SHORTEST_REQUEST_S)
            and not self._stopped.is_set()
        )

    def _note(self, key: RequestKey, answer: Answer) -> None:
        match answer:
            case Accepted():
                self._record.accept(key, answer)
            case Refused():
                self._note_refusal(key, answer)
            case RejectedError():
                reason = Reason.INVALID_MESSAGE if isinstance(answer, InvalidInputError) else answer.code
                self._record.refuse(key, reason)
            case Unsent(uncertain=True) if self._dispatcher.key_memory is None:
                self._record.give_up(key)
            case Unsent():
                self._note_unsent(key, answer)

    def _note_refusal(self, key: RequestKey, refused: Refused) -> None:
        refusal = refused.refusal
        if _is_about_account(refused) or (self._record.mode is Mode.TOGETHER and refused.blame is not Blame.PEOPLE):
            self._refused = refused
        elif refused.blame is Blame.CONTENT:
            self._refused_content = refused
        logger.warning(
            "refused by the messenger",
            reason=refused.reason,
            status=refusal.status,
            line_request_id=refusal.request_id,
            properties=refusal.properties,
            words=refusal.message[:MAX_LOGGED_WORDS],
        )
        self._record.refuse(key, refused.reason, refusal)

    def _note_unsent(self, key: RequestKey, unsent: Unsent) -> None:
        error = unsent.error
        if isinstance(error, Refused):
            if not self._record.requests[key].uncertain:
                self._record.refuse(key, error.reason, error.refusal)
                return
            error = _undecided(error)
        if isinstance(error, QuotaReachedError):
            self._quota = error
            self._record.leave(key, uncertain=unsent.uncertain, reason=Reason.MONTHLY_QUOTA)
            return
        self._record.leave(key, uncertain=unsent.uncertain)
        if self._pending_error is None and isinstance(error, RetryableError):
            self._pending_error = error


def _about_everyone(refused: Refused) -> Refused:
    return Refused(refused.refusal, blame=Blame.CONTENT, reason=Reason.LINE_REJECTED)


def _is_about_account(refused: Refused) -> bool:
    """LINE forbids the call itself, whatever is sent to whomever ("Status codes"): 403, 404 and the like."""
    return refused.blame is Blame.WHOLE and refused.refusal.status not in ABOUT_ONE_REQUEST


def _divided(recipients: Sequence[ChatId], culprits: Sequence[ChatId]) -> list[Sequence[ChatId]]:
    """Each culprit alone and then the rest. Without culprits, two halves."""
    if not culprits:
        middle = len(recipients) // 2
        return [recipients[:middle], recipients[middle:]]
    rest = [chat for chat in recipients if chat not in set(culprits)]
    return [*([culprit] for culprit in culprits), *([rest] if rest else [])]


def _undecided(error: RejectedError) -> RetryableError:
    """The content cannot be made again, but the messenger may have accepted an earlier attempt: this is no failure."""
    return UnavailableError(f"the fate of the request is unknown, and it cannot be repeated: {error}")
