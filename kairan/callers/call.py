"""The four forms of event that invoke a sender. A field of its own marks each form, and each has its own answer.

| form             | marked by     | read in                          |
| ---------------- | ------------- | -------------------------------- |
| our own batch    | `batch`       | `kairan.callers.own_batch`       |
| a campaign       | `Endpoints`   | `kairan.callers.custom_channel`  |
| Amazon Connect   | `Items`       | `kairan.callers.connect_action`  |
| a direct invoke  | none of these | `kairan.callers.direct_invoke`   |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from kairan.callers import connect_action, custom_channel, direct_invoke, own_batch
from kairan.callers.own_batch import BatchStore
from kairan.contract import Sender
from kairan.errors import InvalidInputError, Violation
from kairan.messengers.port import Messenger
from kairan.sending.batch import Batch
from kairan.sending.outcome import Outcome


@dataclass(frozen=True)
class CallerSettings:
    """What reading an event needs besides the event.

    - `batches`: the store of batches by reference
    - `connect_user_id_attribute`: the attribute of a Connect profile with the user id
    - `connect_data`: the content for Connect profiles without their own
    - `campaign_samples`: whether a campaign without content sends the sample
    """

    messenger: Messenger
    batches: BatchStore
    connect_user_id_attribute: str = "line_user_id"
    connect_data: str | None = None
    campaign_samples: bool = True


class Call(Protocol):
    @property
    def batches(self) -> tuple[Batch, ...]:
        """The batches to send; empty when no recipients are left."""

    @property
    def left_out(self) -> Mapping[str, Outcome]:
        """The outcomes of recipients that the call itself leaves out, by recipient key."""

    @property
    def dry_run(self) -> bool:
        """Whether to check everything and send nothing."""

    @property
    def repeatable_event(self) -> Mapping[str, Any]:
        """The event that repeats this batch, at any later time."""

    def answer(self, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
        """The answer to the caller. `outcomes` has the key of every recipient; the call adds `left_out`."""


def read_call(sender: Sender, event: Any, *, request_id: str, settings: CallerSettings) -> Call:
    """Raises InvalidInputError with everything that is wrong with the event as a whole, and StoreUnavailableError."""
    if not isinstance(event, Mapping):
        raise InvalidInputError([Violation("", "the event must be an object")])
    if own_batch.is_form_of(event):
        return own_batch.read(sender, event, messenger=settings.messenger, batches=settings.batches)
    if custom_channel.is_form_of(event):
        return custom_channel.read(
            sender,
            event,
            request_id=request_id,
            messenger=settings.messenger,
            sends_samples=settings.campaign_samples,
        )
    if connect_action.is_form_of(event):
        return connect_action.read(
            sender,
            event,
            messenger=settings.messenger,
            user_id_attribute=settings.connect_user_id_attribute,
            default_data=settings.connect_data,
        )
    return direct_invoke.read(sender, event, request_id=request_id, messenger=settings.messenger)


def repeatable(event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """`Call.repeatable_event` for an event that was never read: one that Lambda stored because it failed."""
    if own_batch.is_form_of(event):
        return dict(event)
    if custom_channel.is_form_of(event):
        return custom_channel.repeatable(event, request_id)
    if connect_action.is_form_of(event):
        return dict(event)
    return direct_invoke.repeatable(event, request_id)
