"""The webhook over the secret as it is kept in AWS Secrets Manager."""

import json
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from kairan import aws
from kairan.line.signature import sign
from kairan.secrets import REREAD_AFTER_S, LineSecret
from tests.fakes.clock import FakeClock
from tests.fakes.inbox import FakeInbox
from webhook.app import Webhook

BODY = '{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'


def secret_string(channel_secret: str) -> str:
    return json.dumps({"CHANNEL_SECRET": channel_secret, "CHANNEL_ACCESS_TOKEN": "token"})


def post(webhook: Webhook, *, signed_with: str) -> tuple[int, Any]:
    headers = {"X-Line-Signature": sign(signed_with, BODY.encode())}
    answer = webhook({"headers": headers, "body": BODY, "isBase64Encoded": False}, None)
    return answer["statusCode"], json.loads(answer["body"])


def test_a_new_channel_secret_is_taken_up_without_a_deploy(moto: None) -> None:
    secrets = boto3.client("secretsmanager")
    arn = secrets.create_secret(Name="LINE_secrets", SecretString=secret_string("old"))["ARN"]
    clock = FakeClock()
    webhook = Webhook(secret=LineSecret(arn, clock=clock), inbox=FakeInbox(), clock=clock)
    assert post(webhook, signed_with="old") == (200, "OK")

    secrets.put_secret_value(SecretId=arn, SecretString=secret_string("new"))

    assert post(webhook, signed_with="new") == (200, "OK")
    assert post(webhook, signed_with="old") == (400, "InvalidSignatureError")


def test_placeholders_are_answered_with_503_until_someone_fills_them_in(moto: None) -> None:
    secrets = boto3.client("secretsmanager")
    arn = secrets.create_secret(Name="LINE_secrets", SecretString=secret_string("INSERT_CHANNEL_SECRET"))["ARN"]
    webhook = Webhook(secret=LineSecret(arn), inbox=FakeInbox())
    assert post(webhook, signed_with="filled in") == (503, "CredentialsMissingError")

    secrets.put_secret_value(SecretId=arn, SecretString=secret_string("filled in"))

    assert post(webhook, signed_with="filled in") == (200, "OK")


def test_however_many_signatures_are_bad_the_secret_is_read_again_every_five_minutes_at_most(
    fresh_clients: None,
) -> None:
    clock = FakeClock()
    webhook = Webhook(secret=LineSecret("arn", clock=clock), inbox=FakeInbox(), clock=clock)
    with Stubber(aws.client("secretsmanager")) as stubber:
        for _ in ("at the first call", "at the first bad signature", "five minutes later"):
            stubber.add_response("get_secret_value", {"SecretString": secret_string("right")}, {"SecretId": ANY})

        for _ in range(50):
            assert post(webhook, signed_with="wrong")[0] == 400
        clock.sleep(REREAD_AFTER_S)
        for _ in range(50):
            assert post(webhook, signed_with="wrong")[0] == 400

        stubber.assert_no_pending_responses()


@pytest.mark.parametrize("code", ["InternalServiceError", "ThrottlingException", "ResourceNotFoundException"])
def test_a_secret_that_cannot_be_read_is_answered_with_503(fresh_clients: None, code: str) -> None:
    with Stubber(aws.client("secretsmanager")) as stubber:
        stubber.add_client_error("get_secret_value", code)

        assert post(Webhook(secret=LineSecret("arn"), inbox=FakeInbox()), signed_with="right") == (
            503,
            "StoreUnavailableError",
        )
