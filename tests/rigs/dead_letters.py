"""The queues of a deployed stack with what was left in them, and Lambda as far as a redrive calls it."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import boto3
from botocore.exceptions import ClientError

from cli.dead_letters.inbox import InboxBox
from cli.dead_letters.parked import ParkedBatches
from cli.dead_letters.queue import DeadLetterQueue
from cli.dead_letters.sends import SendBox
from kairan.clock import from_iso, iso
from kairan.contract import Sender
from kairan.errors import QuotaReachedError
from kairan.inbox.forwarding import Forwarding
from kairan.inbox.queue import Arrival, entries_of
from kairan.messengers.line.events import Event
from kairan.senders.s3 import S3SendFailures
from tests.fakes.clock import FakeClock
from tests.fakes.forwarding import FakeBodies
from tests.fakes.inbox import FakeEventQueue
from tests.rigs import events


def function_of(sender: Sender) -> str:
    """The physical name that the stack gave it."""
    return f"kairan-{sender.construct_id}-1"


def arn_of(sender: Sender) -> str:
    return f"arn:aws:lambda:us-east-1:123456789012:function:{function_of(sender)}:$LATEST"


USER = "U" + "a" * 32
ARN = arn_of(Sender.TEXT)
REQUEST_ID = events.REQUEST_ID
ARRIVAL = Arrival("line", "line", "U" + "b" * 32, received_at=from_iso("2026-11-21T10:00:00.000Z"))
FAILED_AT = from_iso("2026-11-21T10:00:05.123Z")
DIRECT = {"to": USER, "data": "private words"}
CAMPAIGN = events.campaign_to([USER], "private words", CampaignId="spring-sale")


@dataclass
class DeadLetterQueues:
    """The queues of a stack, from outside."""

    sqs: Any
    outputs: dict[str, str]
    failed_at: datetime = FAILED_AT
    clock: FakeClock = field(default_factory=FakeClock)

    def bury_event(
        self, event_id: str, *, user: str = USER, has_reason: bool = True, code: str = "store_unavailable"
    ) -> None:
        """As the inbox puts it there; without a reason as the queue itself does."""
        event = Event({"type": "follow", "webhookEventId": event_id, "source": {"type": "user", "userId": user}})
        attributes = {
            "error_code": {"DataType": "String", "StringValue": code},
            "event_id": {"DataType": "String", "StringValue": event_id},
            "tries": {"DataType": "Number", "StringValue": "5"},
        }
        self.sqs.send_message(
            QueueUrl=self.outputs["InboxDeadLetterQueueUrl"],
            MessageBody=entries_of(ARRIVAL, [event])[0].body,
            MessageGroupId=user,
            MessageDeduplicationId=event_id,
            MessageAttributes=attributes if has_reason else {},
        )

    def bury_call(
        self, call_id: str, body: str, *, tool: int = 1, has_reason: bool = True, code: str = "target_unavailable"
    ) -> None:
        """As the function that passes calls on puts it there, for the first or the second tool."""
        queue = FakeEventQueue()
        headers = {"x-line-signature": "private signature"}
        Forwarding([queue], FakeBodies(), new_id=lambda: call_id).put(
            body.encode(errors="surrogatepass"), headers.get, chat_id=USER, since=float("inf")
        )
        attributes = {
            "error_code": {"DataType": "String", "StringValue": code},
            "event_id": {"DataType": "String", "StringValue": call_id},
            "tries": {"DataType": "Number", "StringValue": "17"},
        }
        [entry] = queue.entries
        self.sqs.send_message(
            QueueUrl=self.outputs["ForwardDeadLetterQueueUrls"].split()[tool],
            MessageBody=entry.body,
            MessageGroupId=entry.group_id,
            MessageDeduplicationId=entry.deduplication_id,
            MessageAttributes=attributes if has_reason else {},
        )

    def fail_send(self, payload: object, **changes: Any) -> None:
        record = {
            "version": "1.0",
            "timestamp": iso(self.failed_at),
            "requestContext": {
                "requestId": REQUEST_ID,
                "functionArn": ARN,
                "condition": "RetriesExhausted",
                "approximateInvokeCount": 3,
            },
            "requestPayload": payload,
            "responsePayload": {
                "errorType": "RetryableError",
                "errorMessage": f"RetryableError line_unavailable: LINE answered 500 for {USER}",
                "stackTrace": ["secret paths"],
            },
        }
        self.sqs.send_message(
            QueueUrl=self.outputs["SendFailuresQueueUrl"], MessageBody=json.dumps({**record, **changes})
        )

    def waiting(self, output: str) -> list[dict[str, Any]]:
        """What can be received now, put back."""
        return self.waiting_in(self.outputs[output])

    def waiting_in(self, url: str) -> list[dict[str, Any]]:
        found = self.sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0, MessageSystemAttributeNames=["All"]
        )
        return list(found.get("Messages", []))

    def inbox_box(self) -> InboxBox:
        dead = DeadLetterQueue(self.sqs, self.outputs["InboxDeadLetterQueueUrl"])
        return InboxBox(dead, self.sqs, self.outputs["InboxQueueUrl"])

    def send_box(self, functions: "FakeLambda | None" = None) -> SendBox:
        dead = DeadLetterQueue(self.sqs, self.outputs["SendFailuresQueueUrl"])
        client: Any = functions or FakeLambda()
        return SendBox(dead, client, self.outputs, clock=self.clock)

    def park(self, payload: dict[str, Any], *, sender: Sender = Sender.TEXT) -> None:
        """As a sender parks what the monthly quota stopped."""
        S3SendFailures(self.outputs["BatchesBucket"], clock=self.clock).park(
            payload, request_id=REQUEST_ID, function_arn=arn_of(sender), error=QuotaReachedError("the limit is reached")
        )

    def parked_box(self, functions: "FakeLambda | None" = None) -> SendBox:
        client: Any = functions or FakeLambda()
        parked = ParkedBatches(boto3.client("s3"), self.outputs["BatchesBucket"])
        return SendBox(parked, client, self.outputs, clock=self.clock)

    def parked(self) -> int:
        return ParkedBatches(boto3.client("s3"), self.outputs["BatchesBucket"]).depth()


class ResourceNotFoundError(ClientError):
    pass


@dataclass
class FakeLambda:
    """Takes asynchronous invocations; `refuses` is the code of the error it raises instead."""

    refuses: str | None = None
    invoked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    on_invoke: Callable[[], None] = lambda: None

    class exceptions:
        ResourceNotFoundException = ResourceNotFoundError

    def invoke(self, *, FunctionName: str, InvocationType: str, Payload: str) -> dict[str, Any]:
        self.on_invoke()
        if self.refuses:
            kind = ResourceNotFoundError if self.refuses == "ResourceNotFoundException" else ClientError
            raise kind({"Error": {"Code": self.refuses, "Message": "No."}}, "Invoke")
        assert InvocationType == "Event"
        self.invoked.append((FunctionName, json.loads(Payload)))
        return {"StatusCode": 202}
