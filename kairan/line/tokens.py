"""The channel access token to send with: the long-lived one of the secret, or a stateless one issued from channel id and secret.

Source: Messaging API reference, "Issue stateless channel access token" (15 minutes, unlimited number, not revocable).
"""

from collections.abc import Callable
from threading import RLock
from typing import Protocol

from kairan.clock import Clock, SystemClock
from kairan.errors import CredentialsMissingError
from kairan.secrets import LineCredentials

RENEW_BEFORE_S = 60


class Credentials(Protocol):
    """What `kairan.secrets.LineSecret` does."""

    def to_send_with(self) -> LineCredentials: ...

    def refresh(self) -> bool: ...


Issue = Callable[[str, str], tuple[str, float]]
"""(channel id, channel secret) → (token, seconds until it expires)."""


class AccessTokens:
    def __init__(self, credentials: Credentials, issue: Issue, *, clock: Clock | None = None) -> None:
        self._credentials = credentials
        self._issue = issue
        self._clock = clock or SystemClock()
        self._issued: tuple[str, float] | None = None
        self._lock = RLock()

    def token(self) -> str:
        """Raises CredentialsMissingError while the secret holds neither a token nor a channel id with its secret."""
        found = self._credentials.to_send_with()
        if found.channel_access_token:
            return found.channel_access_token
        if not (found.channel_id and found.channel_secret):
            raise CredentialsMissingError(
                "CHANNEL_ACCESS_TOKEN is not in the secret yet: issue a channel access token in the LINE Developers Console, "
                "Messaging API > Channel access token, and store it in AWS Secrets Manager, or run `kairan connect`"
            )
        with self._lock:
            now = self._clock.monotonic()
            if self._issued is None or self._issued[1] <= now:
                token, lifetime_s = self._issue(found.channel_id, found.channel_secret)
                self._issued = (token, now + lifetime_s - RENEW_BEFORE_S)
            return self._issued[0]

    def renew(self, refused: str) -> bool:
        """After LINE answered 401 to the token `refused`: read the secret again. True when there is another token to try."""
        with self._lock:
            if self._issued is not None and self._issued[0] == refused:
                self._issued = None
            self._credentials.refresh()
        return self.token() != refused
