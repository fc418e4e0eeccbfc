"""What a sender parks in S3 has the form that Lambda itself leaves in the queue of send failures."""

import json

import boto3
import pytest

from kairan.contract import (
    BATCHES_RETENTION_DAYS,
    DEAD_LETTERS_RETENTION_DAYS,
    LEDGER_RETENTION_DAYS,
    PARKED_RETENTION_DAYS,
)
from kairan.errors import QuotaReachedError, StoreUnavailableError
from kairan.senders.s3 import S3SendFailures
from tests.fakes.clock import FakeClock

ARN = "arn:aws:lambda:us-east-1:000000000000:function:send_text"
EVENT = {"to": "U1", "data": "お知らせ", "retry_key": "0b8e9c1c-5f2f-5b52-9d0e-3a1b7c3b9f11"}
REACHED = QuotaReachedError("the limit is reached")


def test_a_parked_event_has_the_form_of_lambdas_own_records(moto: None) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="batches")

    S3SendFailures("batches", clock=FakeClock()).park(EVENT, request_id="r-1", function_arn=ARN, error=REACHED)

    body = s3.get_object(Bucket="batches", Key="parked/r-1.json")["Body"].read()
    assert json.loads(body) == {
        "version": "1.0",
        "timestamp": "2026-11-21T09:00:00.000Z",
        "requestContext": {
            "requestId": "r-1",
            "functionArn": ARN,
            "condition": "monthly_quota",
            "approximateInvokeCount": 1,
        },
        "requestPayload": EVENT,
        "responsePayload": {"errorType": "QuotaReachedError", "errorMessage": "the limit is reached"},
    }
    assert "お知らせ".encode() in body


def test_an_invocation_that_lambda_repeats_is_parked_once(moto: None) -> None:
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="batches")

    for _ in range(2):
        S3SendFailures("batches").park(EVENT, request_id="r-1", function_arn=ARN, error=REACHED)

    assert [file["Key"] for file in s3.list_objects_v2(Bucket="batches")["Contents"]] == ["parked/r-1.json"]


def test_a_bucket_that_is_not_there_is_retryable(moto: None) -> None:
    with pytest.raises(StoreUnavailableError, match="NoSuchBucket"):
        S3SendFailures("gone").park(EVENT, request_id="r-1", function_arn=ARN, error=REACHED)


def test_whatever_waits_for_the_next_month_is_there_and_is_still_sent_once() -> None:
    """The longest month has 31 days. What a parked batch needs outlives it: its file, and the ledger's record."""
    assert PARKED_RETENTION_DAYS > 31 + 7
    assert BATCHES_RETENTION_DAYS > PARKED_RETENTION_DAYS + 14
    assert LEDGER_RETENTION_DAYS > PARKED_RETENTION_DAYS + DEAD_LETTERS_RETENTION_DAYS
