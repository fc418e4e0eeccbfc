"""Ten thousand calls of the webhook that nobody thought of: it answers each, and only as it may.

What is right for a signed body is worked out here a second time, from the plain rules: UTF-8, JSON (RFC 8259), an
object with a list `events`.
"""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, NoReturn

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kairan.contract import WEBHOOK_MAX_BODY_BYTES
from kairan.errors import StoreUnavailableError
from kairan.inbox.queue import Entry
from kairan.messengers.line.signature import sign
from kairan.observability import observed
from tests.fakes.clock import FakeClock
from tests.rigs.events import Context
from tests.rigs.webhook import CHANNEL_SECRET, VERIFY, FakeSecret
from webhook.app import TOO_OLD, Webhook

OK = (200, "OK")
UNSIGNED = (400, "InvalidSignatureError")
NO_BODY = (400, "InvalidBodyError")
TOO_LARGE = (413, "BodyTooLargeError")
NOT_NOW = {(503, "StoreUnavailableError"), (503, "CredentialsMissingError")}
ANSWERS = {OK, UNSIGNED, NO_BODY, TOO_LARGE} | NOT_NOW

NOW = FakeClock().now()
SQS_ID = re.compile(r"[!-~]{1,128}")
"""SendMessage, `MessageGroupId` and `MessageDeduplicationId`."""
SQS_TEXT = re.compile(r"[\t\n\r\x20-\x7e]+")
"""Of the characters that SQS takes in a message, those in ASCII."""

often = settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@dataclass
class StrictEventQueue:
    """Takes what SQS takes."""

    refuses: bool = False
    entries: list[Entry] = field(default_factory=list)

    def put(self, entries: Sequence[Entry]) -> None:
        if self.refuses:
            raise StoreUnavailableError("no events could be queued")
        for entry in entries:
            assert SQS_TEXT.fullmatch(entry.body)
            assert SQS_ID.fullmatch(entry.group_id)
            assert SQS_ID.fullmatch(entry.deduplication_id)
        self.entries.extend(entries)


@dataclass
class Fuzzed:
    """A webhook as it is deployed, inside its outermost boundary."""

    secret: FakeSecret = field(default_factory=FakeSecret)
    queue: StrictEventQueue = field(default_factory=StrictEventQueue)

    def post(self, call: dict[str, Any]) -> tuple[int, str]:
        handler = observed(Webhook(account="line", secret=self.secret, queue=self.queue, clock=FakeClock()))
        answer = handler(call, Context(function_name="webhook"))
        assert answer.keys() == {"statusCode", "headers", "body", "isBase64Encoded"}
        assert (answer["headers"], answer["isBase64Encoded"]) == ({"content-type": "application/json"}, False)
        said = answer["statusCode"], json.loads(answer["body"])
        assert said in ANSWERS
        assert said == OK or not self.queue.entries
        return said

    def post_signed(self, body: bytes) -> tuple[int, str]:
        """As API Gateway hands on what is not text."""
        signature = sign(CHANNEL_SECRET, body)
        return self.post(
            {
                "headers": {"x-line-signature": signature},
                "multiValueHeaders": {"x-line-signature": [signature]},
                "body": base64.b64encode(body).decode(),
                "isBase64Encoded": True,
            }
        )


def right_answer(body: bytes) -> tuple[tuple[int, str], int]:
    """What a signed body is to be answered, and how many events are to be queued."""
    if len(body) > WEBHOOK_MAX_BODY_BYTES:
        return TOO_LARGE, 0
    try:
        content = json.loads(body.decode("utf-8"), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        return NO_BODY, 0
    if not isinstance(content, dict) or not isinstance(content.get("events"), list):
        return NO_BODY, 0
    return OK, sum(isinstance(event, dict) and not is_too_old(event.get("timestamp")) for event in content["events"])


def is_too_old(timestamp: object) -> bool:
    oldest_ms = (NOW - TOO_OLD).timestamp() * 1000
    return isinstance(timestamp, int) and not isinstance(timestamp, bool) and 0 <= timestamp < oldest_ms


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _finite(text: str) -> float:
    if not isfinite(number := float(text)):
        raise ValueError(text)
    return number


TEXT = st.text(st.characters(exclude_categories=()), max_size=20)
"""Lone surrogates and control characters too: JSON can carry them."""
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)
NAMES = ("type", "webhookEventId", "timestamp", "source", "mode", "deliveryContext", "replyToken", "message", "follow")
TIMES = st.sampled_from(
    [0, -1, int(NOW.timestamp() * 1000), int((NOW - TOO_OLD).timestamp() * 1000) - 1, 10**18, 10**400, 1.5, "1", True]
)
IDS = st.sampled_from(["U" + "1" * 32, "", "U", "x" * 129, "Grüße", "\x00", "\ud800", "a b"])
SOURCE = st.dictionaries(st.sampled_from(["type", "userId", "groupId", "roomId"]), IDS | JSON, max_size=4)
EVENT = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(NAMES, JSON),
        "webhookEventId": IDS | JSON,
        "timestamp": TIMES | JSON,
        "source": SOURCE | JSON,
    },
)
CALLBACK = st.fixed_dictionaries(
    {}, optional={"destination": IDS | JSON, "events": st.lists(EVENT | JSON, max_size=4) | JSON, "more": JSON}
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "shift-jis", "latin-1", "utf-7"])


