"""A direct invoke: by hand, from a script, from another service of the owner's.

{"to": "U…" or ["U…", …], "data": …, "retry_key"?: UUID, "notification_disabled"?: bool, "dry_run"?: bool}
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kairan.delivery.identity import invoke_key, is_uuid, of_invoke
from kairan.delivery.model import MAX_RECIPIENTS, Delivery, Outcome, Recipient, Sender
from kairan.errors import Fault, InvalidEventError
from kairan.line.ids import RetryKey, UserId, is_user_id

_FIELDS = ("to", "data", "retry_key", "notification_disabled", "dry_run")
_NO_USER_ID = "must be a LINE user id: U and 32 lower-case hexadecimal digits"


@dataclass(frozen=True)
class DirectCall:
    deliveries: tuple[Delivery, ...]
    retry_key: RetryKey
    dry_run: bool
    left_out: Mapping[str, Outcome] = field(default_factory=dict)

    def answer(self, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
        """The outcomes by user id, and the key to give to an invoke that shall be the same delivery."""
        user_ids = [recipient.endpoint_id for delivery in self.deliveries for recipient in delivery.recipients]
        return {"outcomes": {user_id: _said(outcomes[user_id]) for user_id in user_ids}, "retry_key": self.retry_key}


def read(sender: Sender, event: Mapping[str, Any], *, request_id: str) -> DirectCall:
    """Raises InvalidEventError naming everything that is wrong."""
    if faults := [*_faults_of_to(event.get("to")), *_faults_of_options(event)]:
        raise InvalidEventError(faults)
    to = [event["to"]] if isinstance(event["to"], str) else event["to"]
    key = invoke_key(event.get("retry_key"), request_id)
    delivery = Delivery(
        id=of_invoke(sender, key),
        data=event.get("data"),
        recipients=tuple(
            Recipient(user_id, UserId(user_id), {"Address": user_id, "User": {"UserId": user_id}})
            for user_id in dict.fromkeys(to)
        ),
        notification_disabled=event.get("notification_disabled") is True,
        named_by_caller=True,
    )
    return DirectCall((delivery,), key, dry_run=event.get("dry_run") is True)


def _faults_of_to(to: Any) -> list[Fault]:
    if isinstance(to, str):
        return [] if is_user_id(to) else [Fault("to", _NO_USER_ID)]
    if not isinstance(to, list) or not to:
        return [Fault("to", "must be a LINE user id or a list of them")]
    if len(to) > MAX_RECIPIENTS:
        return [Fault("to", f"{len(to):,} recipients; one invoke takes {MAX_RECIPIENTS}")]
    return [Fault(f"to[{index}]", _NO_USER_ID) for index, user_id in enumerate(to) if not is_user_id(user_id)]


def _faults_of_options(event: Mapping[str, Any]) -> list[Fault]:
    faults = [
        Fault(name, f"is not known; a direct invoke has {', '.join(_FIELDS)}") for name in event if name not in _FIELDS
    ]
    if event.get("retry_key") is not None and not is_uuid(event["retry_key"]):
        faults.append(Fault("retry_key", "must be a UUID"))
    faults.extend(
        Fault(name, "must be true or false")
        for name in ("notification_disabled", "dry_run")
        if not isinstance(event.get(name), bool | None)
    )
    return faults


def _said(outcome: Outcome) -> dict[str, str]:
    named = {"outcome": outcome.outcome, "reason": outcome.reason, "request_id": outcome.request_id}
    return {name: value for name, value in named.items() if value}
