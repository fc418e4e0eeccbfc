"""Sends failed batches again, from Lambda's records of asynchronous invocations and from parked batches.

Source: AWS Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations".
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from botocore.exceptions import ClientError

from cli.dead_letters.letter import CannotRedriveError, Letter, coded, failed_at, shown, was_refused
from cli.dead_letters.queue import LetterStore, Message
from cli.errors import aws_errors
from kairan.callers.call import repeatable
from kairan.callers.fields import REOPEN
from kairan.clock import Clock, SystemClock, from_iso
from kairan.contract import LEDGER_RETENTION_DAYS, Sender

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

LAMBDA_CONDITIONS = {"RetriesExhausted", "EventAgeExceeded"}
"""Lambda's own conditions. A sender that puts its event there itself writes an error's code instead."""
REMEMBERED_FOR = timedelta(days=LEDGER_RETENTION_DAYS - 2)
"""Younger failures are surely still in the ledger. Without its record, everyone would get the message again."""
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

    def __init__(
        self,
        queue: LetterStore,
        client: "LambdaClient",
        outputs: Mapping[str, str],
        *,
        title: str = "Sends that failed",
        clock: Clock | None = None,
    ) -> None:
        self.title = title
        self.queue = queue
        self._clock = clock or SystemClock()
        self._client = client
        self._senders = {outputs[sender.output]: sender for sender in Sender if sender.output in outputs}

    def read(self, message: Message) -> Letter:
        try:
            record = json.loads(message["Body"])
            context = record["requestContext"]
            arn = str(context["functionArn"])
            # AWS always has both fields; the local cloud's emulator has neither
            request_id = str(context.get("requestId") or message["MessageId"])
            at = from_iso(record["timestamp"]) if "timestamp" in record else failed_at(message)
        except (ValueError, KeyError, TypeError):
            return _unreadable(message)
        payload = record.get("requestPayload")
        sender = self._senders.get(function_name(arn))
        stuck = None
        if sender is None:
            stuck = "its function is not a sender of this stack"
        elif self._clock.now() - at > REMEMBERED_FOR:
            stuck = f"it failed over {REMEMBERED_FOR.days} days ago: the ledger may have forgotten who has the message"
        elif not isinstance(payload, dict):
            stuck = "the record came without the event (too large, perhaps): send that batch again from where it came"
        invocation = None if stuck else Invocation(arn, _again(payload, request_id))
        return Letter(
            at=at,
            what=shown(f"{sender or function_name(arn)}  {_origin(payload)}"),
            error=shown(_error(record)),
            tries=context.get("approximateInvokeCount"),
            subject=repr(invocation) if invocation else message["MessageId"],
            again=invocation,
            stuck=stuck,
            is_refused=was_refused(_message(record)),
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


def _again(payload: Mapping[str, Any], request_id: str) -> str:
    return json.dumps(repeatable(payload, request_id) | {REOPEN: True}, ensure_ascii=False)


def _unreadable(message: Message) -> Letter:
    return Letter(
        at=failed_at(message),
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
    message = _message(record)
    return coded(message) or f"{answer.get('errorType') if condition in LAMBDA_CONDITIONS else condition}: {message}"


def _message(record: Mapping[str, Any]) -> str:
    answer = record.get("responsePayload")
    return str(answer.get("errorMessage")) if isinstance(answer, dict) else ""
