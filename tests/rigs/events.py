"""What invokes a sender, in each of its forms, and the context that Lambda hands over."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

REQUEST_ID = "5aa2e4a7-6b5f-4d3c-9c59-000000000001"


@dataclass
class Context:
    aws_request_id: str = REQUEST_ID
    function_name: str = "send_text"
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:send_text"
    remaining_ms: int = 50_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


def user(number: int) -> str:
    """A LINE user id."""
    return f"U{number:032x}"


def endpoint(number: int, **changes: Any) -> dict[str, Any]:
    return {"ChannelType": "CUSTOM", "Address": user(number), "EndpointStatus": "ACTIVE", "OptOut": "NONE", **changes}


def campaign(endpoints: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A campaign's event, in the form of Pinpoint's custom channel; to two people unless `endpoints` are given."""
    return {
        "Message": {},
        "Data": "Hello",
        "ApplicationId": "app",
        "CampaignId": "campaign",
        "TreatmentId": "0",
        "ActivityId": "activity",
        "ScheduledTime": "2026-11-21T09:00:00.000Z",
        "Endpoints": {"e1": endpoint(1), "e2": endpoint(2)} if endpoints is None else endpoints,
        **changes,
    }


def campaign_to(users: Sequence[str], data: Any = "Hello", **changes: Any) -> dict[str, Any]:
    """Endpoints `e0`, `e1` …, each with a name `n0`, `n1` …"""
    endpoints = {
        f"e{place}": endpoint(0, Address=address, Attributes={"name": [f"n{place}"]})
        for place, address in enumerate(users)
    }
    return campaign(endpoints, Data=data, **changes)


def profile(profile_id: str, user_id: Any, token: Any = None, *, data: Any = None, **fields: Any) -> dict[str, Any]:
    """One of Amazon Connect's. `fields` are the customer's own, `data` replaces the customer as a whole."""
    customer = {"profileId": profile_id, "attributes": {"line_user_id": user_id}, **fields}
    return {
        "ProfileId": profile_id,
        "CustomerData": json.dumps(customer) if data is None else data,
        "IdempotencyToken": f"token-{profile_id}" if token is None else token,
    }


def connect(*profiles: Any) -> dict[str, Any]:
    context = {"CampaignId": "c", "RunId": "r", "ActionId": "a", "CampaignName": "n"}
    return {"InvocationMetadata": {"CampaignContext": context}, "Items": {"CustomerProfiles": list(profiles)}}


def own_batch(users: Sequence[str], content: Any = "Hello", **changes: Any) -> dict[str, Any]:
    """A batch of our own, of recipients with a name `n0`, `n1` …"""
    recipients = [{"to": to, "attributes": {"name": [f"n{place}"]}} for place, to in enumerate(users)]
    return {"batch": {"id": "spring-1", "content": content, "recipients": recipients, **changes}}
