"""The channel's credentials: one JSON object in AWS Secrets Manager.

`CHANNEL_SECRET` verifies webhooks, and `CHANNEL_ACCESS_TOKEN` sends. With `CHANNEL_ID` and no access token,
`kairan.messengers.line.tokens` issues stateless tokens. The names of the AWS sample for Pinpoint (`YOUR_CHANNEL_…`)
work too.
"""

import json
from collections.abc import Mapping
from threading import RLock
from typing import Any, NamedTuple

from kairan import aws
from kairan.clock import Clock, SystemClock
from kairan.errors import CredentialsMissingError

REREAD_AFTER_S = 300
PLACEHOLDER = "INSERT_"


class LineCredentials(NamedTuple):
    """What the secret holds. A value that is missing, empty or a placeholder is None."""

    channel_secret: str | None
    channel_access_token: str | None
    channel_id: str | None

    @classmethod
    def parse(cls, text: str) -> "LineCredentials":
        """Raises CredentialsMissingError when the secret is not a JSON object."""
        try:
            values = json.loads(text)
        except ValueError:
            values = None
        if not isinstance(values, dict):
            raise CredentialsMissingError(
                "the secret is not a JSON object; "
                'store {"CHANNEL_ACCESS_TOKEN": …, "CHANNEL_SECRET": …} in it, or run `kairan connect`'
            )
        return cls(
            channel_secret=_value(values, "CHANNEL_SECRET", "YOUR_CHANNEL_SECRET"),
            channel_access_token=_value(values, "CHANNEL_ACCESS_TOKEN", "YOUR_CHANNEL_ACCESS_TOKEN"),
            channel_id=_value(values, "CHANNEL_ID", "YOUR_CHANNEL_ID"),
        )


def _value(values: Mapping[str, Any], *names: str) -> str | None:
    for name in names:
        value = values.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if isinstance(value, str) and (text := value.strip()) and not text.startswith(PLACEHOLDER):
            return text
    return None


class LineSecret:
    """Reads the secret once per container, even for many threads. `refresh` reads again, at most every five minutes.

    Raises StoreUnavailableError when Secrets Manager does not answer, and CredentialsMissingError when the secret is
    not JSON.
    """

    def __init__(self, secret_arn: str, *, clock: Clock | None = None) -> None:
        self._secret_arn = secret_arn
        self._clock = clock or SystemClock()
        self._credentials: LineCredentials | None = None
        self._refreshed_at = float("-inf")
        self._lock = RLock()

    def get(self) -> LineCredentials:
        with self._lock:
            return self._credentials or self._read_now()

    def refresh(self) -> bool:
        """Reads again, unless it did in the last five minutes. True when the credentials changed."""
        with self._lock:
            if self._clock.monotonic() - self._refreshed_at < REREAD_AFTER_S:
                return False
            self._refreshed_at = self._clock.monotonic()
            before = self._credentials
            return self._read_now() != before

    def channel_secret(self) -> str:
        """Raises CredentialsMissingError while the secret holds a placeholder."""
        secret = self.get().channel_secret or self._read_now().channel_secret
        if secret is None:
            raise CredentialsMissingError(
                "CHANNEL_SECRET is not in the secret yet: copy it from the LINE Developers Console, "
                "Basic settings > Channel secret, into AWS Secrets Manager, or run `kairan connect`"
            )
        return secret

    def to_send_with(self) -> LineCredentials:
        """The credentials. While they hold neither a token nor a channel id, every call reads the secret again."""
        credentials = self.get()
        if credentials.channel_access_token or credentials.channel_id:
            return credentials
        return self._read_now()

    def _read_now(self) -> LineCredentials:
        with self._lock:
            with aws.unavailable("the secret could not be read"):
                answer = aws.client("secretsmanager").get_secret_value(SecretId=self._secret_arn)
            self._credentials = LineCredentials.parse(answer.get("SecretString") or "")
            return self._credentials
