"""The webhook over the secret as it is kept in AWS Secrets Manager."""

import json
from typing import Any

import boto3
from botocore.stub import ANY, Stubber

from kairan import aws
from kairan.messengers.line.secret import REREAD_AFTER_S, LineSecret
from tests.fakes.clock import FakeClock
from tests.fakes.inbox import FakeEventQueue
from tests.rigs.webhook import VERIFY, webhook_call
from webhook.app import Webhook


def secret_string(channel_secret: str) -> str:
    return json.dumps({"CHANNEL_SECRET": channel_secret, "CHANNEL_ACCESS_TOKEN": "token"})


def post(webhook: Webhook, *, signed_with: str) -> tuple[int, Any]:
    answer = webhook(webhook_call(VERIFY, secret=signed_with), None)
    return answer["statusCode"], json.loads(answer["body"])


def test_a_new_channel_secret_is_taken_up_without_a_deploy(moto: None) -> None:
    secrets = boto3.client("secretsmanager")
    arn = secrets.create_secret(Name="LINE_secrets", SecretString=secret_string("old"))["ARN"]
    clock = FakeClock()
    webhook = Webhook(account="line", secret=LineSecret(arn, clock=clock), queue=FakeEventQueue(), clock=clock)
    assert post(webhook, signed_with="old") == (200, "OK")

    secrets.put_secret_value(SecretId=arn, SecretString=secret_string("new"))

    assert post(webhook, signed_with="new") == (200, "OK")
    assert post(webhook, signed_with="old") == (400, "InvalidSignatureError")


def test_however_many_signatures_are_bad_the_secret_is_read_again_every_five_minutes_at_most(
    fresh_clients: None,
) -> None:
    clock = FakeClock()
    webhook = Webhook(account="line", secret=LineSecret("arn", clock=clock), queue=FakeEventQueue(), clock=clock)
    with Stubber(aws.client("secretsmanager")) as stubber:
        for _ in ("at the first call", "at the first bad signature", "five minutes later"):
            stubber.add_response("get_secret_value", {"SecretString": secret_string("right")}, {"SecretId": ANY})

        for _ in range(50):
            assert post(webhook, signed_with="wrong")[0] == 400
        clock.sleep(REREAD_AFTER_S)
        for _ in range(50):
            assert post(webhook, signed_with="wrong")[0] == 400

        stubber.assert_no_pending_responses()
