"""The senders' benchmark runs these in programs of their own: Kairan's sender, and a loop with line-bot-sdk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import uuid4

from benchmarks.processes import Work
from kairan.callers.call import CallerSettings
from kairan.clock import SystemClock
from kairan.composing.read_data import Sources
from kairan.contract import Sender
from kairan.errors import KairanError
from kairan.messengers.line.http import HttpLineClient
from kairan.messengers.line.messenger import LineMessenger
from kairan.messengers.line.secret import LineCredentials
from kairan.observability import Handler, observed
from kairan.senders.sender_function import SenderFunction
from kairan.sending import record_format
from kairan.sending.batch import MAX_RECIPIENTS, BatchId
from kairan.sending.batch_sender import BatchSender
from kairan.sending.dispatch import Dispatcher
from kairan.sending.ledger import BatchRecord
from kairan.sending.pacing import Pacer, Pacers

MULTICAST_PER_SECOND = 200
PUSH_PER_SECOND = 2000
"""LINE's limits for a channel (Messaging API reference, "Rate limits")."""

SHARED = "今週末は全品半額です。土曜日は朝9時に開店します。"
PERSONAL = "{{Attributes.name}}さん、" + SHARED


@dataclass(frozen=True)
class Written:
    """The writes to the ledger: their number and their total size."""

    times: int = 0
    bytes: int = 0


class MemoryLedger:
    """A ledger for batches that are never repeated. It dumps records as the real one does, but stores none."""

    def __init__(self) -> None:
        self.written = Written()

    def load(self, batch_id: BatchId) -> BatchRecord | None:
        return None

    def save(self, record: BatchRecord, *, writer: str) -> None:
        self.written = Written(self.written.times + 1, self.written.bytes + len(record_format.dump(record)))
        record.version += 1


class Token:
    """Credentials that need no secret."""

    def to_send_with(self) -> LineCredentials:
        return LineCredentials(channel_secret=None, channel_access_token="the-token", channel_id=None)

    def refresh(self) -> bool:
        return False


@dataclass(frozen=True)
class Invocation:
    """Lambda's context."""

    aws_request_id: str
    function_name: str = "send_text"
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:send_text"

    def get_remaining_time_in_millis(self) -> int:
        return 50_000


class NoBatches:
    """Campaign events bring their recipients with them."""

    def read(self, key: str) -> bytes:
        raise AssertionError(f"no event refers to {key}")


class NoFailures:
    def park(self, event: Mapping[str, Any], *, request_id: str, function_arn: str, error: KairanError) -> None:
        raise AssertionError("LINE has no monthly limit here") from error


@dataclass(frozen=True)
class KairanSender:
    """The sender of texts, as one of `programs` that share LINE's rates.

    A first event opens its connections. Then it takes `batches` events of a campaign, one after another.
    """

    line_url: str
    content: str
    batches: int
    connections: int
    programs: int = 1

    def __call__(self, program: int) -> Work[Written]:
        ledger = MemoryLedger()
        handler = observed(self._function(ledger))
        first = program * (self.batches + 1)
        events = [campaign_event(self.content, number) for number in range(first, first + self.batches + 1)]
        _invoke(handler, events[:1])

        def work() -> Written:
            _invoke(handler, events[1:])
            return ledger.written

        return work

    def _function(self, ledger: MemoryLedger) -> SenderFunction:
        clock = SystemClock()
        messenger = LineMessenger(HttpLineClient(Token(), api_url=self.line_url, connections=self.connections))
        pacers = Pacers(
            together=Pacer(MULTICAST_PER_SECOND / self.programs, clock=clock),
            each=Pacer(PUSH_PER_SECOND / self.programs, clock=clock),
        )
        dispatcher = Dispatcher(messenger, pacers=pacers, connections=self.connections, clock=clock)
        return SenderFunction(
            Sender.TEXT,
            batch_sender=BatchSender(dispatcher, ledger=ledger),
            sources=Sources(messenger),
            callers=CallerSettings(messenger, NoBatches()),
            failures=NoFailures(),
            connections=self.connections,
        )


def _invoke(handler: Handler, events: Sequence[dict[str, Any]]) -> None:
    for event in events:
        answer = handler(event, Invocation(str(uuid4())))
        outcomes = {entry["EventAttributes"]["outcome"] for entry in answer.values()}
        if outcomes != {"sent"}:
            raise AssertionError(f"every outcome must be sent, but the outcomes are {outcomes}")


def campaign_event(content: str, number: int) -> dict[str, Any]:
    """The `number`th batch of a campaign, for as many people as one event takes."""
    first = number * MAX_RECIPIENTS
    return {
        "Message": {},
        "Data": content,
        "ApplicationId": "48c7a5e9c3b94c6f8d3e5f1a2b4c6d8e",
        "CampaignId": "a1b2c3d4e5f60718293a4b5c6d7e8f90",
        "TreatmentId": "0",
        "ActivityId": f"batch-{number}",
        "ScheduledTime": "2026-11-21T09:00:00.000Z",
        "Endpoints": {_user_id(person): _endpoint(person) for person in range(first, first + MAX_RECIPIENTS)},
    }


def _endpoint(person: int) -> dict[str, Any]:
    return {
        "ChannelType": "CUSTOM",
        "Address": _user_id(person),
        "EndpointStatus": "ACTIVE",
        "OptOut": "NONE",
        "EffectiveDate": "2026-04-08T19:00:16.843Z",
        "CreationDate": "2026-04-08T19:00:16.843Z",
        "Attributes": {"name": [f"お客様{person}"]},
        "User": {"UserId": f"customer-{person}", "UserAttributes": {"plan": ["gold"]}},
    }


def _user_id(person: int) -> str:
    """Looks random, as LINE's ids do, because that matters for the compression of records."""
    return f"U{blake2b(str(person).encode(), digest_size=16).hexdigest()}"


@dataclass(frozen=True)
class SdkLoop:
    """Pushes to one person after another with line-bot-sdk. A first push opens its connection."""

    line_url: str
    pushes: int

    def __call__(self, _program: int) -> Work[None]:
        from linebot.v3.messaging import (  # type: ignore[import-untyped]
            ApiClient,
            Configuration,
            MessagingApi,
            PushMessageRequest,
            TextMessage,
        )

        line = MessagingApi(ApiClient(Configuration(host=self.line_url, access_token="the-token")))

        def push(people: Iterable[int]) -> None:
            for person in people:
                text = PERSONAL.replace("{{Attributes.name}}", f"お客様{person}")
                request = PushMessageRequest(to=_user_id(person), messages=[TextMessage(text=text)])
                line.push_message(request, x_line_retry_key=str(uuid4()))

        push([0])
        return lambda: push(range(1, self.pushes + 1))
