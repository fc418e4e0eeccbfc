"""The plan of a delivery: who gets what, in which requests. Made once, written to the ledger, and followed by every repeat."""

import hashlib
import json
from collections.abc import Callable, Sequence

from kairan.delivery.ledger import DeliveryRecord
from kairan.delivery.model import Delivery, Outcome, Recipient
from kairan.delivery.speaking import Finish, as_composed, as_if_spoken, has_nothing_to_say
from kairan.delivery.templates import has_placeholders, render
from kairan.errors import InvalidEventError
from kairan.line.client import Message
from kairan.line.ids import UserId
from kairan.line.messages import faults, has_empty_text
from kairan.observability import logger

EMPTY_TEXT = "empty_text"
INVALID_MESSAGE = "invalid_message"


def plan(delivery: Delivery, messages: Sequence[Message], finish: Finish = as_composed) -> DeliveryRecord:
    """Decide between one multicast (all get the same) and a push per person, and leave out whom the content does not fit.

    `finish` speaks what waited for a person's words: here for a multicast, at the moment it is sent for a push.
    Raises InvalidEventError when content without placeholders breaks LINE's limits: then nobody could get it.
    """
    personal = is_personal(delivery, messages)
    if not personal and (broken := faults(messages)):
        raise InvalidEventError(broken)
    record = DeliveryRecord(
        delivery_id=delivery.id,
        fingerprint=fingerprint(delivery),
        mode="push",
        messages=tuple(messages),
        notification_disabled=delivery.notification_disabled,
        people=tuple((recipient.endpoint_id, recipient.user_id) for recipient in delivery.recipients),
    )
    contents: dict[str, tuple[Message, ...]] = {}
    verdicts: dict[str, Outcome | None] = {}
    recipients: list[UserId] = []
    shared = tuple(messages), json.dumps(messages)
    for recipient in delivery.recipients:
        rendered, text = _rendered(messages, recipient) if personal else shared
        if text not in verdicts:
            verdicts[text] = unfit(rendered)
        if (reason := verdicts[text]) is not None:
            record.settled[recipient.endpoint_id] = reason
            continue
        recipients.append(recipient.user_id)
        contents[text] = rendered
    if len(contents) == 1 and not delivery.always_push:
        record.mode = "multicast"
        record.messages = finish(next(iter(contents.values())))
        record.plan([recipients])
    else:
        record.plan([user_id] for user_id in recipients)
    return record


def _rendered(messages: Sequence[Message], recipient: Recipient) -> tuple[tuple[Message, ...], str]:
    """The messages for one person, and their JSON, which tells equal ones from others."""
    rendered = render(messages, recipient.variables)
    return rendered, json.dumps(rendered)


def unfit(rendered: Sequence[Message]) -> Outcome | None:
    """Why rendered content cannot go to its person, or None when it can."""
    if has_empty_text(rendered) or has_nothing_to_say(rendered):
        return Outcome("skipped", EMPTY_TEXT)
    if broken := faults(as_if_spoken(rendered)):
        logger.warning("content breaks LINE's limits for a person", paths=[fault.path for fault in broken])
        return Outcome("failed", INVALID_MESSAGE)
    return None


def is_personal(delivery: Delivery, messages: Sequence[Message]) -> bool:
    return not delivery.literal and has_placeholders(messages)


def contents_of(
    record: DeliveryRecord, delivery: Delivery, finish: Finish = as_composed
) -> Callable[[UserId], tuple[Message, ...]]:
    """The messages for a recipient of a record: rendered for a push from the repeat's own variables, shared in a multicast."""
    if record.mode == "multicast" or not is_personal(delivery, record.messages):
        return lambda _: record.messages
    variables = {recipient.user_id: recipient.variables for recipient in delivery.recipients}
    return lambda user_id: finish(render(record.messages, variables.get(user_id, {})))


def fingerprint(delivery: Delivery) -> str:
    """Tells a repeat from another delivery under the same caller's key."""
    parts = [
        delivery.data,
        sorted(recipient.endpoint_id for recipient in delivery.recipients),
        delivery.notification_disabled,
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
