"""Every verified call goes to the targets as it came, after its events went to the inbox."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from kairan.inbox.forwarding import Call, Forwarding, queued_call
from kairan.messengers.line.signature import sign
from tests.cases.webhook_bodies import BAD
from tests.fakes.clock import FakeClock
from tests.fakes.forwarding import FakeBodies
from tests.fakes.inbox import FakeEventQueue
from tests.rigs.webhook import CHANNEL_SECRET, VERIFY, FakeSecret, webhook_call
from webhook.app import Webhook

USER, GROUP, BOT = "U" + "1" * 32, "C" + "2" * 32, "U" + "0" * 32


@dataclass
class Rig:
    inbox: FakeEventQueue = field(default_factory=FakeEventQueue)
    target: FakeEventQueue = field(default_factory=FakeEventQueue)
    bodies: FakeBodies = field(default_factory=FakeBodies)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.webhook = Webhook(
            account="shop",
            secret=FakeSecret(),
            queue=self.inbox,
            forwarding=Forwarding([self.target], self.bodies, clock=self.clock),
            clock=self.clock,
        )

    def post(self, content: bytes, /, **changes: Any) -> tuple[int, Any]:
        answer = self.webhook(webhook_call(content, **changes), None)
        return answer["statusCode"], json.loads(answer["body"])

    def event(self, *, age: timedelta = timedelta(0), **changes: Any) -> dict[str, Any]:
        return {
            "type": "message",
            "webhookEventId": "01FZ74A0TDDPYRVKNK77XK0001",
            "timestamp": int((self.clock.now() - age).timestamp() * 1000),
            "source": {"type": "user", "userId": USER},
            **changes,
        }

    def calls(self) -> list[Call]:
        return [queued_call(entry.body).load(self.bodies) for entry in self.target.entries]


def body_of(*events: object, destination: str = BOT) -> bytes:
    return json.dumps({"destination": destination, "events": events}, ensure_ascii=False).encode()


@pytest.fixture
def rig() -> Rig:
    return Rig()


@pytest.mark.parametrize("spelt", ["x-line-signature", "X-Line-Signature"])
@pytest.mark.parametrize("absent", ["headers", "multiValueHeaders", "neither"])
def test_a_call_is_passed_on_with_its_signature_and_its_content_type(rig: Rig, spelt: str, absent: str) -> None:
    body = body_of(rig.event())
    signature, content_type = sign(CHANNEL_SECRET, body), "application/json; charset=utf-8"
    maps: dict[str, Any] = {
        "headers": {spelt: signature, "Content-Type": content_type},
        "multiValueHeaders": {spelt: [signature], "Content-Type": [content_type]},
    }
    maps[absent] = None

    assert rig.post(body, **maps) == (200, "OK")

    assert rig.calls() == [Call(body, signature, content_type)]
    assert len(rig.inbox.entries) == 1


def test_the_group_is_the_chat_of_the_first_event_or_else_the_account(rig: Rig) -> None:
    in_group = rig.event(source={"type": "group", "groupId": GROUP, "userId": USER})

    rig.post(body_of(rig.event(), in_group))
    rig.post(body_of(in_group, rig.event()))
    rig.post(body_of(5, rig.event(source={})))
    rig.post(VERIFY)

    assert [entry.group_id for entry in rig.target.entries] == [
        USER,
        GROUP,
        BOT,
        "U8e742f61d673b39c7fff3cecb7536ef0",
    ]


def test_a_call_with_old_events_is_passed_on_whole(rig: Rig) -> None:
    body = body_of(rig.event(age=timedelta(days=30)))

    assert rig.post(body) == (200, "OK")

    assert rig.inbox.entries == []
    assert [call.body for call in rig.calls()] == [body]


@pytest.mark.parametrize("name", BAD)
def test_a_signed_call_that_kairan_cannot_read_is_passed_on_and_refused(rig: Rig, name: str) -> None:
    assert rig.post(BAD[name]) == (400, "InvalidBodyError")

    assert [call.body for call in rig.calls()] == [BAD[name]]


@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "forged"},
        {"signature": ""},
        {"isBase64Encoded": True, "body": "%"},
        {"body": "x" * 2_000_000},
    ],
)
def test_a_call_that_line_did_not_sign_is_not_passed_on(rig: Rig, changes: dict[str, Any]) -> None:
    assert rig.post(VERIFY, **changes)[0] >= 400

    assert rig.target.entries == []


def test_a_targets_queue_that_fails_loses_no_event_and_makes_line_post_again(rig: Rig) -> None:
    rig.target.refuses = True

    assert rig.post(body_of(rig.event())) == (503, "StoreUnavailableError")

    assert len(rig.inbox.entries) == 1


def test_an_inbox_that_fails_keeps_the_call_from_no_target(rig: Rig) -> None:
    rig.inbox.refuses = True

    assert rig.post(body_of(rig.event())) == (503, "StoreUnavailableError")

    assert len(rig.target.entries) == 1


def test_events_are_in_the_inbox_before_a_target_is_thought_of(rig: Rig) -> None:
    class Watching(FakeEventQueue):
        def put(self, entries: Any) -> None:
            assert len(rig.inbox.entries) == 1
            super().put(entries)

    watching = Watching()
    rig.target = watching
    rig.__post_init__()

    assert rig.post(body_of(rig.event())) == (200, "OK")
    assert len(watching.entries) == 1


def test_a_call_that_another_kairan_passed_on_goes_no_further(rig: Rig) -> None:
    signature = sign(CHANNEL_SECRET, VERIFY)
    headers = {"x-line-signature": signature, "X-Kairan-Forwarded": "1"}

    assert rig.post(VERIFY, headers=headers, multiValueHeaders=None) == (200, "OK")

    assert rig.target.entries == []
