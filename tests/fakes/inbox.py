"""The inbox in memory: the queue as the webhook fills it, and what becomes of messages that are not done."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from kairan.errors import StoreUnavailableError
from kairan.inbox.queue import Entry, Received
from kairan.inbox.seen import Try


@dataclass
class FakeInbox:
    """With `refuses` set it takes nothing."""

    refuses: bool = False
    entries: list[Entry] = field(default_factory=list)

    def put(self, entries: Sequence[Entry]) -> None:
        if self.refuses:
            raise StoreUnavailableError(f"{len(entries)} of {len(entries)} events could not be queued")
        self.entries.extend(entries)


@dataclass(frozen=True)
class Buried:
    message: Received
    event_id: str
    code: str
    tries: int


@dataclass
class FakeUnfinished:
    refuses: bool = False
    postponed: dict[str, int] = field(default_factory=dict)
    """message id → seconds"""
    buried: list[Buried] = field(default_factory=list)

    def postpone(self, messages: Sequence[Received], delay_s: int) -> None:
        if self.refuses:
            raise StoreUnavailableError("the inbox queue does not answer")
        self.postponed.update({message.message_id: delay_s for message in messages})

    def bury(self, message: Received, *, event_id: str, code: str, tries: int) -> None:
        if self.refuses:
            raise StoreUnavailableError("the dead-letter queue does not answer")
        self.buried.append(Buried(message, event_id, code, tries))


@dataclass
class FakeEventsSeen:
    refuses: bool = False
    seen: set[str] = field(default_factory=set)
    tries: Counter[str] = field(default_factory=Counter)

    def count_try(self, event_id: str) -> Try:
        self._answer()
        self.tries[event_id] += 1
        return Try(number=self.tries[event_id], seen=event_id in self.seen)

    def mark_seen(self, event_id: str) -> None:
        self._answer()
        self.seen.add(event_id)

    def forget_tries(self, event_id: str) -> None:
        self._answer()
        del self.tries[event_id]

    def _answer(self) -> None:
        if self.refuses:
            raise StoreUnavailableError("the events seen could not be read")
