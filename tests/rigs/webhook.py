"""Calls of the webhook as LINE makes them, and the secret that they are signed with."""

from base64 import b64encode
from dataclasses import dataclass
from typing import Any

from kairan.errors import CredentialsMissingError
from kairan.messengers.line.signature import sign

CHANNEL_SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
VERIFY = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'
"""What LINE posts when its console's Verify button is pressed."""


@dataclass
class FakeSecret:
    """`next` is what the secret holds when it is read again; `error` is raised instead."""

    current: str | None = CHANNEL_SECRET
    next: str | None = CHANNEL_SECRET
    refreshed: int = 0
    error: Exception | None = None

    def channel_secret(self) -> str:
        if self.current is None:
            raise CredentialsMissingError("CHANNEL_SECRET is not in the secret yet: run `kairan connect`")
        return self.current

    def refresh(self) -> bool:
        self.refreshed += 1
        if self.error is not None:
            raise self.error
        changed, self.current = self.current != self.next, self.next
        return changed


def webhook_call(
    content: bytes, /, *, signature: str | None = None, secret: str = CHANNEL_SECRET, **changes: Any
) -> dict[str, Any]:
    """A request as API Gateway hands it on: text as it is, other bytes as base64."""
    signature = sign(secret, content) if signature is None else signature
    return {
        "httpMethod": "POST",
        "headers": {"content-type": "application/json", "x-line-signature": signature},
        "multiValueHeaders": {"content-type": ["application/json"], "x-line-signature": [signature]},
        **_body(content),
        **changes,
    }


def _body(content: bytes) -> dict[str, Any]:
    try:
        return {"body": content.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": b64encode(content).decode(), "isBase64Encoded": True}
