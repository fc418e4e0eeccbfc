"""The custom action of Amazon Connect's outbound campaigns: several customer profiles, each of which becomes a batch.

Source: Amazon Connect Administrator Guide, "Invoke Lambda functions". The guide does not say how many profiles come at
once, or how long Connect waits.

A repeat may group the profiles differently. So each profile gets its own request, under a key from the campaign, its
run, the action, the profile and the profile's token. A profile that cannot be read fails alone.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kairan.callers.custom_channel import EndpointAttributes, attributes
from kairan.callers.fields import (
    DRY_RUN,
    NOTIFICATION_DISABLED,
    REOPEN,
    SWITCHES,
    misspelt,
    violations_of_switches,
)
from kairan.errors import InvalidInputError, Violation
from kairan.messengers.port import Messenger
from kairan.people import PersonId
from kairan.reasons import Reason
from kairan.sending.batch import MAX_RECIPIENTS, Batch, BatchId, Recipient
from kairan.sending.identity import of_profile, of_token
from kairan.sending.outcome import Outcome
from kairan.text import is_blank

FIELDS = ("InvocationMetadata", "Items", *SWITCHES)
DATA_ATTRIBUTE = "line_data"
"""The profile attribute with content for this profile alone."""


@dataclass(frozen=True)
class ConnectCall:
    """`items` has the profile id of each item and the key of its outcome, in the event's order."""

    items: tuple[tuple[str, str], ...]
    batches: tuple[Batch, ...]
    left_out: Mapping[str, Outcome]
    repeatable_event: Mapping[str, Any]
    dry_run: bool = False

    def answer(self, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
        """Exactly one entry per item: Connect counts a profile without one as failed."""
        results = [
            {"Id": profile_id, "ResultData": attributes(self.left_out.get(key) or outcomes[key])}
            for profile_id, key in self.items
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
    keys: dict[int, str] = {}
    batches: dict[BatchId, Batch] = {}
    people: set[PersonId] = set()
    left_out: dict[str, Outcome] = {}
    for number, profile in sorted(enumerate(profiles), key=lambda item: str(item[1]["ProfileId"])):
        profile_id: str = profile["ProfileId"]
        customer = _customer(profile.get("CustomerData"))
        token = profile.get("IdempotencyToken")
        outcome: Outcome | None = None
        batch: Batch | None = None
        if customer is None:
            outcome = Outcome("failed", Reason.INVALID_CUSTOMER_DATA)
        elif not isinstance(token, str) or not token:
            outcome = Outcome("failed", Reason.INVALID_IDEMPOTENCY_TOKEN)
        elif (person := messenger.person_id(_named(customer, user_id_attribute))) is None:
            outcome = Outcome("skipped", Reason.INVALID_ADDRESS)
        elif is_blank(data := _data(customer, default_data)):
            outcome = Outcome("failed", Reason.NO_CONTENT)
        else:
            batch_id = of_profile(sender, _campaign(event), profile_id, token)
            if person in people or batch_id in batches:
                outcome = Outcome("skipped", Reason.DUPLICATE)
            else:
                people.add(person)
                batch = batches[batch_id] = Batch(
                    id=batch_id,
                    data=data,
                    recipients=(Recipient(batch_id, person, _attributes(profile_id, person, customer)),),
                    silent=event.get(NOTIFICATION_DISABLED) is True,
                    one_request_each=True,
                    former_id=of_token(sender, token),
                    reopen=event.get(REOPEN) is True,
                )
        keys[number] = batch.id if batch else str(number)
        if outcome is not None:
            left_out[keys[number]] = outcome
    items = tuple((profile["ProfileId"], keys[number]) for number, profile in enumerate(profiles))
    return ConnectCall(items, tuple(batches.values()), left_out, event, dry_run=event.get(DRY_RUN) is True)


def _campaign(event: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = event.get("InvocationMetadata")
    context = metadata.get("CampaignContext") if isinstance(metadata, Mapping) else None
    return context if isinstance(context, Mapping) else {}


def _data(customer: Mapping[str, Any], default_data: str | None) -> Any:
    data = _named(customer, DATA_ATTRIBUTE)
    return default_data if is_blank(data) else data


def _profiles(event: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The profiles, in the event's order."""
    items = event.get("Items")
    profiles = items.get("CustomerProfiles") if isinstance(items, Mapping) else None
    if not isinstance(profiles, Sequence) or isinstance(profiles, str):
        raise InvalidInputError([Violation("Items.CustomerProfiles", "must be a list of profiles")])
    violations = [*misspelt(event, FIELDS), *violations_of_switches(event)]
    if len(profiles) > MAX_RECIPIENTS:
        violations.append(
            Violation("Items.CustomerProfiles", f"{len(profiles):,} profiles; one event takes {MAX_RECIPIENTS}")
        )
    for index, profile in enumerate(profiles):
        path = f"Items.CustomerProfiles[{index}]"
        if not isinstance(profile, Mapping):
            violations.append(Violation(path, "must be an object"))
        elif not isinstance(profile_id := profile.get("ProfileId"), str) or not profile_id:
            violations.append(Violation(f"{path}.ProfileId", "must be a string"))
    if violations:
        raise InvalidInputError(violations)
    return profiles


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
