"""A messenger that recognises no repeats and takes one recipient a request, as Telegram and Instagram do."""

from collections import Counter
from collections.abc import Sequence
from threading import Lock
from typing import Literal

from kairan.content import Content, Speech, Text
from kairan.errors import QuotaReachedError, RateLimitedError, UnauthorizedError, UnavailableError, Violation
from kairan.messengers.port import (
    Accepted,
    Blame,
    Capabilities,
    ChangeText,
    Mode,
    NativeObject,
    Outgoing,
    Refusal,
    Refused,
    RequestKey,
)
from kairan.people import ChatId, PersonId, Profile
from kairan.reasons import Reason

NAME = "forgetful"
Answer = Literal["ok", "lost_before", "lost_after", "rate", "quota", "unauthorized"]


class ForgetfulMessenger:
    """`answers` are given in turn, then every call is `ok`. `received` counts messages per recipient; `bad_ids` are
    refused."""

    name = NAME
    person_id_form = "a text"
    capabilities = Capabilities(batch=1, remembers_key_for=None, kinds=frozenset({Text, Speech}), can_validate=False)

    def __init__(self, *, answers: Sequence[Answer] = (), bad_ids: Sequence[str] = ()) -> None:
        self.answers = list(answers)
        self.bad_ids = frozenset(bad_ids)
        self.received: Counter[str] = Counter()
        self.calls: list[str] = []
        self._lock = Lock()

    def person_id(self, text: object) -> PersonId | None:
        return PersonId(ChatId(NAME, text)) if isinstance(text, str) else None

    def send(self, outgoing: Outgoing, *, key: RequestKey, timeout_s: float) -> Accepted:
        with self._lock:
            return self._take(outgoing)

    def validate(self, content: Content, mode: Mode) -> None:
        raise AssertionError("it cannot be asked")

    def profile(self, person: PersonId) -> Profile | None:
        return None

    def violations(self, content: Content) -> list[Violation]:
        return []

    def has_empty_text(self, content: Content) -> bool:
        return not all(piece.text.strip() for piece in content if isinstance(piece, Text | Speech))

    def map_texts(self, objects: Sequence[NativeObject], change: ChangeText) -> tuple[NativeObject, ...]:
        return tuple(objects)

    def _take(self, outgoing: Outgoing) -> Accepted:
        (chat,) = outgoing.to
        self.calls.append(chat.id)
        match self.answers.pop(0) if self.answers else "ok":
            case "rate":
                raise RateLimitedError("too many requests")
            case "quota":
                raise QuotaReachedError("the month is over")
            case "unauthorized":
                raise UnauthorizedError("no such token")
            case "lost_before":
                raise UnavailableError("no answer")
            case "lost_after":
                self._deliver(chat)
                raise UnavailableError("no answer")
        self._deliver(chat)
        return Accepted(f"request-{len(self.calls)}")

    def _deliver(self, chat: ChatId) -> None:
        if chat.id in self.bad_ids:
            refusal = Refusal(403, "the person has blocked the account")
            raise Refused(refusal, blame=Blame.PEOPLE, reason=Reason.INVALID_USER_ID)
        self.received[chat.id] += 1
