"""Bodies that LINE posts to a webhook."""

VERIFY = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
"""The body of LINE's test: a call without events."""


def follow_event(user_id: str, event_id: str, *, timestamp_ms: int) -> dict[str, object]:
    return {
        "type": "follow",
        "mode": "active",
        "timestamp": timestamp_ms,
        "source": {"type": "user", "userId": user_id},
        "webhookEventId": event_id,
        "deliveryContext": {"isRedelivery": True},
        "replyToken": "0" * 32,
        "follow": {"isUnblocked": False},
    }
