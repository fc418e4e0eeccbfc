"""A direct invoke: by hand, from a script, or from another of the owner's services.

{"to": "U…" or ["U…", …], "data": …, "retry_key"?: UUID, "notification_disabled"?: bool, "dry_run"?: bool,
 "reopen"?: bool}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kairan.callers.fields import DRY_RUN, NOTIFICATION_DISABLED, REOPEN, SWITCHES, violations_of_switches
from kairan.errors import InvalidInputError, Violation
from kairan.messengers.port import Messenger
from kairan.people import PersonId
from kairan.sending.batch import MAX_RECIPIENTS, Batch, Recipient
from kairan.sending.identity import IdempotencyKey, invoke_key, is_uuid, of_invoke
from kairan.sending.outcome import Outcome
from kairan.text import is_blank

FIELDS = ("to", "data", "retry_key", *SWITCHES)


@dataclass(frozen=True)
class DirectCall:
    batches: tuple[Batch, ...]
    idempotency_key: IdempotencyKey
    repeatable_event: Mapping[str, Any]
    dry_run: bool
    left_out: Mapping[str, Outcome] = field(default_factory=dict)

    def answer(self, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
        """The outcomes by user id, and the `retry_key` that lets another invoke repeat this batch."""
        user_ids = [recipient.key for batch in self.batches for recipient in batch.recipients]
        return {
            "outcomes": {user_id: described(outcomes[user_id]) for user_id in user_ids},
            "retry_key": self.idempotency_key,
        }


def read(sender: str, event: Mapping[str, Any], *, request_id: str, messenger: Messenger) -> DirectCall:
    """Raises InvalidInputError with everything that is wrong."""
    if violations := [*_violations_of_to(event.get("to"), messenger), *_violations_of_options(event)]:
        raise InvalidInputError(violations)
    key = invoke_key(event.get("retry_key"), request_id)
    batch = Batch(
        id=of_invoke(sender, key),
        data=event.get("data"),
        recipients=tuple(map(_recipient, _people(event["to"], messenger))),
        silent=event.get(NOTIFICATION_DISABLED) is True,
        id_covers_content=False,
        reopen=event.get(REOPEN) is True,
    )
    return DirectCall((batch,), key, repeatable(event, request_id), dry_run=event.get(DRY_RUN) is True)


def repeatable(event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """An event that only its request id names gets that id as its `retry_key`."""
    return {**event, "retry_key": invoke_key(event.get("retry_key"), request_id)}


def described(outcome: Outcome) -> dict[str, str]:
    """An outcome as a JSON object, without fields that have no value."""
    named = {
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "detail": outcome.detail,
        "request_id": outcome.request_id,
    }
    return {name: value for name, value in named.items() if value}


def _people(to: str | list[str], messenger: Messenger) -> list[PersonId]:
    texts = [to] if isinstance(to, str) else to
    people = map(messenger.person_id, dict.fromkeys(texts))
    return [person for person in people if person is not None]


def _recipient(person: PersonId) -> Recipient:
    return Recipient(person.id, person, {"Address": person.id, "User.UserId": person.id})


def _violations_of_to(to: Any, messenger: Messenger) -> list[Violation]:
    no_id = f"must be {messenger.person_id_form}"
    if isinstance(to, str):
        return [] if messenger.person_id(to) else [Violation("to", no_id)]
    if not isinstance(to, list) or not to:
        return [Violation("to", "must be a LINE user id or a list of them")]
    if len(to) > MAX_RECIPIENTS:
        return [Violation("to", f"{len(to):,} recipients; one invoke takes {MAX_RECIPIENTS}")]
    return [Violation(f"to[{index}]", no_id) for index, text in enumerate(to) if not messenger.person_id(text)]


def _violations_of_options(event: Mapping[str, Any]) -> list[Violation]:
    violations = [
        Violation(name, f"is not known; a direct invoke has {', '.join(FIELDS)}")
        for name in event
        if name not in FIELDS
    ]
    if not is_blank(event.get("retry_key")) and not is_uuid(event["retry_key"]):
        violations.append(Violation("retry_key", "must be a UUID"))
    return [*violations, *violations_of_switches(event)]
