"""Sends failed batches again, from Lambda's records of asynchronous invocations.

Source: AWS Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations".
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from cli.dead_letters.letter import CannotRedriveError, Letter, coded, sent_at, shown
from cli.dead_letters.queue import DeadLetterQueue, Message
from cli.errors import aws_errors
from kairan.callers.call import repeatable
from kairan.callers.fields import REOPEN
from kairan.clock import from_iso
from kairan.contract import Sender
from kairan.json_text import write_json

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LAMBDA_CONDITIONS = {"RetriesExhausted", "EventAgeExceeded"}
"""Lambda's own conditions. A sender that puts its event there itself writes an error's code instead."""
TOO_LARGE = {"RequestTooLargeException", "RequestEntityTooLargeException"}
CALLERS = (
    ("batch", ("batch", "id")),
    ("batch", ("batch", "key")),
    ("campaign", ("CampaignId",)),
    ("journey", ("JourneyId",)),
    ("Connect campaign", ("InvocationMetadata", "CampaignContext", "CampaignId")),
)
"""The names of an event's origins, each with the path of the id in the event."""


class Invocation(NamedTuple):
    function_arn: str
    payload: str


class SendBox:
    name = "sends"
    title = "Sends that failed"

    def __init__(self, queue: DeadLetterQueue, client: "LambdaClient", outputs: Mapping[str, str]) -> None:
        self.queue = queue
        self._client = client
        self._senders = {outputs[sender.output]: sender for sender in Sender if sender.output in outputs}

    def read(self, message: Message) -> Letter:
        try:
            record = json.loads(message["Body"])
            context = record["requestContext"]
            arn = str(context["functionArn"])
            # AWS always has both fields; the local cloud's emulator has neither
            request_id = str(context.get("requestId") or message["MessageId"])
            at = from_iso(record["timestamp"]) if "timestamp" in record else sent_at(message)
        except (ValueError, KeyError, TypeError):
            return _unreadable(message)
        payload = record.get("requestPayload")
        sender = self._senders.get(function_name(arn))
        stuck = None
        if sender is None:
            stuck = "its function is not a sender of this stack"
        elif not isinstance(payload, dict):
            stuck = "the record came without the event (too large, perhaps): send that batch again from where it came"
        invocation = None if stuck else Invocation(arn, write_json(repeatable(payload, request_id) | {REOPEN: True}))
        return Letter(
            at=at,
            what=shown(f"{sender or function_name(arn)}  {_origin(payload)}"),
            error=shown(_error(record)),
            tries=context.get("approximateInvokeCount"),
            subject=repr(invocation) if invocation else message["MessageId"],
            again=invocation,
            stuck=stuck,
        )

    def send_again(self, letter: Letter) -> None:
        with aws_errors():
            try:
                self._client.invoke(
                    FunctionName=letter.again.function_arn, InvocationType="Event", Payload=letter.again.payload
                )
            except self._client.exceptions.ResourceNotFoundException as error:
                raise CannotRedriveError("its function is gone: a newer deploy replaced it") from error
            except ClientError as error:
                if error.response["Error"]["Code"] not in TOO_LARGE:
                    raise
                raise CannotRedriveError("the event is too large for an asynchronous invoke") from error


def _unreadable(message: Message) -> Letter:
    return Letter(
        at=sent_at(message),
        what=f"message {message['MessageId']}",
        error="not a record of an invocation",
        tries=None,
        subject=message["MessageId"],
        stuck="another program wrote it, not Lambda or a sender",
    )


def function_name(arn: str) -> str:
    """`arn:aws:lambda:<region>:<account>:function:<name>[:<qualifier>]`"""
    parts = arn.split(":")
    return parts[6] if len(parts) > 6 else arn


def _origin(payload: object) -> str:
    for caller, path in CALLERS:
        value = payload
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None:
            return f"{caller} {value}"
    return "direct invoke" if isinstance(payload, dict) else "event missing"


def _error(record: Mapping[str, Any]) -> str:
    condition = str(record["requestContext"].get("condition"))
    answer = record.get("responsePayload")
    if not isinstance(answer, dict):
        return condition
    message = str(answer.get("errorMessage"))
    return coded(message) or f"{answer.get('errorType') if condition in LAMBDA_CONDITIONS else condition}: {message}"
