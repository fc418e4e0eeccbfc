"""The identifiers that LINE mints, and how it recognises them (reference, "Common properties" of webhook events)."""

import hashlib
import itertools
import re
import secrets
import uuid

USER_ID = re.compile(r"U[0-9a-f]{32}")
CHAT_ID = re.compile(r"[UCR][0-9a-f]{32}")
RETRY_KEY = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

_message_ids = itertools.count(5 * 10**17 + secrets.randbelow(10**16))


def is_user_id(value: object) -> bool:
    return isinstance(value, str) and USER_ID.fullmatch(value) is not None


def is_chat_id(value: object) -> bool:
    """A user, a group or a room."""
    return isinstance(value, str) and CHAT_ID.fullmatch(value) is not None


def new_user_id() -> str:
    return f"U{secrets.token_hex(16)}"


def bot_user_id(channel_id: str) -> str:
    """The same for the same channel, also after a restart."""
    return f"U{hashlib.sha256(channel_id.encode()).hexdigest()[:32]}"


def new_message_id() -> str:
    """Eighteen digits that grow."""
    return str(next(_message_ids))


def new_request_id() -> str:
    return str(uuid.uuid4())


def new_token() -> str:
    """A reply token, a quote token or a stateless access token: opaque."""
    return secrets.token_hex(16)


def ulid(at: float) -> str:
    """A webhook event's id: 48 bits of milliseconds and 80 of chance, in Crockford's base 32."""
    number = (int(at * 1000) << 80) | secrets.randbits(80)
    return "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))
