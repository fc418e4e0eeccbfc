"""Who invokes a sender: three forms of event, told apart by what only they have, each answered in its own form.

| form             | told by     | read in                            |
| ---------------- | ----------- | ---------------------------------- |
| a campaign       | `Endpoints` | `kairan.delivery.custom_channel`   |
| Amazon Connect   | `Items`     | `kairan.delivery.connect_action`   |
| a direct invoke  | the rest    | `kairan.delivery.direct_invoke`    |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from kairan.delivery import connect_action, custom_channel, direct_invoke
from kairan.delivery.identity import invoke_key
from kairan.delivery.model import Delivery, Outcome, Sender
from kairan.errors import Fault, InvalidEventError


@dataclass(frozen=True)
class CallerSettings:
    """What Amazon Connect's form needs to be told: the profile attribute with the LINE user id, and content for profiles that
    bring none."""

    connect_user_id_attribute: str = "line_user_id"
    connect_data: str | None = None


class Call(Protocol):
    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """What is to be sent; empty when nobody is left to send to."""

    @property
    def left_out(self) -> Mapping[str, Outcome]:
        """Whom the call itself does not send to, by endpoint id."""

    @property
    def dry_run(self) -> bool:
        """Whether to check everything and send nothing."""

    def answer(self, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
        """The caller's answer. `outcomes` has the endpoint id of every recipient; the call adds whom it left out itself."""


def read_call(sender: Sender, event: Any, *, request_id: str, settings: CallerSettings) -> Call:
    """Raises InvalidEventError naming everything that is wrong with an event as a whole."""
    if not isinstance(event, Mapping):
        raise InvalidEventError([Fault("", "the event must be an object")])
    if _is_campaign(event):
        return custom_channel.read(sender, event, request_id=request_id)
    if _is_connect(event):
        return connect_action.read(
            sender,
            event,
            user_id_attribute=settings.connect_user_id_attribute,
            default_data=settings.connect_data,
        )
    return direct_invoke.read(sender, event, request_id=request_id)


def repeatable(event: Mapping[str, Any], request_id: str) -> dict[str, Any]:
    """The event to invoke with at any later time so that it is the same delivery: one that was named by its request id alone
    gets that name as its `retry_key`."""
    if _is_connect(event) or (_is_campaign(event) and not custom_channel.is_unnamed(event)):
        return dict(event)
    return {**event, "retry_key": invoke_key(event.get("retry_key"), request_id)}


def _is_campaign(event: Mapping[str, Any]) -> bool:
    return "Endpoints" in event or ("ApplicationId" in event and "to" not in event)


def _is_connect(event: Mapping[str, Any]) -> bool:
    return "Endpoints" not in event and ("Items" in event or "InvocationMetadata" in event)
