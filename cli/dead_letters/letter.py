"""One dead letter, as far as it may be shown: ids and error codes, but no people and no texts."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import kairan.messengers.line.errors  # noqa: F401 - completes the tree of errors
from cli.dead_letters.queue import FIRST_SENT, LetterStore, Message, attributes_of, sent_at
from kairan.clock import from_epoch_ms
from kairan.errors import RejectedError

MAX_SHOWN = 300
_PERSON = re.compile(r"[UCR][0-9a-f]{32}|[^\s@]+@[^\s@]+")
"""LINE's ids, and e-mail addresses, which some callers use as endpoint ids."""
_OUR_ERROR = re.compile(r"(?P<kind>RetryableError|RejectedError) (?P<code>[a-z_]+): (?P<message>.*)", re.DOTALL)


@dataclass(frozen=True)
class Letter:
    """One letter of a queue.

    - `subject`: stays the same for a letter that comes back after it was done again
    - `again`: what `Box.send_again` needs; None when the letter cannot be sent again
    - `stuck`: why it cannot be sent again
    - `is_refused`: it failed because the request is wrong, so that the same again fails again
    """

    at: datetime
    what: str
    error: str
    tries: int | None
    subject: str
    again: Any = None
    stuck: str | None = None
    is_refused: bool = False


class CannotRedriveError(Exception):
    """This letter stays in the queue; the others go on."""


class Box(Protocol):
    """One kind of letters. It reads them and sends them again."""

    name: str
    title: str
    queue: LetterStore

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


def was_refused(message: str) -> bool:
    """Whether an error that left one of our functions says that repeating the request cannot help."""
    match = _OUR_ERROR.fullmatch(message)
    return match is not None and match["kind"] == RejectedError.__name__


def is_refusal(code: str) -> bool:
    return code in {kind.code for kind in _below(RejectedError)}


def _below(kind: type[RejectedError]) -> list[type[RejectedError]]:
    return [kind, *(each for below in kind.__subclasses__() for each in _below(below))]


def failed_at(message: Message) -> datetime:
    """When the letter first came. Keeping it does not change this time."""
    first_sent = attributes_of(message).get(FIRST_SENT)
    return from_epoch_ms(int(first_sent)) if first_sent else sent_at(message)
