"""What makes two invocations the same delivery, and two LINE requests the same request.

Ids are UUIDs of version 5 in a namespace of our own, over a JSON list of the parts: joined text would let two different lists
of parts look alike. Rendered text is never a part, so a new preview or a deploy makes no new message.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

from kairan.delivery.model import DeliveryId, Sender
from kairan.line.ids import RetryKey

NAMESPACE = UUID("51e2f4d9-ccb7-42df-9c67-775511ba8593")
"""Never changes: with another one, whatever is repeated across the change would be sent twice."""

CAMPAIGN_PARTS = ("ApplicationId", "CampaignId", "JourneyId", "TreatmentId", "ActivityId", "ScheduledTime")


def delivery_id(*parts: Any) -> DeliveryId:
    """Parts are anything JSON can say; their order counts."""
    return DeliveryId(_uuid(parts))


def of_campaign_event(sender: Sender, event: Mapping[str, Any]) -> DeliveryId:
    """One activity of a campaign or journey at one time, with this content, for these endpoints as received."""
    parts = [event.get(name) for name in CAMPAIGN_PARTS]
    return delivery_id("campaign", sender, *parts, *_digest(event.get("Data")), sorted(event["Endpoints"]))


def of_invoke(sender: Sender, key: str) -> DeliveryId:
    """A direct invoke; see `invoke_key`."""
    return delivery_id("invoke", sender, key)


def of_profile(sender: Sender, idempotency_token: str) -> DeliveryId:
    """One profile of a Connect campaign: the token stays when Connect groups its profiles anew."""
    return delivery_id("profile", sender, idempotency_token)


def invoke_key(retry_key: str | None, request_id: str) -> RetryKey:
    """What names a direct invoke: the caller's own key, or else the request id, which Lambda keeps when it invokes again.

    Always a UUID, so that it can be given back as the `retry_key` of the next invoke.
    """
    given = retry_key or request_id
    return RetryKey(str(UUID(given)) if is_uuid(given) else _uuid(["request", given]))


def retry_key(delivery_id: DeliveryId, user_ids: Iterable[str]) -> RetryKey:
    """The X-Line-Retry-Key of the request that sends this delivery to exactly these people, in whatever order."""
    return RetryKey(str(uuid5(UUID(delivery_id), _encoded(sorted(user_ids)))))


def is_uuid(text: object) -> bool:
    """A UUID written as LINE wants it: hexadecimal with hyphens."""
    if not isinstance(text, str):
        return False
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _digest(data: Any) -> tuple[str, str]:
    """How the content was written, and its SHA-256: a string as UTF-8, anything else as canonical JSON."""
    if isinstance(data, str):
        return "text", hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"))
    return "json", hashlib.sha256(canonical.encode()).hexdigest()


def _uuid(parts: Any) -> str:
    return str(uuid5(NAMESPACE, _encoded(parts)))


def _encoded(parts: Any) -> str:
    return json.dumps(parts, separators=(",", ":"))
