"""Puts webhook calls that another tool did not take back into its queue, behind the newer calls of their chats."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cli.dead_letters.inbox import NO_ERROR, Entry
from cli.dead_letters.letter import Letter, failed_at, is_refusal, shown
from cli.dead_letters.queue import DeadLetterQueue, LetterStore, Message, attributes_of
from cli.errors import aws_errors
from cli.target import Target
from kairan.contract import Output

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient


class ForwardBox:
    """The calls that one tool did not take. `host` names the tool."""

    name = "forwards"

    def __init__(self, queue: LetterStore, client: "SQSClient", queue_url: str, *, host: str) -> None:
        self.title = f"Calls that {host} did not take"
        self.queue = queue
        self._client = client
        self._queue_url = queue_url

    def read(self, message: Message) -> Letter:
        """A call that could not be read can be sent again, too: a newer deploy may read it."""
        attributes = attributes_of(message)
        code = attributes.get("error_code", NO_ERROR)
        call = _object(message["Body"])
        call_id = str(call.get("id") or attributes.get("event_id") or message["MessageId"])
        return Letter(
            at=failed_at(message),
            what=shown(f"{_kinds(call)}  {call_id}"),
            error=shown(code),
            tries=int(attributes["tries"]) if "tries" in attributes else None,
            subject=call_id,
            is_refused=is_refusal(code),
            again=Entry(
                MessageBody=message["Body"],
                MessageGroupId=message["Attributes"]["MessageGroupId"],
                MessageDeduplicationId=f"redrive-{message['MessageId']}",
            ),
        )

    def send_again(self, letter: Letter) -> None:
        with aws_errors():
            self._client.send_message(QueueUrl=self._queue_url, **letter.again)


def forward_boxes(target: Target, client: "SQSClient") -> Iterator[ForwardBox]:
    """One for each tool that the stack passes calls on to."""
    hosts, queues, dead_letters = (
        target.outputs.get(output, "").split()
        for output in (Output.FORWARD_HOSTS, Output.FORWARD_QUEUE_URLS, Output.FORWARD_DEAD_LETTER_QUEUE_URLS)
    )
    for host, queue_url, dead_letters_url in zip(hosts, queues, dead_letters, strict=True):
        yield ForwardBox(DeadLetterQueue(client, dead_letters_url), client, queue_url, host=host)


def _kinds(call: dict[str, Any]) -> str:
    """The types of the call's events: `follow, message`."""
    if "body_key" in call:
        return "large call"
    events = _object(call.get("body")).get("events")
    types = (
        [str(event.get("type")) for event in events if isinstance(event, dict)] if isinstance(events, list) else None
    )
    return "unreadable" if types is None else ", ".join(dict.fromkeys(types)) or "no events"


def _object(text: Any) -> dict[str, Any]:
    try:
        content = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
