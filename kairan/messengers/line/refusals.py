"""What LINE finds wrong with a request it answers by 4xx: the content, the recipients, or the whole.

LINE has no codes for this. It names properties of the request, in `details[].property` or in its message:
`The property, 'to[3]', in the request body is invalid` (Messaging API reference, "Error responses").
"""

import re

from kairan.messengers.line.errors import LineRejectedError
from kairan.messengers.port import Blame, Mode, Refusal
from kairan.reasons import Reason

_RECIPIENT = re.compile(r"\bto\[(\d+)\]")
_RECIPIENTS = re.compile(r"(^|property, '?)to\b")
_MESSAGE = re.compile(r"\bmessages\[\d+\]|\bproperty, '?messages\b")
"""The word `messages` alone proves nothing: LINE also answers `Failed to send messages`."""


def rejected(refusal: Refusal, mode: Mode | None = None) -> LineRejectedError:
    """The error to raise. `mode` is the request's; None for a request that sends nothing."""
    if _blames_content(refusal):
        return LineRejectedError(refusal, blame=Blame.CONTENT, reason=Reason.INVALID_MESSAGE)
    if refusal.status == 400 and (mode is Mode.TOGETHER or _blames_people(refusal)):
        return LineRejectedError(
            refusal, blame=Blame.PEOPLE, reason=Reason.INVALID_USER_ID, people=_named_people(refusal)
        )
    return LineRejectedError(refusal)


def _blames_content(refusal: Refusal) -> bool:
    return _MESSAGE.search(refusal.message) is not None or any(
        name.startswith("messages") for name in refusal.properties
    )


def _blames_people(refusal: Refusal) -> bool:
    return any(_RECIPIENTS.search(text) for text in (refusal.message, *refusal.properties))


def _named_people(refusal: Refusal) -> tuple[int, ...]:
    """The indexes in `to`."""
    indexes = {int(index) for text in (refusal.message, *refusal.properties) for index in _RECIPIENT.findall(text)}
    return tuple(sorted(indexes))