@often
@given(content=CALLBACK, ascii_only=st.booleans(), indent=st.sampled_from([None, 1]))
def test_signed_json_of_any_shape(content: dict[str, Any], ascii_only: bool, indent: int | None) -> None:
    body = json.dumps(content, ensure_ascii=ascii_only, indent=indent).encode(errors="surrogatepass")
    fuzzed = Fuzzed()

    said = fuzzed.post_signed(body)

    assert (said, len(fuzzed.queue.entries)) == right_answer(body)
    queued = [json.loads(entry.body)["event"] for entry in fuzzed.queue.entries]
    assert all(event in content["events"] for event in queued)


@often
@given(body=st.binary(max_size=200))
@example(body=b"\xef\xbb\xbf" + VERIFY)
@example(body=b'{"events":[],"events":1}')
@example(body=b'{"events":[{"timestamp":1e999}]}')
@example(body=b'{"events":[{"timestamp":' + b"9" * 5000 + b"}]}")
@example(body=b'{"events":[' + b"[" * 100_000)
@example(body=b'{"events":[' + b'{"a":' * 400 + b"1" + b"}" * 400 + b"]}")
@example(body=VERIFY + b" " * WEBHOOK_MAX_BODY_BYTES)
def test_signed_bytes_of_any_kind(body: bytes) -> None:
    fuzzed = Fuzzed()

    said = fuzzed.post_signed(body)

    assert (said, len(fuzzed.queue.entries)) == right_answer(body)


@often
@given(content=CALLBACK, encoding=ENCODINGS, data=st.data())
def test_signed_json_in_any_encoding_and_damaged(content: dict[str, Any], encoding: str, data: st.DataObject) -> None:
    body = bytearray(json.dumps(content, ensure_ascii=data.draw(st.booleans())).encode(encoding, "replace"))
    for place in data.draw(st.lists(st.integers(0, max(0, len(body) - 1)), max_size=3)):
        body[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    fuzzed = Fuzzed()

    said = fuzzed.post_signed(bytes(body))

    assert (said, len(fuzzed.queue.entries)) == right_answer(bytes(body))


NAME = st.sampled_from(["x-line-signature", "X-Line-Signature", "X-LINE-SIGNATURE", "x-line-signaturé"]) | TEXT
SIGNATURE = st.sampled_from([sign(CHANNEL_SECRET, VERIFY), sign("another", VERIFY), "", " ", ","]) | TEXT
HEADERS = st.none() | st.dictionaries(NAME, SIGNATURE, max_size=3)
MULTI = st.none() | st.dictionaries(NAME, st.none() | st.lists(SIGNATURE, max_size=3), max_size=3)


@often
@given(headers=HEADERS, multi=MULTI)
def test_signatures_of_any_kind(headers: dict[str, str] | None, multi: dict[str, list[str] | None] | None) -> None:
    """Accepted is only one that is right, and then nowhere beside another."""
    given = [value for name, value in (headers or {}).items() if name.lower() == "x-line-signature"]
    every = [
        value for name, values in (multi or {}).items() if name.lower() == "x-line-signature" for value in values or []
    ]
    fuzzed = Fuzzed()

    said = fuzzed.post({"headers": headers, "multiValueHeaders": multi, "body": VERIFY.decode()})

    right = sign(CHANNEL_SECRET, VERIFY)
    assert said in {OK, UNSIGNED}
    assert said == UNSIGNED or set(given + every) == {right} or every == [right]


SECRETS = st.builds(
    FakeSecret,
    current=st.sampled_from([CHANNEL_SECRET, None, "another"]),
    next=st.sampled_from([CHANNEL_SECRET, "another"]),
    error=st.sampled_from([None, None, StoreUnavailableError("Secrets Manager does not answer")]),
)
BODY = st.none() | TEXT | st.binary(max_size=60).map(lambda body: base64.b64encode(body).decode())


@often
@given(
    secret=SECRETS,
    refuses=st.booleans(),
    headers=HEADERS,
    multi=MULTI,
    body=BODY | st.just(VERIFY.decode()),
    encoded=st.none() | st.booleans(),
    more=st.dictionaries(TEXT, JSON, max_size=2),
)
def test_calls_of_any_kind_while_anything_may_fail(
    secret: FakeSecret,
    refuses: bool,
    headers: dict[str, str] | None,
    multi: dict[str, list[str] | None] | None,
    body: str | None,
    encoded: bool | None,
    more: dict[str, Any],
) -> None:
    call = {**more, "headers": headers, "multiValueHeaders": multi, "body": body, "isBase64Encoded": encoded}

    assert Fuzzed(secret, StrictEventQueue(refuses=refuses)).post(call) in ANSWERS
