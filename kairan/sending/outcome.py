"""The outcome of a message for one recipient."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from kairan.messengers.port import Refusal

State = Literal["sent", "skipped", "failed", "unknown"]


@dataclass(frozen=True)
class Outcome:
    """`sent` means accepted by the messenger. Messengers do not report whether a message was delivered or read.

    - `reason`: why the message was not sent: a `Reason` or an error's code
    - `request_id`: the messenger's name for the request
    - `sent_messages`: the messenger's ids of the messages, for a batch to one chat
    - `refusal`: why the messenger refused it, in its own words
    - `note`: what a dry run has to say
    """

    outcome: State
    reason: str | None = None
    request_id: str | None = None
    sent_messages: tuple[Mapping[str, str], ...] = field(default=(), hash=False)
    refusal: Refusal | None = None
    note: str | None = None

    @property
    def detail(self) -> str | None:
        """Words for the caller."""
        return self.refusal.message if self.refusal else self.note
