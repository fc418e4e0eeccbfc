"""A deployed stack: its queues and its secret in moto's AWS, and CloudFormation's word for its outputs."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
import urllib3
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws

from kairan.contract import Sender
from tests.rigs.command_line import PLACEHOLDERS, SECRET_NAME, WEBHOOK_URL, Wire
from tests.rigs.dead_letters import function_of

STACK_ID = "arn:aws:cloudformation:us-east-1:123456789012:stack/kairan/1"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """moto's AWS, in which an empty queue is told to be empty at once."""
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def without_waiting(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        return call(client, operation, {name: parameters[name] for name in parameters if name != "WaitTimeSeconds"})

    monkeypatch.setattr(BaseClient, "_make_api_call", without_waiting)
    with mock_aws():
        yield


@pytest.fixture
def outputs(aws: None) -> dict[str, str]:
    sqs = boto3.client("sqs")
    boto3.client("s3").create_bucket(Bucket="batches")
    boto3.client("secretsmanager").create_secret(Name=SECRET_NAME, SecretString=json.dumps(PLACEHOLDERS))
    return {
        "SecretName": SECRET_NAME,
        "BatchesBucket": "batches",
        "WebhookUrl": WEBHOOK_URL,
        **{sender.output: function_of(sender) for sender in Sender},
        "InboxQueueUrl": sqs.create_queue(QueueName="inbox.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"],
        "InboxDeadLetterQueueUrl": sqs.create_queue(QueueName="dead.fifo", Attributes={"FifoQueue": "true"})[
            "QueueUrl"
        ],
        "SendFailuresQueueUrl": sqs.create_queue(QueueName="failures")["QueueUrl"],
    }


@pytest.fixture
def targets(outputs: dict[str, str]) -> None:
    """The stack passes webhook calls on to two tools."""
    sqs = boto3.client("sqs")
    queues, dead_letters = (
        " ".join(
            sqs.create_queue(QueueName=f"{tool}{kind}.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
            for tool in ("bot", "crm")
        )
        for kind in ("", "-dead")
    )
    outputs |= {
        "ForwardHosts": "bot.example crm.example",
        "ForwardQueueUrls": queues,
        "ForwardDeadLetterQueueUrls": dead_letters,
    }


@pytest.fixture
def stack(outputs: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """CloudFormation knows one stack, `kairan`. (moto's wants packages for every kind of resource.)"""
    call = BaseClient._make_api_call  # type: ignore[attr-defined]

    def describing(client: BaseClient, operation: str, parameters: dict[str, Any]) -> Any:
        if operation != "DescribeStacks":
            return call(client, operation, parameters)
        if parameters["StackName"] != "kairan":
            message = f"Stack with id {parameters['StackName']} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, operation)
        listed = [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()]
        return {"Stacks": [{"StackId": STACK_ID, "Outputs": listed}]}

    monkeypatch.setattr(BaseClient, "_make_api_call", describing)


@pytest.fixture
def secret_value(outputs: dict[str, str]) -> Callable[[], Any]:
    """Reads what the secret holds now."""
    client = boto3.client("secretsmanager")
    return lambda: json.loads(client.get_secret_value(SecretId=SECRET_NAME)["SecretString"])


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """What line-bot-sdk asks goes here."""
    wire = Wire()
    monkeypatch.setattr(urllib3.PoolManager, "request", lambda _, *given, **named: wire.request(*given, **named))
    return wire
