"""LINE's API in memory: it remembers retry keys for a day, refuses bad ids, and answers as a test tells it to."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Any, Literal

from kairan.clock import Clock
from kairan.errors import QuotaReachedError, RateLimitedError
from kairan.messengers.line import NAME
from kairan.messengers.line.client import RetryKey
from kairan.messengers.line.errors import LineTimedOutError, LineUnauthorizedError, LineUnavailableError
from kairan.messengers.line.refusals import rejected
from kairan.messengers.port import Accepted, Mode, NativeObject, Refusal
from kairan.people import ChatId, PersonId, Profile

Answer = Literal["ok", "lost_before", "lost_after", "late", "rate", "quota", "unauthorized"]
"""`lost_before`: a 500 or a cut connection before LINE took the request; `lost_after`: after it took it; `late`: it
took it, and the answer came too late."""

Refuses = Callable[[Sequence[NativeObject]], str | Refusal | None]

KEY_REMEMBERED_S = 24 * 3600


class FakeLine:
    """`answers` are given in turn, then every call is `ok`. `received` counts requests accepted per person.

    - `bad_ids` are refused, by their place or without a hint, until `pardons_after` calls were made
    - `refuses` names the property of messages that it refuses, or has the whole refusal; `validates`: so does its check
    - A key is remembered for a day from its first use, whatever the answer was then
    """

    def __init__(
        self,
        clock: Clock,
        *,
        answers: Sequence[Answer] = (),
        bad_ids: Sequence[str] = (),
        names_bad_ids: bool = True,
        pardons_after: int | None = None,
        refuses: Refuses = lambda _: None,
        validates: bool = True,
    ) -> None:
        self._clock = clock
        self.answers = list(answers)
        self._bad_ids = frozenset(bad_ids)
        self._names_bad_ids = names_bad_ids
        self._pardons_after = pardons_after
        self.refuses = refuses
        self._validates = validates
        self._accepted: dict[str, Accepted] = {}
        self._first_used: dict[str, float] = {}
        self._lock = Lock()
        self.calls: list[tuple[str, tuple[str, ...]]] = []
        self.received: Counter[str] = Counter()
        self.messages: dict[str, list[NativeObject]] = {}
        self.profiles: dict[str, Profile] = {}

    def remember(self, request_ids: Mapping[str, str], received: Mapping[str, int]) -> None:
        """What it took before, by retry key and by person."""
        now = self._clock.monotonic()
        self._accepted |= {key: Accepted(request_id) for key, request_id in request_ids.items()}
        self._first_used |= dict.fromkeys(request_ids, now)
        self.received.update(received)

    def push(
        self,
        to: str,
        messages: Sequence[NativeObject],
        *,
        retry_key: RetryKey,
        notification_disabled: bool = False,
        timeout_s: float = 10,
    ) -> Accepted:
        with self._lock:
            return self._take(Mode.EACH, [to], messages, retry_key)

    def multicast(
        self,
        to: Sequence[str],
        messages: Sequence[NativeObject],
        *,
        retry_key: RetryKey,
        notification_disabled: bool = False,
        timeout_s: float = 10,
    ) -> Accepted:
        with self._lock:
            return self._take(Mode.TOGETHER, to, messages, retry_key)

    def validate(self, mode: Mode, messages: Sequence[NativeObject]) -> None:
        self.calls.append((f"validate/{mode}", ()))
        if self._validates and (refusal := self._refusal_of(messages)) is not None:
            raise rejected(refusal)

    def profile(self, user_id: str) -> Profile | None:
        return self.profiles.get(user_id)

    def _take(self, mode: Mode, to: Sequence[str], messages: Sequence[NativeObject], retry_key: RetryKey) -> Accepted:
        self.calls.append((mode.value, tuple(to)))
        now = self._clock.monotonic()
        if now - self._first_used.setdefault(retry_key, now) >= KEY_REMEMBERED_S:
            self._first_used[retry_key] = now
            self._accepted.pop(retry_key, None)
        answer = self.answers.pop(0) if self.answers else "ok"
        if answer == "rate":
            raise RateLimitedError("LINE answered 429: The API rate limit has been exceeded. Try again later.")
        if answer == "quota":
            raise QuotaReachedError("LINE answered 429: You have reached your monthly limit.")
        if answer == "unauthorized":
            raise LineUnauthorizedError("LINE refused the channel access token")
        if answer == "lost_before":
            raise LineUnavailableError("LINE answered 500")
        first = self._accepted.get(retry_key)
        if first is not None:
            return self._answer(answer, first._replace(repeated=True))
        self._refuse(mode, to, messages)
        request_id = f"request-{len(self.calls)}"
        ids = tuple({"id": f"{request_id}-{place}"} for place in range(len(messages))) if mode is Mode.EACH else ()
        accepted = Accepted(request_id, sent_messages=ids)
        self._accepted[retry_key] = accepted
        self.received.update(to)
        for person in to:
            self.messages.setdefault(person, []).extend(messages)
        return self._answer(answer, accepted)

    def _refuse(self, mode: Mode, to: Sequence[str], messages: Sequence[NativeObject]) -> None:
        if (refusal := self._refusal_of(messages)) is not None:
            raise rejected(refusal, mode)
        if self._pardons_after is not None and len(self.calls) > self._pardons_after:
            return
        bad = [place for place, person in enumerate(to) if person in self._bad_ids]
        if bad and not self._names_bad_ids:
            raise rejected(Refusal(400, "Failed to send messages"), mode)
        if bad:
            name = "to" if mode is Mode.EACH else f"to[{bad[0]}]"
            message = f"The property, {name}, in the request body is invalid (line: -, column: -)"
            raise rejected(Refusal(400, message), mode)

    def _refusal_of(self, messages: Sequence[NativeObject]) -> Refusal | None:
        violation = self.refuses(messages)
        return (
            Refusal(400, "The request body has 1 error(s)", (violation,)) if isinstance(violation, str) else violation
        )

    def _answer(self, answer: Answer, accepted: Accepted) -> Accepted:
        if answer == "lost_after":
            raise LineUnavailableError("no answer from LINE: ProtocolError")
        if answer == "late":
            raise LineTimedOutError("no answer from LINE in time: ReadTimeoutError")
        return accepted


def people(number: int) -> list[str]:
    """User ids."""
    return [f"U{index:032x}" for index in range(1, number + 1)]


def person(user_id: str) -> PersonId:
    return PersonId(ChatId(NAME, user_id))


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}
