"""The ids that make two invocations the same batch, and two requests to a messenger the same request.

Ids are UUIDs of version 5 in a namespace of our own, over a JSON list of parts. (In joined text, two different lists
could look alike.) Rendered text is never a part, so a new preview or a deploy makes no new message.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, NewType
from uuid import UUID, uuid5

from kairan.messengers.port import RequestKey
from kairan.people import ChatId
from kairan.sending.batch import BatchId
from kairan.text import is_blank

IdempotencyKey = NewType("IdempotencyKey", str)
"""A caller's own name for a call: a UUID in hexadecimal with hyphens."""

NAMESPACE = UUID("51e2f4d9-ccb7-42df-9c67-775511ba8593")
"""It never changes: a batch that is repeated across a change would be sent twice."""

CONNECT_PARTS = ("CampaignId", "RunId", "ActionId")
CAMPAIGN_PARTS = ("ApplicationId", "CampaignId", "JourneyId", "TreatmentId", "ActivityId", "ScheduledTime")


def batch_id(*parts: Any) -> BatchId:
    """Parts are any JSON values. Their order counts."""
    return BatchId(_uuid(parts))


def of_campaign_event(sender: str, event: Mapping[str, Any]) -> BatchId:
    """One activity of a campaign or journey at one time, with this content, for all endpoints of the event."""
    parts = [event.get(name) for name in CAMPAIGN_PARTS]
    return batch_id("campaign", sender, *parts, *_digest(event.get("Data")), sorted(event["Endpoints"]))


def of_invoke(sender: str, key: IdempotencyKey) -> BatchId:
    """A direct invoke. `invoke_key` makes the key."""
    return batch_id("invoke", sender, key)


def of_profile(sender: str, campaign: Mapping[str, Any], profile_id: str, idempotency_token: str) -> BatchId:
    """One profile of a Connect campaign. `campaign` is the event's `CampaignContext`.

    All parts stay the same when a repeat groups the profiles differently.
    """
    parts = [campaign.get(name) for name in CONNECT_PARTS]
    return batch_id("connect", sender, *parts, profile_id, idempotency_token)


def of_token(sender: str, idempotency_token: str) -> BatchId:
    """What release 0.1.0 called a profile of a Connect campaign."""
    return batch_id("profile", sender, idempotency_token)


def of_batch(sender: str, caller_id: str) -> BatchId:
    """A batch in Kairan's own form, named by its caller."""
    return batch_id("batch", sender, caller_id)


def invoke_key(idempotency_key: str | None, request_id: str) -> IdempotencyKey:
    """The key of a direct invoke: the caller's own, or else the request id, which is the same when Lambda invokes
    again.

    It is always a UUID, so that a caller can send it as the key of the next invoke.
    """
    name = request_id if is_blank(idempotency_key) else str(idempotency_key)
    return IdempotencyKey(str(UUID(name)) if is_uuid(name) else _uuid(["request", name]))


def request_key(batch_id: BatchId, chats: Iterable[ChatId], *, generation: int = 0) -> RequestKey:
    """The key of the request that sends this batch to exactly these chats, in any order.

    `generation` counts the keys of a request: each is used in one window of the messenger's memory.
    """
    parts: list[str | int] = [*sorted(chat.id for chat in chats), *([generation] if generation else [])]
    return RequestKey(str(uuid5(UUID(batch_id), _encoded(parts))))


def is_uuid(text: object) -> bool:
    """A UUID in hexadecimal with hyphens."""
    if not isinstance(text, str):
        return False
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _digest(data: Any) -> tuple[str, str]:
    """The form of the content, and its SHA-256: a string as UTF-8, anything else as canonical JSON."""
    if isinstance(data, str):
        return "text", hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return "json", hashlib.sha256(canonical.encode()).hexdigest()


def _uuid(parts: Any) -> str:
    return str(uuid5(NAMESPACE, _encoded(parts)))


def _encoded(parts: Any) -> str:
    return json.dumps(parts, separators=(",", ":"))
