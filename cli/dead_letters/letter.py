"""One dead letter, as far as it may be shown: ids and error codes, but no people and no texts."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cli.dead_letters.queue import DeadLetterQueue, Message
from kairan.clock import from_epoch_ms

MAX_SHOWN = 300
_PERSON = re.compile(r"[UCR][0-9a-f]{32}|[^\s@]+@[^\s@]+")
"""LINE's ids, and e-mail addresses, which some callers use as endpoint ids."""
_OUR_ERROR = re.compile(r"(?:RetryableError|RejectedError) (?P<code>[a-z_]+): (?P<message>.*)", re.DOTALL)


@dataclass(frozen=True)
class Letter:
    """One letter of a queue.

    - `subject`: stays the same for a letter that comes back after it was done again
    - `again`: what `Box.send_again` needs; None when the letter cannot be sent again
    - `stuck`: why it cannot be sent again
    """

    at: datetime
    what: str
    error: str
    tries: int | None
    subject: str
    again: Any = None
    stuck: str | None = None


class CannotRedriveError(Exception):
    """This letter stays in the queue; the others go on."""


class Box(Protocol):
    """One of the two queues. It reads letters and sends them again."""

    name: str
    title: str
    queue: DeadLetterQueue

    def read(self, message: Message) -> Letter: ...

    def send_again(self, letter: Letter) -> None:
        """Raises CannotRedriveError for a letter that must stay, and CommandError when no letter can be sent."""


def shown(text: str) -> str:
    """Text from a queue, safe for a terminal and without ids of people."""
    masked = _PERSON.sub("(someone)", text)
    printable = "".join(character if character.isprintable() else " " for character in masked)
    return printable if len(printable) <= MAX_SHOWN else f"{printable[: MAX_SHOWN - 1]}…"


def coded(message: str) -> str | None:
    """`code: message` of an error that left one of our functions (see `kairan.observability.observed`), else None."""
    match = _OUR_ERROR.fullmatch(message)
    return match and f"{match['code']}: {match['message']}"


def sent_at(message: Message) -> datetime:
    return from_epoch_ms(int(message["Attributes"]["SentTimestamp"]))
