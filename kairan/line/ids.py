"""LINE's identifiers (Messaging API reference, "Common specifications" and "Webhook event objects")."""

import re
from typing import NewType, TypeGuard

UserId = NewType("UserId", str)
RetryKey = NewType("RetryKey", str)
"""`X-Line-Retry-Key`: a UUID in hexadecimal with hyphens. LINE remembers it for 24 hours."""

_USER_ID = re.compile(r"U[0-9a-f]{32}")
_CHAT_ID = re.compile(r"[UCR][0-9a-f]{32}")


def is_user_id(text: object) -> TypeGuard[UserId]:
    """`U` and 32 lower-case hexadecimal digits."""
    return isinstance(text, str) and _USER_ID.fullmatch(text) is not None


def is_chat_id(text: object) -> bool:
    """A user (`U`), a group (`C`) or a room (`R`): what push sends to."""
    return isinstance(text, str) and _CHAT_ID.fullmatch(text) is not None
