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

from kairan.errors import CredentialsMissingError, StoreUnavailableError
from kairan.line.signature import sign
from tests.fakes.clock import FakeClock
from tests.fakes.inbox import FakeInbox
from webhook.app import MAX_BODY_BYTES, Webhook

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
USER = "U" + "1" * 32
VERIFY = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'

Counted = Callable[[str], int]
Logged = Callable[[], list[dict[str, Any]]]


@dataclass
class FakeSecret:
    """`next` is what the secret holds when it is read again."""

    current: str | None = SECRET
    next: str | None = SECRET
    refreshed: int = 0
    fault: Exception | None = None

    def channel_secret(self) -> str:
        if self.current is None:
            raise CredentialsMissingError("CHANNEL_SECRET is not in the secret yet: run `kairan connect`")
        return self.current

    def refresh(self) -> bool:
        self.refreshed += 1
        if self.fault is not None:
            raise self.fault
        changed, self.current = self.current != self.next, self.next
        return changed


@dataclass
class House:
    """A webhook with everything it stands on."""

    secret: FakeSecret = field(default_factory=FakeSecret)
    inbox: FakeInbox = field(default_factory=FakeInbox)
    clock: FakeClock = field(default_factory=FakeClock)

    def post(self, content: bytes, /, **changes: Any) -> tuple[int, Any]:
        answer = Webhook(secret=self.secret, inbox=self.inbox, clock=self.clock)(call(content, **changes), None)
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


def call(content: bytes, /, *, signature: str | None = None, secret: str = SECRET, **changes: Any) -> dict[str, Any]:
    """A request as API Gateway hands it on."""
    signature = sign(secret, content) if signature is None else signature
    return {
        "httpMethod": "POST",
        "headers": {"content-type": "application/json", "x-line-signature": signature},
        "multiValueHeaders": {"content-type": ["application/json"], "x-line-signature": [signature]},
        "body": content.decode(),
        "isBase64Encoded": False,
        **changes,
    }


def body_of(*events: object) -> bytes:
    return json.dumps({"destination": "Ubot", "events": events}, ensure_ascii=False).encode()


@pytest.fixture
def house() -> House:
    return House()


def test_the_verify_button_gets_ok(house: House) -> None:
    assert house.post(VERIFY, signature="GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs=") == (200, "OK")

    assert house.inbox.entries == []


def test_events_are_queued_one_by_one_and_counted(house: House, counted: Counted) -> None:
    events = [house.event(1), house.event(2)]

    assert house.post(body_of(*events)) == (200, "OK")

    assert [json.loads(entry.body) for entry in house.inbox.entries] == [
        {"destination": "Ubot", "event": event} for event in events
    ]
    assert [entry.deduplication_id for entry in house.inbox.entries] == [event["webhookEventId"] for event in events]
    assert [entry.group_id for entry in house.inbox.entries] == [USER, USER]
    assert counted("EventsQueued") == 2


@pytest.mark.parametrize("name", ["x-line-signature", "X-Line-Signature", "X-LINE-SIGNATURE"])
@pytest.mark.parametrize("absent", ["headers", "multiValueHeaders", "neither"])
def test_the_header_is_found_however_it_is_written_and_in_either_map(house: House, name: str, absent: str) -> None:
    signature = sign(SECRET, VERIFY)
    maps: dict[str, Any] = {"headers": {name: signature}, "multiValueHeaders": {name: [signature]}}
    maps[absent] = None

    assert house.post(VERIFY, **maps) == (200, "OK")


GOOD = sign(SECRET, VERIFY)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"signature": sign("another secret", VERIFY)}, id="of another secret"),
        pytest.param({"signature": sign(SECRET, VERIFY + b" ")}, id="of another body"),
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
    house: House, counted: Counted, logged: Logged, changes: dict[str, Any]
) -> None:
    assert house.post(VERIFY, **changes) == (400, "InvalidSignatureError")

    assert house.inbox.entries == []
    assert counted("InvalidSignature") == 1
    assert [line["level"] for line in logged()] == ["WARNING"]


def test_neither_the_body_nor_the_signature_is_logged(house: House, logged: Logged) -> None:
    body = body_of(house.event())

    house.post(body)
    house.post(body, signature="forged")
    house.post(b'{"text": "secret words"}')

    lines = json.dumps(logged(), ensure_ascii=False)
    for hidden in ("こんにちは", USER, "forged", sign(SECRET, body), "secret words", SECRET):
        assert hidden not in lines


