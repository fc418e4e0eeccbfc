"""Pinpoint's custom-channel event: one batch of endpoints that get one content.

Source: Amazon Pinpoint User Guide, "Creating custom channels". Plain Python checks the event, because most events have
this form.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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
from kairan.observability import logger
from kairan.people import PersonId
from kairan.reasons import Reason
from kairan.sending.batch import MAX_RECIPIENTS, Batch, Recipient
from kairan.sending.identity import CAMPAIGN_PARTS, invoke_key, is_uuid, of_campaign_event, of_invoke
from kairan.sending.outcome import Outcome
from kairan.text import is_blank

MAX_ATTRIBUTE_CHARACTERS = 128
"""Pinpoint takes at most five event attributes, each of at most this length. Kairan answers four."""


FIELDS = ("Message", "Data", "Endpoints", *CAMPAIGN_PARTS, "retry_key", *SWITCHES)
OPT_OUTS: Mapping[str | None, Reason | None] = {"ALL": Reason.OPTED_OUT, "NONE": None, "": None}
STATUSES: Mapping[str | None, Reason | None] = {"INACTIVE": Reason.INACTIVE, "ACTIVE": None, "": None}
"""Why an endpoint with that value is left out. A value that is not here leaves it out, too."""

ADDRESS = "Address"
USER_ID = "User.UserId"
ATTRIBUTES = "Attributes."
USER_ATTRIBUTES = "User.UserAttributes."
"""Names of placeholders, and prefixes of attributes' names (`kairan.composing.templates`)."""


