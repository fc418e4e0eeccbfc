"""Pinpoint's custom-channel event, which our own campaigns emit too: one batch of endpoints that get one content.

Source: Amazon Pinpoint User Guide, "Creating custom channels". Checked in plain Python: this is the busiest door.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kairan.delivery.identity import CAMPAIGN_PARTS, invoke_key, is_uuid, of_campaign_event, of_invoke
from kairan.delivery.model import MAX_RECIPIENTS, Delivery, Outcome, Recipient, Sender
from kairan.errors import Fault, InvalidEventError
from kairan.line.ids import UserId, is_user_id

MAX_ATTRIBUTE_CHARACTERS = 128
"""Pinpoint takes at most five event attributes of at most as many characters; ours are three."""


@dataclass(frozen=True)
class CustomChannelCall:
    deliveries: tuple[Delivery, ...]
    left_out: Mapping[str, Outcome]
    dry_run: bool = False

    def answer(self, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
        """Every endpoint with its outcome, as attributes that journeys can branch on. One that was sent to and would be skipped
        now (in a repeat, after an opt-out) was sent to."""
        recipients = (recipient.endpoint_id for delivery in self.deliveries for recipient in delivery.recipients)
        known = {**self.left_out, **outcomes}
        told = {outcome: {"EventAttributes": attributes(outcome)} for outcome in set(known.values())}
        return {endpoint_id: told[known[endpoint_id]] for endpoint_id in sorted({*self.left_out, *recipients})}


def attributes(outcome: Outcome) -> dict[str, str]:
    """An outcome as event attributes; what is not known is left out."""
    named = {"outcome": outcome.outcome, "reason": outcome.reason, "requestId": outcome.request_id}
    return {name: value[:MAX_ATTRIBUTE_CHARACTERS] for name, value in named.items() if value}


def read(sender: Sender, event: Mapping[str, Any], *, request_id: str) -> CustomChannelCall:
    """Raises InvalidEventError naming everything that is wrong with the event as a whole. Fields beyond ours are Pinpoint's."""
    if faults := _faults(event):
        raise InvalidEventError(faults)
    recipients, skipped = _chosen(event["Endpoints"])
    unnamed = is_unnamed(event)
    delivery = Delivery(
        id=of_invoke(sender, invoke_key(event.get("retry_key"), request_id))
        if unnamed
        else of_campaign_event(sender, event),
        data=event.get("Data"),
        recipients=recipients,
        named_by_caller=unnamed,
    )
    return CustomChannelCall((delivery,) if recipients else (), skipped, dry_run=event.get("dry_run") is True)


def is_unnamed(event: Mapping[str, Any]) -> bool:
    """Without activity and time nothing in the event tells a repeat from a new delivery: it counts as a direct invoke."""
    return not event.get("ActivityId") and not event.get("ScheduledTime")


def _faults(event: Mapping[str, Any]) -> list[Fault]:
    faults = [Fault(name, "must be a string") for name in CAMPAIGN_PARTS if not isinstance(event.get(name), str | None)]
    if event.get("retry_key") is not None and not is_uuid(event["retry_key"]):
        faults.append(Fault("retry_key", "must be a UUID"))
    endpoints = event.get("Endpoints")
    if not isinstance(endpoints, Mapping):
        return [*faults, Fault("Endpoints", "must be an object of endpoints by their ids")]
    if len(endpoints) > MAX_RECIPIENTS:
        faults.append(Fault("Endpoints", f"{len(endpoints):,} endpoints; one event takes {MAX_RECIPIENTS}"))
    faults.extend(
        Fault(f"Endpoints.{endpoint_id}", "must be an object")
        for endpoint_id, endpoint in endpoints.items()
        if not isinstance(endpoint, Mapping)
    )
    return faults


def _chosen(endpoints: Mapping[str, Mapping[str, Any]]) -> tuple[tuple[Recipient, ...], dict[str, Outcome]]:
    """Whom to send to, in the order of their endpoint ids, and why not to the others."""
    recipients: dict[UserId, Recipient] = {}
    skipped: dict[str, Outcome] = {}
    for endpoint_id in sorted(endpoints):
        endpoint = endpoints[endpoint_id]
        reason = _why_not(endpoint)
        if reason is None and endpoint["Address"] in recipients:
            reason = "duplicate"
        if reason is not None:
            skipped[endpoint_id] = Outcome("skipped", reason)
        else:
            user_id = UserId(endpoint["Address"])
            recipients[user_id] = Recipient(endpoint_id, user_id, endpoint)
    return tuple(recipients.values()), skipped


def _why_not(endpoint: Mapping[str, Any]) -> str | None:
    if endpoint.get("ChannelType") != "CUSTOM":
        return "not_custom_channel"
    if endpoint.get("OptOut") == "ALL":
        return "opted_out"
    if endpoint.get("EndpointStatus") == "INACTIVE":
        return "inactive"
    return None if is_user_id(endpoint.get("Address")) else "invalid_address"
