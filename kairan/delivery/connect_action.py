"""Amazon Connect's outbound campaigns, custom action: a batch of customer profiles, each a delivery of its own.

Source: Amazon Connect Administrator Guide, "Invoke Lambda functions". How many profiles come at once, and how long Connect waits,
is documented nowhere.

Each profile has its own token, which Connect keeps when it groups profiles anew for a repeat; so each goes by push, under a key
from its token. A profile that cannot be read fails alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kairan.delivery.custom_channel import attributes
from kairan.delivery.identity import of_profile
from kairan.delivery.model import MAX_RECIPIENTS, Delivery, Outcome, Recipient, Sender
from kairan.errors import Fault, InvalidEventError
from kairan.line.ids import UserId, is_user_id

DATA_ATTRIBUTE = "line_data"
"""The profile attribute with content for this profile alone."""


@dataclass(frozen=True)
class ConnectCall:
    profile_ids: tuple[str, ...]
    deliveries: tuple[Delivery, ...]
    left_out: Mapping[str, Outcome]
    dry_run: bool = False

    def answer(self, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
        """Exactly one entry per profile: Connect counts a profile without one as failed."""
        results = [
            {"Id": profile_id, "ResultData": attributes(self.left_out.get(profile_id) or outcomes[profile_id])}
            for profile_id in self.profile_ids
        ]
        return {"Items": {"CustomerProfiles": results}}


def read(sender: Sender, event: Mapping[str, Any], *, user_id_attribute: str, default_data: str | None) -> ConnectCall:
    """`user_id_attribute` names the profile's attribute with the LINE user id; `default_data` is for profiles without content.

    Raises InvalidEventError naming everything that leaves a profile without an answer.
    """
    profiles = _profiles(event)
    deliveries: dict[UserId, Delivery] = {}
    left_out: dict[str, Outcome] = {}
    for profile_id in sorted(profiles):
        profile = profiles[profile_id]
        customer = _customer(profile.get("CustomerData"))
        token = profile.get("IdempotencyToken")
        if customer is None:
            left_out[profile_id] = Outcome("failed", "invalid_customer_data")
        elif not isinstance(token, str) or not token:
            left_out[profile_id] = Outcome("failed", "invalid_idempotency_token")
        elif not is_user_id(user_id := _named(customer, user_id_attribute)):
            left_out[profile_id] = Outcome("skipped", "invalid_address")
        elif user_id in deliveries:
            left_out[profile_id] = Outcome("skipped", "duplicate")
        else:
            data = _named(customer, DATA_ATTRIBUTE)
            deliveries[user_id] = Delivery(
                id=of_profile(sender, token),
                data=default_data if data is None else data,
                recipients=(Recipient(profile_id, user_id, _variables(profile_id, user_id, customer)),),
                always_push=True,
            )
    return ConnectCall(tuple(profiles), tuple(deliveries.values()), left_out)


def _profiles(event: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The profiles by their ids, in the order they came in."""
    items = event.get("Items")
    profiles = items.get("CustomerProfiles") if isinstance(items, Mapping) else None
    if not isinstance(profiles, Sequence) or isinstance(profiles, str):
        raise InvalidEventError([Fault("Items.CustomerProfiles", "must be a list of profiles")])
    faults = []
    if len(profiles) > MAX_RECIPIENTS:
        faults.append(Fault("Items.CustomerProfiles", f"{len(profiles):,} profiles; one event takes {MAX_RECIPIENTS}"))
    found: dict[str, Mapping[str, Any]] = {}
    for index, profile in enumerate(profiles):
        path = f"Items.CustomerProfiles[{index}]"
        if not isinstance(profile, Mapping):
            faults.append(Fault(path, "must be an object"))
        elif not isinstance(profile_id := profile.get("ProfileId"), str) or not profile_id:
            faults.append(Fault(f"{path}.ProfileId", "must be a string"))
        else:
            found.setdefault(profile_id, profile)
    if faults:
        raise InvalidEventError(faults)
    return found


def _customer(text: object) -> Mapping[str, Any] | None:
    """The profile itself, which comes as JSON text."""
    try:
        customer = json.loads(text) if isinstance(text, str) else text
    except (ValueError, RecursionError):
        return None
    return customer if isinstance(customer, Mapping) else None


def _named(customer: Mapping[str, Any], name: str) -> Any:
    """A custom attribute of the profile, or else one of its own fields."""
    custom = customer.get("attributes")
    if isinstance(custom, Mapping) and custom.get(name) is not None:
        return custom[name]
    return customer.get(name)


def _variables(profile_id: str, user_id: UserId, customer: Mapping[str, Any]) -> dict[str, Any]:
    """The profile in the form of an endpoint: `{{Attributes.firstName}}` finds a field, `{{Attributes.x}}` a custom attribute."""
    custom = customer.get("attributes")
    fields = {**customer, **(custom if isinstance(custom, Mapping) else {})}
    return {"Address": user_id, "Attributes": fields, "User": {"UserId": profile_id, "UserAttributes": fields}}
