"""What LINE, and anyone else who finds the address, gets for an answer."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairan.clock import iso
from kairan.contract import WEBHOOK_MAX_BODY_BYTES
from kairan.errors import StoreUnavailableError
from kairan.messengers.line.signature import sign
from tests.cases.webhook_bodies import BAD
from tests.fakes.clock import FakeClock
from tests.fakes.inbox import FakeEventQueue
from tests.rigs.webhook import CHANNEL_SECRET, VERIFY, FakeSecret, webhook_call
from webhook.app import Webhook

ACCOUNT = "shop"
USER = "U" + "1" * 32

Counted = Callable[[str], int]
Logged = Callable[[], list[dict[str, Any]]]


@dataclass
class WebhookRig:
    """A webhook with everything it stands on."""

    secret: FakeSecret = field(default_factory=FakeSecret)
    queue: FakeEventQueue = field(default_factory=FakeEventQueue)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.webhook = Webhook(account=ACCOUNT, secret=self.secret, queue=self.queue, clock=self.clock)

    def post(self, content: bytes, /, **changes: Any) -> tuple[int, Any]:
        answer = self.webhook(webhook_call(content, **changes), None)
        assert answer["headers"] == {"content-type": "application/json"}
        return answer["statusCode"], json.loads(answer["body"])

    def event(self, number: int = 1, *, age: timedelta = timedelta(0), **changes: Any) -> dict[str, Any]:
        return {
            "type": "message",
            "webhookEventId": f"01FZ74A0TDDPYRVKNK77XK{number:04d}",
            "timestamp": int((self.clock.now() - age).timestamp() * 1000),
            "source": {"type": "user", "userId": USER},
            "message": {"type": "text", "id": str(number), "text": "こんにちは"},
            **changes,
        }


def body_of(*events: object) -> bytes:
    return json.dumps({"destination": "Ubot", "events": events}, ensure_ascii=False).encode()


@pytest.fixture
def rig() -> WebhookRig:
    return WebhookRig()


def test_the_verify_button_gets_ok(rig: WebhookRig) -> None:
    assert rig.post(VERIFY, signature="GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=") == (200, "OK")

    assert rig.queue.entries == []


def test_events_are_queued_one_by_one_and_counted(rig: WebhookRig, counted: Counted) -> None:
    events = [rig.event(1), rig.event(2)]

    assert rig.post(body_of(*events)) == (200, "OK")

    assert [json.loads(entry.body) for entry in rig.queue.entries] == [
        {
            "messenger": "line",
            "account": ACCOUNT,
            "destination": "Ubot",
            "received_at": iso(rig.clock.now()),
            "event": event,
        }
        for event in events
    ]
    assert [entry.deduplication_id for entry in rig.queue.entries] == [event["webhookEventId"] for event in events]
    assert [entry.group_id for entry in rig.queue.entries] == [USER, USER]
    assert counted("EventsQueued") == 2


@pytest.mark.parametrize("name", ["x-line-signature", "X-Line-Signature", "X-LINE-SIGNATURE"])
@pytest.mark.parametrize("absent", ["headers", "multiValueHeaders", "neither"])
def test_the_header_is_found_however_it_is_written_and_in_either_map(rig: WebhookRig, name: str, absent: str) -> None:
    signature = sign(CHANNEL_SECRET, VERIFY)
    maps: dict[str, Any] = {"headers": {name: signature}, "multiValueHeaders": {name: [signature]}}
    maps[absent] = None

    assert rig.post(VERIFY, **maps) == (200, "OK")


GOOD = sign(CHANNEL_SECRET, VERIFY)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"signature": sign("another secret", VERIFY)}, id="of another secret"),
        pytest.param({"signature": sign(CHANNEL_SECRET, VERIFY + b" ")}, id="of another body"),
        pytest.param({"signature": GOOD.lower()}, id="in another case"),
        pytest.param({"signature": "日本語"}, id="not even ASCII"),
        pytest.param({"signature": ""}, id="empty"),
        pytest.param({"headers": {}, "multiValueHeaders": {}}, id="missing"),
        pytest.param({"headers": None, "multiValueHeaders": None}, id="no headers at all"),
        pytest.param({"multiValueHeaders": {"x-line-signature": [GOOD, GOOD]}}, id="twice"),
        pytest.param({"multiValueHeaders": {"x-line-signature": ["wrong", GOOD]}}, id="wrong and right"),
        pytest.param(
            {"multiValueHeaders": {"x-line-signature": [GOOD], "X-Line-Signature": [GOOD]}}, id="in two cases"
        ),
        pytest.param({"headers": {"x-line-signature": GOOD, "X-Line-Signature": GOOD}}, id="two headers, one map"),
        pytest.param({"signature": f"{GOOD}, {GOOD}"}, id="twice, joined"),
        pytest.param({"signature": f"{GOOD},{GOOD}"}, id="twice, joined without a space"),
    ],
)
def test_a_call_that_line_did_not_sign_is_refused_and_leaves_one_line(
    rig: WebhookRig, counted: Counted, logged: Logged, changes: dict[str, Any]
) -> None:
    assert rig.post(VERIFY, **changes) == (400, "InvalidSignatureError")

    assert rig.queue.entries == []
    assert counted("InvalidSignature") == 1
    assert [line["level"] for line in logged()] == ["WARNING"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"signature": "forged"}, "invalid_signature", id="a forged signature"),
        pytest.param({"isBase64Encoded": True}, "invalid_body", id="no base64"),
        pytest.param({"body": "x" * (WEBHOOK_MAX_BODY_BYTES + 1)}, "body_too_large", id="too large"),
    ],
)
def test_a_flood_of_refused_calls_leaves_a_line_a_minute_that_counts_them(
    rig: WebhookRig, counted: Counted, logged: Logged, changes: dict[str, Any], code: str
) -> None:
    for _ in range(1000):
        assert rig.post(VERIFY, **changes)[0] >= 400
    rig.clock.sleep(60)
    rig.post(VERIFY, **changes)

    assert [(line["code"], line["calls"]) for line in logged()] == [(code, 1), (code, 1000)]
    assert counted("InvalidSignature") == (1001 if code == "invalid_signature" else 0)


def test_a_good_call_brings_the_count_of_refused_ones_into_the_log(
    rig: WebhookRig, counted: Counted, logged: Logged
) -> None:
    for _ in range(3):
        rig.post(VERIFY, signature="forged")
    rig.clock.sleep(60)

    rig.post(VERIFY)

    assert counted("InvalidSignature") == 3
    assert [line["calls"] for line in logged() if line["message"] == "refused"] == [1, 2]


def test_neither_the_body_nor_the_signature_is_logged(rig: WebhookRig, logged: Logged) -> None:
    body = body_of(rig.event())

    rig.post(body)
    rig.post(body, signature="forged")
    rig.post(b'{"text": "secret words"}')

    lines = json.dumps(logged(), ensure_ascii=False)
    for hidden in ("こんにちは", USER, "forged", sign(CHANNEL_SECRET, body), "secret words", CHANNEL_SECRET):
        assert hidden not in lines


@given(flipped=st.integers(0, len(VERIFY) * 8 - 1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_body_with_one_bit_changed_is_refused(rig: WebhookRig, flipped: int) -> None:
    changed = bytearray(VERIFY)
    changed[flipped // 8] ^= 1 << flipped % 8

    answer = rig.post(VERIFY, signature=GOOD, body=base64.b64encode(bytes(changed)).decode(), isBase64Encoded=True)

    assert answer == (400, "InvalidSignatureError")


def test_a_body_that_the_gateway_encoded_is_verified_as_it_was(rig: WebhookRig) -> None:
    body = body_of(rig.event())

    assert rig.post(body, body=base64.b64encode(body).decode(), isBase64Encoded=True) == (200, "OK")

    assert len(rig.queue.entries) == 1


def test_a_body_that_should_be_base64_and_is_not_is_refused(rig: WebhookRig) -> None:
    assert rig.post(VERIFY, isBase64Encoded=True) == (400, "InvalidBodyError")


@pytest.mark.parametrize("name", BAD)
def test_a_signed_body_that_is_none_is_refused(rig: WebhookRig, name: str) -> None:
    assert rig.post(BAD[name]) == (400, "InvalidBodyError")

    assert rig.queue.entries == []


def test_no_body_at_all_is_refused(rig: WebhookRig) -> None:
    assert rig.post(b"", body=None) == (400, "InvalidBodyError")


def test_a_body_over_the_limit_is_refused_whoever_sends_it(rig: WebhookRig) -> None:
    largest = VERIFY + b" " * (WEBHOOK_MAX_BODY_BYTES - len(VERIFY))

    assert rig.post(largest) == (200, "OK")
    assert rig.post(largest + b" ") == (413, "BodyTooLargeError")
    assert rig.post(largest + b" ", signature="wrong") == (413, "BodyTooLargeError")


def test_the_limit_is_in_bytes(rig: WebhookRig) -> None:
    assert rig.post(body_of("回" * (WEBHOOK_MAX_BODY_BYTES // 3))) == (413, "BodyTooLargeError")


def test_a_queue_that_refuses_makes_line_try_again(rig: WebhookRig, counted: Counted, logged: Logged) -> None:
    rig.queue.refuses = True

    assert rig.post(body_of(rig.event(1), rig.event(2))) == (503, "StoreUnavailableError")

    assert counted("EventsQueued") == 0
    assert [line["level"] for line in logged()] == ["ERROR"]


def test_placeholders_in_the_secret_are_answered_with_503_and_a_line_that_says_what_to_do(
    rig: WebhookRig, logged: Logged
) -> None:
    rig.secret.current = None

    assert rig.post(VERIFY) == (503, "CredentialsMissingError")

    [line] = logged()
    assert line["level"] == "ERROR"
    assert "kairan connect" in line["error"]


def test_after_a_bad_signature_the_secret_is_read_again_and_the_call_checked_again(rig: WebhookRig) -> None:
    rig.secret.next = "a secret issued a minute ago"

    assert rig.post(VERIFY, secret="a secret issued a minute ago") == (200, "OK")

    assert rig.secret.refreshed == 1


@pytest.mark.parametrize("read_again", [CHANNEL_SECRET, "a secret issued a minute ago"])
def test_a_signature_of_neither_secret_stays_bad(rig: WebhookRig, read_again: str) -> None:
    rig.secret.next = read_again

    assert rig.post(VERIFY, secret="another")[0] == 400
    assert rig.secret.refreshed == 1


@pytest.mark.parametrize("changes", [{"signature": ""}, {"headers": {}, "multiValueHeaders": {}}])
def test_a_call_without_a_signature_does_not_make_us_read_the_secret(rig: WebhookRig, changes: dict[str, Any]) -> None:
    rig.post(VERIFY, **changes)

    assert rig.secret.refreshed == 0


def test_a_secret_that_cannot_be_read_again_makes_line_try_again(rig: WebhookRig) -> None:
    rig.secret.error = StoreUnavailableError("the secret could not be read")

    assert rig.post(VERIFY, signature="wrong") == (503, "StoreUnavailableError")


def test_events_older_than_a_week_are_dropped_and_counted(rig: WebhookRig, counted: Counted) -> None:
    week = timedelta(days=7)
    body = body_of(rig.event(1, age=week), rig.event(2, age=week + timedelta(seconds=1)), rig.event(3))

    assert rig.post(body) == (200, "OK")

    assert [entry.deduplication_id[-1] for entry in rig.queue.entries] == ["1", "3"]
    assert counted("EventsTooOld") == 1
    assert counted("EventsQueued") == 2


def test_an_event_without_a_time_is_not_too_old(rig: WebhookRig) -> None:
    rig.post(body_of(rig.event(timestamp=None)))

    assert len(rig.queue.entries) == 1


def test_entries_that_are_no_events_are_counted_and_the_others_queued(rig: WebhookRig, counted: Counted) -> None:
    assert rig.post(body_of(7, rig.event(), "event")) == (200, "OK")

    assert len(rig.queue.entries) == 1
    assert counted("EventsUnhandled") == 2
