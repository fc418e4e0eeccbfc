"""What a delivery is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, NewType

from kairan.line.ids import UserId

DeliveryId = NewType("DeliveryId", str)
"""A UUID (version 5) in hexadecimal with hyphens: see `kairan.delivery.identity`."""

MAX_RECIPIENTS = 500
"""One event is one batch; LINE's multicast takes as many."""


class Sender(StrEnum):
    """The functions that send; the value is the function's name."""

    TEXT = "send_text"
    IMAGE = "send_image"
    AUDIO = "send_audio"
    VIDEO = "send_video"
    SPEECH = "send_speech"
    MESSAGES = "send_messages"


@dataclass(frozen=True)
class Recipient:
    """`endpoint_id` is the caller's name for the person (of an endpoint, a profile, or the user id itself); in a push `user_id` may
    also be a group or a room; `variables` is
    what `{{…}}` reads, in the form of Pinpoint's endpoint (`Attributes`, `User.UserAttributes`, `User.UserId`, `Address`)."""

    endpoint_id: str
    user_id: UserId
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Delivery:
    """One batch handed to a sender: the content (`data`, as received) for at most 500 people.

    - `named_by_caller`: nothing ties the id to content and people, so a repeat with others must be told apart.
    - `always_push`: for callers who regroup people when they repeat (Amazon Connect), and for chats that no multicast reaches.
    - `literal`: `{{…}}` is text like any other.
    - `minted`: the id is new, or taken for new. The ledger is not read, and says so if it knows it (DeliveryInProgressError).
    """

    id: DeliveryId
    data: Any
    recipients: tuple[Recipient, ...]
    notification_disabled: bool = False
    named_by_caller: bool = False
    always_push: bool = False
    literal: bool = False
    minted: bool = False


@dataclass(frozen=True)
class Refusal:
    """LINE's 4xx in its own words: `properties` are its `details[].property`."""

    status: int
    message: str
    properties: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """`sent` means accepted by LINE, which never tells whether a message was delivered or read. `sent_messages` is LINE's
    `sentMessages`, of a delivery to one chat; `refusal` is why LINE did not take it."""

    outcome: Literal["sent", "skipped", "failed"]
    reason: str | None = None
    request_id: str | None = None
    sent_messages: tuple[Mapping[str, str], ...] = field(default=(), hash=False)
    refusal: Refusal | None = None
