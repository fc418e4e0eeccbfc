"""Puts events that the inbox gave up back into its queue, behind the newer events of their chats."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from cli.dead_letters.letter import Letter, failed_at, is_refusal, shown
from cli.dead_letters.queue import LetterStore, Message, attributes_of
from cli.errors import aws_errors

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


NO_ERROR = "the function ended each time before it could say why"
"""The queue itself moved the message, after the receives of its redrive policy."""


class Entry(TypedDict):
    """The deduplication id holds the letter's: new to the inbox queue, but the same when a redrive is repeated."""

    MessageBody: str
    MessageGroupId: str
    MessageDeduplicationId: str


class InboxBox:
    name = "inbox"
    title = "Events that could not be handled"

    def __init__(self, queue: LetterStore, client: "SQSClient", inbox_url: str) -> None:
        self.queue: LetterStore = queue
        self._client = client
        self._inbox_url = inbox_url

    def read(self, message: Message) -> Letter:
        """An event that the inbox could not read can be sent again, too: a newer deploy may read it."""
        attributes = attributes_of(message)
        event = _event(message["Body"])
        event_id = str(event.get("webhookEventId") or attributes.get("event_id") or message["MessageId"])
        return Letter(
            at=failed_at(message),
            what=shown(f"{event.get('type', 'unreadable')}  {event_id}"),
            error=shown(attributes.get("error_code", NO_ERROR)),
            tries=int(attributes["tries"]) if "tries" in attributes else None,
            subject=event_id,
            is_refused=is_refusal(attributes.get("error_code", "")),
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
