"""Events the inbox gave up, put back into its queue behind what their person did since."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from cli.dead_letters.letter import Letter, sent_at, shown
from cli.dead_letters.queue import DeadLetterQueue, Message
from cli.errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


NOT_SAID = "the function ended each time before it could say why"
"""The queue itself moved the message, after the tries of its redrive policy."""


class Entry(TypedDict):
    """The deduplication id is of the letter: fresh to the inbox queue, and the same when a redrive is cut off and repeated."""

    MessageBody: str
    MessageGroupId: str
    MessageDeduplicationId: str


class InboxBox:
    name = "inbox"
    title = "Events that could not be handled"

    def __init__(self, queue: DeadLetterQueue, client: "SQSClient", inbox_url: str) -> None:
        self.queue = queue
        self._client = client
        self._inbox_url = inbox_url

    def read(self, message: Message) -> Letter:
        """What the inbox could not even read can be sent again too: a newer deploy may read it."""
        said = {name: attribute["StringValue"] for name, attribute in message.get("MessageAttributes", {}).items()}
        event = _event(message["Body"])
        event_id = str(event.get("webhookEventId") or said.get("event_id") or message["MessageId"])
        return Letter(
            at=sent_at(message),
            what=shown(f"{event.get('type', 'unreadable')}  {event_id}"),
            error=shown(said.get("error_code", NOT_SAID)),
            tries=int(said["tries"]) if "tries" in said else None,
            subject=event_id,
            again=Entry(
                MessageBody=message["Body"],
                MessageGroupId=message["Attributes"]["MessageGroupId"],
                MessageDeduplicationId=f"redrive-{message['MessageId']}",
            ),
        )

    def send_again(self, letter: Letter) -> None:
        with aws_errors():
            self._client.send_message(QueueUrl=self._inbox_url, **letter.again)


def _event(body: str) -> Mapping[str, Any]:
    try:
        event = json.loads(body)["event"]
    except (ValueError, KeyError, TypeError):
        return {}
    return event if isinstance(event, dict) else {}
