"""The inbox in memory: the queue as the webhook fills it, and what becomes of messages that are not done."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from kairan.errors import StoreUnavailableError
from kairan.inbox.processed import Attempt
from kairan.inbox.queue import Entry, Received


@dataclass
class FakeEventQueue:
    """With `refuses` set it takes nothing."""

    refuses: bool = False
    entries: list[Entry] = field(default_factory=list)

    def put(self, entries: Sequence[Entry]) -> None:
        if self.refuses:
            raise StoreUnavailableError(f"{len(entries)} of {len(entries)} events could not be queued")
        self.entries.extend(entries)


@dataclass(frozen=True)
class DeadLetter:
    message: Received
    event_id: str
    code: str
    attempts: int


@dataclass
class FakeRetries:
    refuses: bool = False
    postponed: dict[str, int] = field(default_factory=dict)
    """message id → seconds"""
    dead_lettered: list[DeadLetter] = field(default_factory=list)

    def postpone(self, messages: Sequence[Received], delay_s: int) -> None:
        if self.refuses:
            raise StoreUnavailableError("the inbox queue does not answer")
        self.postponed.update({message.message_id: delay_s for message in messages})

    def dead_letter(self, message: Received, *, event_id: str, code: str, attempts: int) -> None:
        if self.refuses:
            raise StoreUnavailableError("the dead-letter queue does not answer")
        self.dead_lettered.append(DeadLetter(message, event_id, code, attempts))


@dataclass
class FakeProcessedEvents:
    refuses: bool = False
    done: set[str] = field(default_factory=set)
    effects: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    attempts: Counter[str] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)

    def count_attempt(self, event_id: str) -> Attempt:
        self._answer()
        self.attempts[event_id] += 1
        return Attempt(
            number=self.attempts[event_id],
            is_done=event_id in self.done,
            effects_done=frozenset(self.effects.get(event_id, ())),
            waits=self.waits[event_id],
        )

    def count_wait(self, event_id: str) -> None:
        self._answer()
        self.attempts[event_id] -= 1
        self.waits[event_id] += 1

    def mark_effect(self, event_id: str, effect: str) -> None:
        self._answer()
        self.effects[event_id].add(effect)

    def mark_done(self, event_id: str) -> None:
        self._answer()
        self.done.add(event_id)

    def forget_attempts(self, event_id: str) -> None:
        self._answer()
        del self.attempts[event_id]
        del self.waits[event_id]

    def _answer(self) -> None:
        if self.refuses:
            raise StoreUnavailableError("the processed events could not be read")
