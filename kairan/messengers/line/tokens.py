"""The channel access token to send with: the secret's long-lived one, or a stateless one that LINE issues.

LINE issues it for the channel id and secret; it lasts 15 minutes and cannot be revoked (Messaging API reference, "Issue
stateless channel access token").
"""

from collections.abc import Callable
from threading import RLock
from typing import Protocol

from kairan.clock import Clock, SystemClock
from kairan.messengers.line.secret import LineCredentials

RENEW_BEFORE_S = 60


class Credentials(Protocol):
    """`kairan.messengers.line.secret.LineSecret`, as far as it is needed here."""

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
        credentials = self._credentials.to_send_with()
        if credentials.channel_access_token:
            return credentials.channel_access_token
        if not (credentials.channel_id and credentials.channel_secret):
            raise credentials.missing(
                "CHANNEL_ACCESS_TOKEN",
                "issue a channel access token in the LINE Developers Console, Messaging API > Channel access token, "
                "and store it in AWS Secrets Manager, or run `kairan connect`",
            )
        with self._lock:
            now = self._clock.monotonic()
            if self._issued is None or self._issued[1] <= now:
                token, lifetime_s = self._issue(credentials.channel_id, credentials.channel_secret)
                self._issued = (token, now + lifetime_s - RENEW_BEFORE_S)
            return self._issued[0]

    def renew(self, refused: str) -> bool:
        """Reads the secret again after LINE answered 401 to the token `refused`.

        True when there is another token to try.
        """
        with self._lock:
            if self._issued is not None and self._issued[0] == refused:
                self._issued = None
            self._credentials.refresh()
        return self.token() != refused
