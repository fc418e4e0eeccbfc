"""The channel of the one LINE Official Account: its credentials and webhook URL, as in the LINE Developers Console."""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from simulators.line import ids
from simulators.line.clock import Clock
from simulators.line.limits import MAX_WEBHOOK_URL, STATELESS_TOKEN_LIFETIME_S
from simulators.line.loopback import is_loopback

DISPLAY_NAME = "Simulated LINE Official Account"
BASIC_ID = "@000simul"


@dataclass(frozen=True)
class ChannelCredentials:
    channel_id: str
    channel_secret: str
    channel_access_token: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "ChannelCredentials":
        """`LINE_CHANNEL_ID`, `LINE_CHANNEL_SECRET` and `LINE_CHANNEL_ACCESS_TOKEN`; a missing one is generated."""
        return cls(
            environ.get("LINE_CHANNEL_ID") or str(10**9 + secrets.randbelow(10**9)),
            environ.get("LINE_CHANNEL_SECRET") or secrets.token_hex(16),
            environ.get("LINE_CHANNEL_ACCESS_TOKEN") or secrets.token_urlsafe(96),
        )


@dataclass
class Channel:
    credentials: ChannelCredentials
    clock: Clock
    webhook_url: str | None = None
    _stateless: dict[str, float] = field(default_factory=dict)

    @property
    def bot_user_id(self) -> str:
        return ids.bot_user_id(self.credentials.channel_id)

    def as_json(self) -> dict[str, Any]:
        return {
            "channelId": self.credentials.channel_id,
            "botUserId": self.bot_user_id,
            "basicId": BASIC_ID,
            "displayName": DISPLAY_NAME,
            "webhookUrl": self.webhook_url,
        }

    def issue_token(self, channel_id: str, channel_secret: str) -> str | None:
        """A stateless channel access token; None for wrong credentials."""
        own = self.credentials
        if channel_id != own.channel_id or not _same(channel_secret, own.channel_secret):
            return None
        now = self.clock()
        self._stateless = {token: expires_at for token, expires_at in self._stateless.items() if expires_at > now}
        token = ids.new_token()
        self._stateless[token] = now + STATELESS_TOKEN_LIFETIME_S
        return token

    def knows_token(self, token: str) -> bool:
        return _same(token, self.credentials.channel_access_token) or self._stateless.get(token, 0) > self.clock()


def is_webhook_url(value: object) -> bool:
    """`https`, or `http` to a loopback address."""
    if not isinstance(value, str) or len(value) > MAX_WEBHOOK_URL:
        return False
    try:
        url = urlsplit(value)
        host = url.hostname or ""
        _ = url.port
    except ValueError:
        return False
    return bool(host) and (url.scheme == "https" or (url.scheme == "http" and is_loopback(host)))


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
