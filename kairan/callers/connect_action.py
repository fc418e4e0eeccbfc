"""The custom action of Amazon Connect's outbound campaigns: several customer profiles, each of which becomes a batch.

Source: Amazon Connect Administrator Guide, "Invoke Lambda functions". The guide does not say how many profiles come at
once, or how long Connect waits.

Each profile has its own token. A repeat may group the profiles differently, but their tokens stay the same; so each
profile gets its own request, under a key from its token. A profile that cannot be read fails alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kairan.callers.custom_channel import EndpointAttributes, attributes
from kairan.errors import InvalidInputError, Violation
from kairan.messengers.port import Messenger
from kairan.people import PersonId
from kairan.reasons import Reason
from kairan.sending.batch import MAX_RECIPIENTS, Batch, Recipient
from kairan.sending.identity import of_profile
from kairan.sending.outcome import Outcome

DATA_ATTRIBUTE = "line_data"
"""The profile attribute with content for this profile alone."""


@dataclass(frozen=True)
class ConnectCall:
    profile_ids: tuple[str, ...]
    batches: tuple[Batch, ...]
    left_out: Mapping[str, Outcome]
    repeatable_event: Mapping[str, Any]
    dry_run: bool = False

    def answer(self, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
        """Exactly one entry per profile: Connect counts a profile without one as failed."""
        results = [
            {"Id": profile_id, "ResultData": attributes(self.left_out.get(profile_id) or outcomes[profile_id])}
            for profile_id in self.profile_ids
        ]
        return {"Items": {"CustomerProfiles": results}}


def is_form_of(event: Mapping[str, Any]) -> bool:
    return "Endpoints" not in event and ("Items" in event or "InvocationMetadata" in event)


def read(
    sender: str, event: Mapping[str, Any], *, messenger: Messenger, user_id_attribute: str, default_data: str | None
) -> ConnectCall:
    """`user_id_attribute` names the attribute with the user id; `default_data` is for profiles without content.

    Raises InvalidInputError with everything that would leave a profile without an answer.
    """
    profiles = _profiles(event)
    batches: dict[PersonId, Batch] = {}
    left_out: dict[str, Outcome] = {}
    for profile_id in sorted(profiles):
        profile = profiles[profile_id]
        customer = _customer(profile.get("CustomerData"))
        token = profile.get("IdempotencyToken")
        if customer is None:
            left_out[profile_id] = Outcome("failed", Reason.INVALID_CUSTOMER_DATA)
        elif not isinstance(token, str) or not token:
            left_out[profile_id] = Outcome("failed", Reason.INVALID_IDEMPOTENCY_TOKEN)
        elif (person := messenger.person_id(_named(customer, user_id_attribute))) is None:
            left_out[profile_id] = Outcome("skipped", Reason.INVALID_ADDRESS)
        elif person in batches:
            left_out[profile_id] = Outcome("skipped", Reason.DUPLICATE)
        else:
            data = _named(customer, DATA_ATTRIBUTE)
            batches[person] = Batch(
                id=of_profile(sender, token),
                data=default_data if data is None else data,
                recipients=(Recipient(profile_id, person, _attributes(profile_id, person, customer)),),
                one_request_each=True,
            )
    return ConnectCall(tuple(profiles), tuple(batches.values()), left_out, event)


def _profiles(event: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The profiles by their ids, in the event's order."""
    items = event.get("Items")
    profiles = items.get("CustomerProfiles") if isinstance(items, Mapping) else None
    if not isinstance(profiles, Sequence) or isinstance(profiles, str):
        raise InvalidInputError([Violation("Items.CustomerProfiles", "must be a list of profiles")])
    violations = []
    if len(profiles) > MAX_RECIPIENTS:
        violations.append(
            Violation("Items.CustomerProfiles", f"{len(profiles):,} profiles; one event takes {MAX_RECIPIENTS}")
        )
    by_id: dict[str, Mapping[str, Any]] = {}
    for index, profile in enumerate(profiles):
        path = f"Items.CustomerProfiles[{index}]"
        if not isinstance(profile, Mapping):
            violations.append(Violation(path, "must be an object"))
        elif not isinstance(profile_id := profile.get("ProfileId"), str) or not profile_id:
            violations.append(Violation(f"{path}.ProfileId", "must be a string"))
        else:
            by_id.setdefault(profile_id, profile)
    if violations:
        raise InvalidInputError(violations)
    return by_id


def _customer(text: object) -> Mapping[str, Any] | None:
    """The profile itself, which Connect sends as JSON text."""
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


def _attributes(profile_id: str, person: PersonId, customer: Mapping[str, Any]) -> EndpointAttributes:
    """The profile in the form of an endpoint, with both its fields and its custom attributes as `{{Attributes.…}}`."""
    custom = customer.get("attributes")
    fields = {**customer, **(custom if isinstance(custom, Mapping) else {})}
    return EndpointAttributes(
        {"Address": person.id, "Attributes": fields, "User": {"UserId": profile_id, "UserAttributes": fields}}
    )
