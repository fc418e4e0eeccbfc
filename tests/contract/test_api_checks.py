"""What `/health` looks at, by the real adapters."""

import socket

import pytest

from api.checks import ledger_check, secret_check, speech_check
from kairan import aws
from kairan.errors import (
    CredentialsMissingError,
    SpeechNotConfiguredError,
    SpeechUnavailableError,
    StoreUnavailableError,
)
from kairan.messengers.line.secret import LineSecret
from kairan.sending.dynamodb import DynamoDbLedger
from tests.contract.speech_server import running_speech_server


@pytest.mark.usefixtures("moto")
@pytest.mark.parametrize("values", ['{"CHANNEL_ACCESS_TOKEN": "t"}', '{"CHANNEL_ID": 1, "CHANNEL_SECRET": "s"}'])
def test_a_secret_with_something_to_send_with_is_well(values: str) -> None:
    arn = aws.client("secretsmanager").create_secret(Name="LINE", SecretString=values)["ARN"]

    secret_check(LineSecret(arn))()


@pytest.mark.usefixtures("moto")
@pytest.mark.parametrize("values", ['{"CHANNEL_ACCESS_TOKEN": "INSERT_HERE"}', '{"CHANNEL_ID": 1}'])
def test_a_secret_that_is_not_filled_in_is_not(values: str) -> None:
    arn = aws.client("secretsmanager").create_secret(Name="LINE", SecretString=values)["ARN"]

    with pytest.raises(CredentialsMissingError):
        secret_check(LineSecret(arn))()


@pytest.mark.usefixtures("moto")
def test_a_ledger_that_is_there_is_well_and_another_is_not() -> None:
    aws.client("dynamodb").create_table(
        TableName="deliveries",
        KeySchema=[{"AttributeName": "delivery_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "delivery_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    ledger_check(DynamoDbLedger("deliveries"))()
    with pytest.raises(StoreUnavailableError):
        ledger_check(DynamoDbLedger("elsewhere"))()


def no_url() -> str:
    raise SpeechNotConfiguredError("no speech engine is set")


def test_a_speech_engine_that_answers_is_well() -> None:
    with running_speech_server() as engine:
        engine.answers("/", status=404)

        speech_check(lambda: engine.url)()


def test_a_speech_engine_that_fails_is_not() -> None:
    with running_speech_server() as engine:
        engine.answers("/", status=503)

        with pytest.raises(SpeechUnavailableError, match="503"):
            speech_check(lambda: engine.url)()


def test_no_speech_engine_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        url = f"http://127.0.0.1:{gone.getsockname()[1]}"

    with pytest.raises(SpeechUnavailableError):
        speech_check(lambda: url)()
    with pytest.raises(SpeechNotConfiguredError):
        speech_check(no_url)()