@dataclass(frozen=True)
class CustomChannelCall:
    batches: tuple[Batch, ...]
    left_out: Mapping[str, Outcome]
    repeatable_event: Mapping[str, Any]
    dry_run: bool = False

    def answer(self, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
        """Every endpoint with its outcome, as attributes that journeys can branch on.

        An endpoint that was sent to stays `sent`, even if a repeat would skip it (after an opt-out).
        """
        recipients = (recipient.key for batch in self.batches for recipient in batch.recipients)
        outcomes = {**self.left_out, **outcomes}
        entries = {outcome: {"EventAttributes": attributes(outcome)} for outcome in set(outcomes.values())}
        return {endpoint_id: entries[outcomes[endpoint_id]] for endpoint_id in sorted({*self.left_out, *recipients})}


class EndpointAttributes(Mapping[str, Any]):
    """An endpoint's values for `{{…}}`, by the names that Pinpoint's message templates use."""

    __slots__ = ("_endpoint",)

    def __init__(self, endpoint: Mapping[str, Any]) -> None:
        self._endpoint = endpoint

    def __getitem__(self, name: str) -> Any:
        if name == ADDRESS:
            return self._endpoint.get("Address")
        user = _object(self._endpoint.get("User"))
        if name == USER_ID:
            return user.get("UserId")
        if name.startswith(USER_ATTRIBUTES):
            return _object(user.get("UserAttributes"))[name.removeprefix(USER_ATTRIBUTES)]
        return _object(self._endpoint.get("Attributes"))[name.removeprefix(ATTRIBUTES)]

    def __iter__(self) -> Iterator[str]:
        user = _object(self._endpoint.get("User"))
        yield from (ADDRESS, USER_ID)
        yield from (f"{ATTRIBUTES}{name}" for name in _object(self._endpoint.get("Attributes")))
        yield from (f"{USER_ATTRIBUTES}{name}" for name in _object(user.get("UserAttributes")))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def attributes(outcome: Outcome) -> dict[str, str]:
    """An outcome as event attributes, without those that have no value."""
    named = {
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "requestId": outcome.request_id,
    }
    return {name: str(value)[:MAX_ATTRIBUTE_CHARACTERS] for name, value in named.items() if value}


def is_form_of(event: Mapping[str, Any]) -> bool:
    return "Endpoints" in event or ("ApplicationId" in event and "to" not in event)


def read(
    sender: str, event: Mapping[str, Any], *, request_id: str, messenger: Messenger, sends_samples: bool = True
) -> CustomChannelCall:
    """Raises InvalidInputError with everything that is wrong with the event as a whole. Fields of Pinpoint's pass.

    Without content everyone gets the sample, as one tries a campaign; without `sends_samples` no one gets anything.
    """
    if violations := _violations(event):
        raise InvalidInputError(violations)
    recipients, left_out = _chosen(event["Endpoints"], messenger)
    if is_blank(event.get("Data")):
        if sends_samples:
            logger.warning("sample", sender=sender, endpoints=len(recipients))
        else:
            left_out |= {recipient.key: Outcome("failed", Reason.NO_CONTENT) for recipient in recipients}
            recipients = ()
    unnamed = _is_unnamed(event)
    batch = Batch(
        id=of_invoke(sender, invoke_key(event.get("retry_key"), request_id))
        if unnamed
        else of_campaign_event(sender, event),
        data=event.get("Data"),
        recipients=recipients,
        silent=event.get(NOTIFICATION_DISABLED) is True,
        id_covers_content=not unnamed,
        reopen=event.get(REOPEN) is True,
    )
    return CustomChannelCall(
        (batch,) if recipients else (),
        left_out,
        repeatable(event, request_id),
        dry_run=event.get(DRY_RUN) is True,
    )


def repeatable(event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """An event that only its request id names gets that id as its `retry_key`."""
    if not _is_unnamed(event):
        return dict(event)
    return {**event, "retry_key": invoke_key(event.get("retry_key"), request_id)}


def _is_unnamed(event: Mapping[str, Any]) -> bool:
    """Without activity and time, a repeat looks like a new batch: the event counts as a direct invoke."""
    return not event.get("ActivityId") and not event.get("ScheduledTime")


def _violations(event: Mapping[str, Any]) -> list[Violation]:
    violations = [
        Violation(name, "must be a string") for name in CAMPAIGN_PARTS if not isinstance(event.get(name), str | None)
    ]
    violations += [*misspelt(event, FIELDS), *violations_of_switches(event)]
    if not is_blank(event.get("retry_key")) and not is_uuid(event["retry_key"]):
        violations.append(Violation("retry_key", "must be a UUID"))
    endpoints = event.get("Endpoints")
    if not isinstance(endpoints, Mapping):
        return [*violations, Violation("Endpoints", "must be an object of endpoints by their ids")]
    if len(endpoints) > MAX_RECIPIENTS:
        violations.append(Violation("Endpoints", f"{len(endpoints):,} endpoints; one event takes {MAX_RECIPIENTS}"))
    violations.extend(
        Violation(f"Endpoints[{number}]", "must be an object")  # an id may be an e-mail address: it stays out of logs
        for number, endpoint in enumerate(endpoints.values())
        if not isinstance(endpoint, Mapping)
    )
    return violations


def _chosen(
    endpoints: Mapping[str, Mapping[str, Any]], messenger: Messenger
) -> tuple[tuple[Recipient, ...], dict[str, Outcome]]:
    """The people to send to, ordered by endpoint id, and the outcomes of the others."""
    recipients: dict[PersonId, Recipient] = {}
    skipped: dict[str, Outcome] = {}
    for endpoint_id in sorted(endpoints):
        endpoint = endpoints[endpoint_id]
        if (reason := _exclusion(endpoint)) is not None:
            skipped[endpoint_id] = Outcome("skipped", reason)
        elif (person := messenger.person_id(endpoint.get("Address"))) is None:
            skipped[endpoint_id] = Outcome("skipped", Reason.INVALID_ADDRESS)
        elif person in recipients:
            skipped[endpoint_id] = Outcome("skipped", Reason.DUPLICATE)
        else:
            recipients[person] = Recipient(endpoint_id, person, EndpointAttributes(endpoint))
    return tuple(recipients.values()), skipped


def _exclusion(endpoint: Mapping[str, Any]) -> Reason | None:
    """Case and blanks do not count. A misspelt name or a value that is not known must not lead to a message."""
    if _word(endpoint.get("ChannelType")) != "CUSTOM":
        return Reason.NOT_CUSTOM_CHANNEL
    if any(misspelt(endpoint, ("OptOut", "EndpointStatus"))):
        return Reason.INVALID_ENDPOINT
    return OPT_OUTS.get(_word(endpoint.get("OptOut")), Reason.INVALID_ENDPOINT) or STATUSES.get(
        _word(endpoint.get("EndpointStatus")), Reason.INVALID_ENDPOINT
    )


def _word(value: object) -> str | None:
    """The value without case and blanks; absent is empty. None for what is no text."""
    return "" if value is None else value.strip().upper() if isinstance(value, str) else None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
