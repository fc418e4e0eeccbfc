"""A sender and the secret as it is stored in AWS Secrets Manager: what is wrong with it is named, and never shown."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from benchmarks.lambda_environment import ENVIRONMENTS
from kairan.contract import Sender
from kairan.errors import RetryableError
from kairan.observability import logger
from kairan.senders.wiring import sender_handler
from tests.cases.secret_values import BROKEN
from tests.rigs.events import Context, campaign

MARKED = "marked-secret"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logger.registered_formatter)
    logging.getLogger(logger.name).addHandler(handler)
    yield lines
    logging.getLogger(logger.name).removeHandler(handler)


def invoke(sender: Sender, secret: dict[str, str], event: dict[str, Any]) -> Any:
    """Invokes a sender of a stack whose settings have no speech engine."""
    arn = boto3.client("secretsmanager").create_secret(Name="LINE", SecretString=json.dumps(secret))["ARN"]
    boto3.client("s3").create_bucket(Bucket="media")
    boto3.client("dynamodb").create_table(
        TableName="deliveries",
        KeySchema=[{"AttributeName": "delivery_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "delivery_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return sender_handler(ENVIRONMENTS[sender] | {"SECRET_ARN": arn, "AIVIS_SPEECH_URL": ""})(event, Context())


@pytest.mark.usefixtures("moto")
@pytest.mark.parametrize("broken", BROKEN)
def test_a_token_that_no_header_can_hold_is_named_and_reaches_no_log(broken: str, log: io.StringIO) -> None:
    token = broken.replace("half", MARKED)

    with pytest.raises(RetryableError, match=r"credentials_missing: CHANNEL_ACCESS_TOKEN in the secret has") as raised:
        invoke(Sender.TEXT, {"CHANNEL_SECRET": "s", "CHANNEL_ACCESS_TOKEN": token}, campaign())

    lines = log.getvalue() + str(raised.value)
    assert "CHANNEL_ACCESS_TOKEN in the secret" in lines
    assert [part for part in (token, MARKED, "トークン") if part in lines] == []


@pytest.mark.usefixtures("moto")
def test_a_sender_speaks_by_the_engine_in_the_secret_whose_address_reaches_no_log(log: io.StringIO) -> None:
    secret = {"CHANNEL_ACCESS_TOKEN": "t", "AIVIS_SPEECH_URL": f"http://127.0.0.1:1/{MARKED}"}

    with pytest.raises(RetryableError, match=r"speech_unavailable: no answer from the speech engine") as raised:
        invoke(Sender.SPEECH, secret, campaign(Data="やあ"))

    assert "speech_unavailable" in log.getvalue()
    assert MARKED not in log.getvalue() + str(raised.value)


@pytest.mark.usefixtures("moto")
def test_without_any_address_of_an_engine_a_caller_reads_both_places_for_it() -> None:
    with pytest.raises(RetryableError, match=r"speech_not_configured: .*`aivis_speech_url`.*AIVIS_SPEECH_URL"):
        invoke(Sender.SPEECH, {"CHANNEL_ACCESS_TOKEN": "t"}, campaign(Data="やあ"))
