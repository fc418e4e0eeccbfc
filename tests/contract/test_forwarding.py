"""Calls on their way through SQS and S3 as moto plays them; bodies keep the same promises in memory."""

import boto3
import pytest
from botocore.stub import Stubber

from kairan import aws
from kairan.errors import MalformedEventError, StoreUnavailableError
from kairan.inbox.forwarding import Bodies, Call, Forwarding, queued_call
from kairan.inbox.s3 import QUICK, S3Bodies
from kairan.inbox.sqs import SqsEventQueue
from tests.fakes.forwarding import FakeBodies

HEADERS = {"x-line-signature": "signature", "content-type": "application/json; charset=utf-8"}


@pytest.fixture
def bucket(moto: None) -> str:
    boto3.client("s3").create_bucket(Bucket="batches")
    return "batches"


@pytest.fixture(params=["fake", "s3"])
def bodies(request: pytest.FixtureRequest) -> Bodies:
    if request.param == "fake":
        return FakeBodies()
    return S3Bodies(request.getfixturevalue("bucket"))


@pytest.fixture
def queue_urls(moto: None) -> list[str]:
    return [
        boto3.client("sqs").create_queue(QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
        for name in ("bot", "crm")
    ]


@pytest.mark.parametrize("body", [b"", b"\xff\x00", "回覧".encode() * 100_000])
def test_a_body_comes_back_byte_for_byte(bodies: Bodies, body: bytes) -> None:
    bodies.put("forwarded/a", body)

    assert bodies.get("forwarded/a") == body


def test_a_body_that_is_gone_is_malformed(bodies: Bodies) -> None:
    with pytest.raises(MalformedEventError):
        bodies.get("forwarded/a")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("NoSuchKey", MalformedEventError),
        ("AccessDenied", StoreUnavailableError),
        ("SlowDown", StoreUnavailableError),
        ("InternalError", StoreUnavailableError),
    ],
)
def test_only_a_body_that_is_certainly_gone_is_malformed(
    fresh_clients: None, code: str, error: type[Exception]
) -> None:
    with Stubber(aws.client("s3")) as stubber:
        stubber.add_client_error("get_object", code)

        with pytest.raises(error):
            S3Bodies("batches").get("forwarded/a")


def test_a_throttled_s3_is_retryable_for_the_webhook(fresh_clients: None) -> None:
    with Stubber(aws.client("s3", QUICK)) as stubber:
        stubber.add_client_error("put_object", "SlowDown")

        with pytest.raises(StoreUnavailableError, match="SlowDown"):
            S3Bodies("batches").put("forwarded/a", b"")


@pytest.mark.parametrize(
    "body",
    [
        '{"destination": "U0",  "events":[{"text": "\\u0000 こんにちは 🎌"}]}\n'.encode(),
        b"control \x01\x0b\x7f and no character \xef\xbf\xbf",
        b"\xff no text",
        "回".encode() * 300_000,
    ],
)
def test_any_call_comes_out_of_every_targets_queue_as_it_came(queue_urls: list[str], bucket: str, body: bytes) -> None:
    bodies = S3Bodies(bucket)
    queues = [SqsEventQueue(url, name="a target's queue") for url in queue_urls]

    Forwarding(queues, bodies).put(body, HEADERS.get, chat_id="U1", since=float("inf"))

    for url in queue_urls:
        [message] = boto3.client("sqs").receive_message(QueueUrl=url, MessageSystemAttributeNames=["All"])["Messages"]
        assert queued_call(message["Body"]).load(bodies) == Call(body, "signature", HEADERS["content-type"])
        assert message["Attributes"]["MessageGroupId"] == "U1"


def test_the_same_bytes_twice_are_two_calls(queue_urls: list[str], bucket: str) -> None:
    forwarding = Forwarding([SqsEventQueue(queue_urls[0])], S3Bodies(bucket))

    for _ in range(2):
        forwarding.put(b"{}", HEADERS.get, chat_id="U1", since=float("inf"))

    answer = boto3.client("sqs").receive_message(QueueUrl=queue_urls[0], MaxNumberOfMessages=10)
    assert len(answer["Messages"]) == 2


def test_a_queue_that_is_gone_keeps_the_call_from_no_other(queue_urls: list[str], bucket: str) -> None:
    gone, present = queue_urls
    boto3.client("sqs").delete_queue(QueueUrl=gone)
    queues = [SqsEventQueue(url, name="a target's queue") for url in (gone, present)]

    with pytest.raises(StoreUnavailableError, match="1 of 2"):
        Forwarding(queues, S3Bodies(bucket)).put(b"{}", HEADERS.get, chat_id="U1", since=float("inf"))

    assert len(boto3.client("sqs").receive_message(QueueUrl=present)["Messages"]) == 1
