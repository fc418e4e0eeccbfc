"""LINE's identifiers (Messaging API reference, "Common specifications" and "Webhook event objects")."""

import re

from kairan.messengers.line import NAME
from kairan.people import ChatId, PersonId

PERSON_ID_FORM = "a LINE user id: U and 32 lower-case hexadecimal digits"

_USER_ID = re.compile(r"U[0-9a-f]{32}")
_CHAT_ID = re.compile(r"[UCR][0-9a-f]{32}")


def person_id(text: object) -> PersonId | None:
    """The person with this user id: `U` and 32 lower-case hexadecimal digits. None for anything else."""
    return PersonId(ChatId(NAME, text)) if isinstance(text, str) and _USER_ID.fullmatch(text) else None


def chat_id(text: object) -> ChatId | None:
    """A user (`U`), a group (`C`) or a room (`R`): what push sends to. None for anything else."""
    return ChatId(NAME, text) if isinstance(text, str) and _CHAT_ID.fullmatch(text) else None
