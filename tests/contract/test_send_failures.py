"""What a sender leaves on the queue of send failures has the form that Lambda itself leaves there."""

import json

import boto3
import pytest

from kairan.errors import QuotaReachedError, StoreUnavailableError
from kairan.senders.sqs import SqsSendFailures
from tests.fakes.clock import FakeClock

ARN = "arn:aws:lambda:us-east-1:000000000000:function:send_text"
EVENT = {"to": "U1", "data": "お知らせ", "retry_key": "0b8e9c1c-5f2f-5b52-9d0e-3a1b7c3b9f11"}


def test_a_parked_event_has_the_form_of_lambdas_own_records(moto: None) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="send-failures")["QueueUrl"]

    SqsSendFailures(url, clock=FakeClock()).park(
        EVENT, request_id="r-1", function_arn=ARN, error=QuotaReachedError("the limit is reached")
    )

    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(message["Body"]) == {
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


def test_a_queue_that_is_not_there_is_retryable(moto: None) -> None:
    failures = SqsSendFailures("https://sqs.us-east-1.amazonaws.com/123456789012/gone")

    with pytest.raises(StoreUnavailableError, match=r"QueueDoesNotExist|NonExistentQueue"):
        failures.park(EVENT, request_id="r-1", function_arn=ARN, error=QuotaReachedError("the limit is reached"))
