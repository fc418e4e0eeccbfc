"""Builds batches, and what sends them with everything faked but its own code."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kairan.composing.speaking import Voice, spoken
from kairan.content import Content, Piece, Text
from kairan.messengers.line.client import LineClient
from kairan.messengers.line.messenger import LineMessenger
from kairan.messengers.port import Messenger
from kairan.people import ChatId
from kairan.sending.batch import Batch, BatchId, Recipient
from kairan.sending.batch_sender import BatchResult, BatchSender
from kairan.sending.dispatch import Dispatcher
from kairan.sending.ledger import Ledger
from kairan.sending.pacing import Pacer, Pacers
from kairan.sending.planning import Composer
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger

BATCH_ID = BatchId("0b8e9c1c-5f2f-5b52-9d0e-3a1b7c3b9f11")
NAME = "Attributes.name"
SHARED = Text("Hello, all")
PERSONAL = Text("Hello, {{Attributes.name}}")


def batch_to(people: Sequence[str], *, data: Any = "a text", messenger: str = "line", **changes: Any) -> Batch:
    """Recipients `endpoint-0`, `endpoint-1` …, each with a name of their own."""
    recipients = tuple(
        Recipient(f"endpoint-{place}", ChatId(messenger, person), {NAME: [f"number {place}"]})
        for place, person in enumerate(people)
    )
    return Batch(BATCH_ID, data, recipients, **changes)


def named(batch: Batch, names: Mapping[str, str]) -> Batch:
    """The batch with other names of some recipients, by their keys."""
    recipients = tuple(
        replace(recipient, attributes={NAME: [names[recipient.key]]}) if recipient.key in names else recipient
        for recipient in batch.recipients
    )
    return replace(batch, recipients=recipients)


class ReadyComposer:
    """A composer whose content is ready."""

    def __init__(self, *pieces: Piece) -> None:
        self._content = pieces

    def compose(self, _: Any) -> Content:
        return self._content

    def complete(self, content: Content) -> Content:
        return content


class SpeakingComposer(ReadyComposer):
    """A composer whose content is ready but for the words in it, which `voice` speaks."""

    def __init__(self, voice: Voice, *pieces: Piece) -> None:
        super().__init__(*pieces)
        self._voice = voice

    def complete(self, content: Content) -> Content:
        return spoken(content, self._voice, until=float("inf"))


@dataclass
class BatchSenderRig:
    """`line` is LINE's API, unless another `messenger` is given."""

    line: LineClient | None = None
    clock: FakeClock = field(default_factory=FakeClock)
    ledger: Ledger = field(default_factory=FakeLedger)
    connections: int = 1
    per_second: float = 1e9
    waits_for_rates: bool = True
    messenger: Messenger | None = None

    def send(self, batch: Batch, content: Piece | Composer, *, remaining_s: float = 50) -> BatchResult:
        composer = ReadyComposer(content) if isinstance(content, Piece) else content
        return self.sender().send(batch, composer, remaining_s=remaining_s)

    def sender(self) -> BatchSender:
        pacer = Pacer(self.per_second, clock=self.clock)
        dispatcher = Dispatcher(
            self.messenger or LineMessenger(self._line()),
            pacers=Pacers(pacer, pacer),
            connections=self.connections,
            clock=self.clock,
            waits_for_rates=self.waits_for_rates,
            jitter=lambda: 1.0,
        )
        return BatchSender(dispatcher, ledger=self.ledger)

    def open_after(self, batch: Batch) -> int:
        record = self.ledger.load(batch.id)
        assert record is not None
        return len(record.unsettled())

    def _line(self) -> LineClient:
        assert self.line is not None
        return self.line


def kinds(result: BatchResult) -> Mapping[str, str]:
    """`sent`, or the reason, by recipient key."""
    return {key: outcome.reason or outcome.outcome for key, outcome in result.outcomes.items()}
