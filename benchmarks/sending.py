"""What the senders' benchmark runs in programs of their own: Kairan's sender, and the loop that line-bot-sdk invites to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import uuid4

from benchmarks.processes import Work
from kairan.clock import SystemClock
from kairan.delivery import record_format
from kairan.delivery.callers import CallerSettings
from kairan.delivery.deliverer import Deliverer, Pacers
from kairan.delivery.function import SenderFunction
from kairan.delivery.ledger import DeliveryRecord
from kairan.delivery.model import MAX_RECIPIENTS, DeliveryId, Sender
from kairan.delivery.pacing import Pacer
from kairan.errors import KairanError
from kairan.line.http import HttpLineClient
from kairan.observability import Handler, observed
from kairan.secrets import LineCredentials

MULTICAST_PER_SECOND = 200
PUSH_PER_SECOND = 2000
"""LINE's limits for a channel (Messaging API reference, "Rate limits")."""

SHARED = "今週末は全品半額です。土曜日は朝9時に開店します。"
PERSONAL = "{{Attributes.name}}さん、" + SHARED


@dataclass(frozen=True)
class Written:
    """To the ledger: how often, and how much in all."""

    times: int = 0
    bytes: int = 0


class MemoryLedger:
    """A ledger for deliveries that are never repeated: it writes records down as the real one does, and keeps none."""

    def __init__(self) -> None:
        self.written = Written()

    def load(self, delivery_id: DeliveryId) -> DeliveryRecord | None:
        return None

    def save(self, record: DeliveryRecord, *, writer: str) -> None:
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


class NoFailures:
    def park(self, event: Mapping[str, Any], *, request_id: str, function_arn: str, error: KairanError) -> None:
        raise AssertionError("LINE has no monthly limit here") from error


@dataclass(frozen=True)
class KairanSender:
    """The sender of texts, as one of `programs` that share LINE's rates. Each takes `deliveries` events of a campaign, one after
    another, behind a first one that opens its connections."""

    line_url: str
    content: str
    deliveries: int
    connections: int
    programs: int = 1

    def __call__(self, program: int) -> Work[Written]:
        ledger = MemoryLedger()
        handler = observed(self._function(ledger))
        first = program * (self.deliveries + 1)
        events = [campaign_event(self.content, number) for number in range(first, first + self.deliveries + 1)]
        _invoke(handler, events[:1])

        def work() -> Written:
            _invoke(handler, events[1:])
            return ledger.written

        return work

    def _function(self, ledger: MemoryLedger) -> SenderFunction:
        clock = SystemClock()
        line = HttpLineClient(Token(), api_url=self.line_url, connections=self.connections)
        pacers = Pacers(
            multicast=Pacer(MULTICAST_PER_SECOND / self.programs, clock=clock),
            push=Pacer(PUSH_PER_SECOND / self.programs, clock=clock),
        )
        return SenderFunction(
            Sender.TEXT,
            deliverer=Deliverer(line=line, ledger=ledger, pacers=pacers, connections=self.connections, clock=clock),
            line=line,
            failures=NoFailures(),
            callers=CallerSettings(),
            connections=self.connections,
        )


def _invoke(handler: Handler, events: Sequence[dict[str, Any]]) -> None:
    for event in events:
        answer = handler(event, Invocation(str(uuid4())))
        outcomes = {said["EventAttributes"]["outcome"] for said in answer.values()}
        if outcomes != {"sent"}:
            raise AssertionError(f"everybody can be sent to, but the outcomes are {outcomes}")


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
        "Endpoints": {_user_id(place): _endpoint(place) for place in range(first, first + MAX_RECIPIENTS)},
    }


def _endpoint(place: int) -> dict[str, Any]:
    return {
        "ChannelType": "CUSTOM",
        "Address": _user_id(place),
        "EndpointStatus": "ACTIVE",
        "OptOut": "NONE",
        "EffectiveDate": "2026-04-08T19:00:16.843Z",
        "CreationDate": "2026-04-08T19:00:16.843Z",
        "Attributes": {"name": [f"お客様{place}"]},
        "User": {"UserId": f"customer-{place}", "UserAttributes": {"plan": ["gold"]}},
    }


def _user_id(place: int) -> str:
    """LINE's are as good as random, which counts where records are compressed."""
    return f"U{blake2b(str(place).encode(), digest_size=16).hexdigest()}"


@dataclass(frozen=True)
class SdkLoop:
    """Pushes to one person after another with line-bot-sdk, behind a first one that opens its connection."""

    line_url: str
    pushes: int

    def __call__(self, _program: int) -> Work[None]:
        from linebot.v3.messaging import ApiClient, Configuration, MessagingApi, PushMessageRequest, TextMessage  # type: ignore[import-untyped]

        line = MessagingApi(ApiClient(Configuration(host=self.line_url, access_token="the-token")))

        def push(places: Iterable[int]) -> None:
            for place in places:
                text = PERSONAL.replace("{{Attributes.name}}", f"お客様{place}")
                request = PushMessageRequest(to=_user_id(place), messages=[TextMessage(text=text)])
                line.push_message(request, x_line_retry_key=str(uuid4()))

        push([0])
        return lambda: push(range(1, self.pushes + 1))
