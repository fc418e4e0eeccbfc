"""The push API with everything faked but its own code."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.app import Api
from api.documentation import Documentation
from api.health import Check, Health
from api.sources import Sources
from kairan.composing.speaking import Voice
from kairan.media.uploads import Kind
from kairan.messengers.line.messenger import LineMessenger
from kairan.observability import observed
from kairan.push.push_files import MediaBucket
from kairan.push.push_once import PushOnce
from tests.fakes.audience import FakeAudience
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.line import FakeLine
from tests.fakes.media import FakeMedia, FakeUploads
from tests.fakes.speech import FakeSynthesizer
from tests.fakes.steps import Stage
from tests.rigs.batches import BatchSenderRig
from tests.rigs.gateway import Answered, Context, answered, gateway_event
from tests.rigs.senders import STYLE_ID
from tests.rigs.stepped import Stepped

USER = "U" + "a1" * 16
KEY = "7f3c9a3e-8a1d-4c57-9a55-0d3f6f1c2b4e"


@dataclass
class PushServiceRig:
    """`stage` stops calls before and after what they do to LINE and to the ledger."""

    clock: FakeClock = field(default_factory=FakeClock)
    line: FakeLine = None  # type: ignore[assignment]
    speech: FakeSynthesizer = None  # type: ignore[assignment]
    audience: FakeAudience = None  # type: ignore[assignment]
    ledger: FakeLedger = field(default_factory=FakeLedger)
    stage: Stage | None = None
    checks: dict[str, Check] = field(default_factory=dict)
    pages: Path | None = None

    def __post_init__(self) -> None:
        self.line = self.line or FakeLine(self.clock)
        self.speech = self.speech or FakeSynthesizer(clock=self.clock)
        self.audience = self.audience or FakeAudience(clock=self.clock)
        self.images, self.audio, self.video = FakeMedia(), FakeMedia(), FakeMedia()
        rig = BatchSenderRig(
            Stepped(self.line, self.stage, "push") if self.stage else self.line,
            self.clock,
            Stepped(self.ledger, self.stage, "load", "save") if self.stage else self.ledger,
            waits_for_rates=False,
        )
        self.api = Api(
            push_once=PushOnce(batch_sender=rig.sender(), clock=self.clock),
            sources=Sources(
                LineMessenger(self.line),
                voice=Voice(self.speech, STYLE_ID, max_characters=1500),
                images=self._bucket(self.images, "image"),
                audio=self._bucket(self.audio, "audio"),
                video=self._bucket(self.video, "video"),
            ),
            audience=self.audience,
            health=Health(self.checks, clock=self.clock, within_s=0.2),
            documentation=Documentation(self.pages) if self.pages else Documentation(),
            clock=self.clock,
        )
        self.handler = observed(self.api)

    def _bucket(self, media: FakeMedia, kind: Kind) -> MediaBucket:
        return MediaBucket(media, FakeUploads(media.files, kind=kind, clock=self.clock))

    def files(self) -> set[str]:
        """Everything in the buckets."""
        return {*self.images.files, *self.audio.files, *self.video.files}

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes | str | None = None,
        lasts_s: float = 28.0,
        identity: dict[str, Any] | None = None,
    ) -> Answered:
        event = gateway_event(method, path, headers=headers, body=body, identity=identity)
        return answered(self.handler(event, Context(self.clock, lasts_s)))

    def push(
        self,
        route: str,
        body: Any,
        *,
        to: str = USER,
        key: str | None = None,
        content_type: str = "application/json",
        **how: Any,
    ) -> Answered:
        """`body` is JSON unless it is bytes, of any type, or a string, as it stands."""
        headers = [("Content-Type", content_type)]
        if key is not None:
            headers.append(("X-Line-Retry-Key", key))
        sent = body if isinstance(body, bytes | str) else json.dumps(body)
        return self.ask("POST", f"/v1/push_message/{to}/{route}", headers=headers, body=sent, **how)

    def sent(self, to: str = USER) -> list[Any]:
        return self.line.messages.get(to, [])
