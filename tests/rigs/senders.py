"""A sender function with LINE, the ledger and the queue of failures faked."""

from collections.abc import Mapping
from typing import Any

from kairan.callers.call import CallerSettings
from kairan.composing.read_data import Sources
from kairan.composing.speaking import Voice
from kairan.contract import Sender
from kairan.errors import InvalidInputError, KairanError, Violation
from kairan.media.port import Media
from kairan.messengers.line.messenger import LineMessenger
from kairan.senders.sender_function import SenderFunction
from kairan.speech.port import Synthesizer
from kairan.text import spellings
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.line import Answer, FakeLine, Refuses
from tests.rigs.batches import BatchSenderRig
from tests.rigs.events import Context

STYLE_ID = 888753760


class FakeFailures:
    def __init__(self) -> None:
        self.parked: list[dict[str, Any]] = []

    def park(self, event: Mapping[str, Any], *, request_id: str, function_arn: str, error: KairanError) -> None:
        self.parked.append(
            {"event": dict(event), "request_id": request_id, "function_arn": function_arn, "code": error.code}
        )


class FakeBatchStore:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def read(self, key: str) -> bytes:
        for spelling in spellings(key):
            if spelling in self.objects:
                return self.objects[spelling]
        raise InvalidInputError([Violation("batch.key", "names nothing in the bucket of batches")])


class SenderRig:
    def __init__(
        self,
        *answers: Answer,
        sender: Sender = Sender.TEXT,
        refuses: Refuses = lambda _: None,
        synthesizer: Synthesizer | None = None,
        media: Media | None = None,
        connect_data: str | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.line = FakeLine(self.clock, answers=answers, refuses=refuses)
        self.failures = FakeFailures()
        self.ledger = FakeLedger()
        self.batches = FakeBatchStore()
        messenger = LineMessenger(self.line)
        self.function = SenderFunction(
            sender,
            batch_sender=BatchSenderRig(clock=self.clock, ledger=self.ledger, messenger=messenger).sender(),
            sources=Sources(
                messenger,
                media=media,
                voice=None if synthesizer is None else Voice(synthesizer, STYLE_ID, max_characters=100),
            ),
            callers=CallerSettings(messenger, self.batches, connect_data=connect_data),
            failures=self.failures,
            connections=4,
        )

    def invoke(self, event: dict[str, Any], context: Context | None = None) -> dict[str, Any]:
        return self.function(event, context or Context())
