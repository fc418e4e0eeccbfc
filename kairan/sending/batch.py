"""A batch to send: one content for at most 500 recipients."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NewType

from kairan.people import ChatId

BatchId = NewType("BatchId", str)
"""A UUID (version 5) in hexadecimal with hyphens. `kairan.sending.identity` makes it."""

MAX_RECIPIENTS = 500
"""One batch may have as many recipients as LINE's multicast reaches."""


@dataclass(frozen=True)
class Recipient:
    """One recipient of a batch.

    - `key`: the caller's name for it: an endpoint, a profile, or the id itself
    - `attributes`: the values for `{{…}}`, by the name between the braces (`Attributes.city`)
    """

    key: str
    chat: ChatId
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """One content for some recipients.

    - `data`: the content as the caller wrote it
    - `silent`: the message makes no sound
    - `id_covers_content`: the id includes content and recipients, so a repeat has the same; otherwise they are compared
    - `one_request_each`: for callers that regroup recipients in a repeat, and for chats that a multicast cannot reach
    - `has_templates`: `{{…}}` is filled in for each recipient; otherwise it is plain text
    - `former_id`: what release 0.1.0 called a batch to one person; a batch that it began is not begun anew
    - `reopen`: send again what the messenger refused for everyone. A redrive asks for it.
    - `assume_new`: skip reading the ledger first, because the id is probably new. If it is not, writing to the ledger
      raises BatchInProgressError.
    """

    id: BatchId
    data: Any
    recipients: tuple[Recipient, ...]
    silent: bool = False
    id_covers_content: bool = True
    one_request_each: bool = False
    has_templates: bool = True
    former_id: BatchId | None = None
    reopen: bool = False
    assume_new: bool = False
