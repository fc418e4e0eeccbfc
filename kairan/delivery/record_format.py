"""How a ledger record is written down: compressed JSON, about 20 KB for 500 recipients."""

import json
import zlib
from datetime import datetime
from typing import Any

from kairan.clock import from_iso, iso
from kairan.delivery.identity import retry_key
from kairan.delivery.ledger import DeliveryRecord, LineRequest, State
from kairan.delivery.model import DeliveryId, Outcome, Refusal
from kairan.line.ids import UserId


def dump(record: DeliveryRecord) -> bytes:
    """Everything but the version and the lease, which the store keeps beside it. Recipients are written as places in `people`."""
    place = {user_id: index for index, (_, user_id) in enumerate(record.people)}
    body = {
        "fingerprint": record.fingerprint,
        "mode": record.mode,
        "messages": record.messages,
        "notification_disabled": record.notification_disabled,
        "people": [
            user_id if endpoint_id == user_id else [endpoint_id, user_id] for endpoint_id, user_id in record.people
        ],
        "settled": {endpoint_id: [o.outcome, o.reason] for endpoint_id, o in record.settled.items()},
        "requests": [
            [
                [place[user_id] for user_id in request.recipients],
                request.state,
                request.first_attempt_at and iso(request.first_attempt_at),
                request.request_id,
                request.reason,
                *_answer(request),
            ]
            for request in record.requests.values()
        ],
    }
    return zlib.compress(json.dumps(body, separators=(",", ":")).encode(), level=1)


def parse(data: bytes, *, delivery_id: DeliveryId, version: int, lease_until: datetime | None) -> DeliveryRecord:
    body: dict[str, Any] = json.loads(zlib.decompress(data))
    people = tuple(
        (person, UserId(person)) if isinstance(person, str) else (person[0], UserId(person[1]))
        for person in body["people"]
    )
    requests = {}
    for places, state, first_attempt_at, request_id, reason, *answer in body["requests"]:
        sent_messages, refusal = answer or ((), None)
        recipients = tuple(people[place][1] for place in places)
        requests[retry_key(delivery_id, recipients)] = LineRequest(
            recipients,
            State(state),
            first_attempt_at and from_iso(first_attempt_at),
            request_id,
            reason,
            uncertain=state == State.OPEN,
            sent_messages=tuple(sent_messages),
            refusal=refusal and Refusal(refusal[0], refusal[1], tuple(refusal[2])),
        )
    return DeliveryRecord(
        delivery_id=delivery_id,
        fingerprint=body["fingerprint"],
        mode=body["mode"],
        messages=tuple(body["messages"]),
        notification_disabled=body["notification_disabled"],
        people=people,
        settled={endpoint_id: Outcome(outcome, reason) for endpoint_id, (outcome, reason) in body["settled"].items()},
        requests=requests,
        version=version,
        lease_until=lease_until,
    )


def _answer(request: LineRequest) -> list[Any]:
    """What LINE said, where it said something: a multicast's acceptance has no words."""
    if not request.sent_messages and request.refusal is None:
        return []
    refusal = request.refusal
    return [request.sent_messages, refusal and [refusal.status, refusal.message, refusal.properties]]