@given(flipped=st.integers(0, len(VERIFY) * 8 - 1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_body_with_one_bit_changed_is_refused(house: House, flipped: int) -> None:
    changed = bytearray(VERIFY)
    changed[flipped // 8] ^= 1 << flipped % 8

    answer = house.post(VERIFY, signature=GOOD, body=base64.b64encode(bytes(changed)).decode(), isBase64Encoded=True)

    assert answer == (400, "InvalidSignatureError")


def test_a_body_that_the_gateway_encoded_is_verified_as_it_was(house: House) -> None:
    body = body_of(house.event())

    assert house.post(body, body=base64.b64encode(body).decode(), isBase64Encoded=True) == (200, "OK")

    assert len(house.inbox.entries) == 1


def test_a_body_that_should_be_base64_and_is_not_is_refused(house: House) -> None:
    assert house.post(VERIFY, isBase64Encoded=True) == (400, "InvalidBodyError")


@pytest.mark.parametrize("body", [b"", b"not json", b"{}", b'{"events": 1}', b'{"events": [NaN]}', b"[" * 100_000])
def test_a_signed_body_that_is_none_is_refused(house: House, body: bytes) -> None:
    assert house.post(body) == (400, "InvalidBodyError")

    assert house.inbox.entries == []


def test_bytes_that_are_no_text_are_refused(house: House) -> None:
    body = b'{"events": ["\xff"]}'

    answer = house.post(
        VERIFY, signature=sign(SECRET, body), body=base64.b64encode(body).decode(), isBase64Encoded=True
    )

    assert answer == (400, "InvalidBodyError")


def test_no_body_at_all_is_refused(house: House) -> None:
    assert house.post(b"", body=None) == (400, "InvalidBodyError")


def test_a_body_over_the_limit_is_refused_whoever_sends_it(house: House) -> None:
    largest = VERIFY + b" " * (MAX_BODY_BYTES - len(VERIFY))

    assert house.post(largest) == (200, "OK")
    assert house.post(largest + b" ") == (413, "BodyTooLargeError")
    assert house.post(largest + b" ", signature="wrong") == (413, "BodyTooLargeError")


def test_the_limit_is_in_bytes(house: House) -> None:
    assert house.post(body_of("回" * (MAX_BODY_BYTES // 3))) == (413, "BodyTooLargeError")


def test_a_queue_that_refuses_makes_line_try_again(house: House, counted: Counted, logged: Logged) -> None:
    house.inbox.refuses = True

    assert house.post(body_of(house.event(1), house.event(2))) == (503, "StoreUnavailableError")

    assert counted("EventsQueued") == 0
    assert [line["level"] for line in logged()] == ["ERROR"]


def test_placeholders_in_the_secret_are_answered_with_503_and_a_line_that_says_what_to_do(
    house: House, logged: Logged
) -> None:
    house.secret.current = None

    assert house.post(VERIFY) == (503, "CredentialsMissingError")

    [line] = logged()
    assert line["level"] == "ERROR"
    assert "kairan connect" in line["error"]


def test_after_a_bad_signature_the_secret_is_read_again_and_the_call_checked_again(house: House) -> None:
    house.secret.next = "a secret issued a minute ago"

    assert house.post(VERIFY, secret="a secret issued a minute ago") == (200, "OK")

    assert house.secret.refreshed == 1


def test_a_secret_that_did_not_change_leaves_a_bad_signature_bad(house: House) -> None:
    assert house.post(VERIFY, secret="another")[0] == 400
    assert house.secret.refreshed == 1


@pytest.mark.parametrize("changes", [{"signature": ""}, {"headers": {}, "multiValueHeaders": {}}])
def test_a_call_without_a_signature_does_not_make_us_read_the_secret(house: House, changes: dict[str, Any]) -> None:
    house.post(VERIFY, **changes)

    assert house.secret.refreshed == 0


def test_a_secret_that_cannot_be_read_again_makes_line_try_again(house: House) -> None:
    house.secret.fault = StoreUnavailableError("the secret could not be read")

    assert house.post(VERIFY, signature="wrong") == (503, "StoreUnavailableError")


def test_events_older_than_a_week_are_dropped_and_counted(house: House, counted: Counted) -> None:
    week = timedelta(days=7)
    body = body_of(house.event(1, age=week), house.event(2, age=week + timedelta(seconds=1)), house.event(3))

    assert house.post(body) == (200, "OK")

    assert [entry.deduplication_id[-1] for entry in house.inbox.entries] == ["1", "3"]
    assert counted("EventsTooOld") == 1
    assert counted("EventsQueued") == 2


def test_an_event_without_a_time_is_not_too_old(house: House) -> None:
    house.post(body_of(house.event(timestamp=None)))

    assert len(house.inbox.entries) == 1


def test_entries_that_are_no_events_are_counted_and_the_others_queued(house: House, counted: Counted) -> None:
    assert house.post(body_of(7, house.event(), "event")) == (200, "OK")

    assert len(house.inbox.entries) == 1
    assert counted("EventsUnhandled") == 2
