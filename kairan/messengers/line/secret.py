"""The channel's credentials: one JSON object in AWS Secrets Manager.

`CHANNEL_SECRET` verifies webhooks, and `CHANNEL_ACCESS_TOKEN` sends. With `CHANNEL_ID` and no access token,
`kairan.messengers.line.tokens` issues stateless tokens. The names of the AWS sample for Pinpoint (`YOUR_CHANNEL_…`)
work too. `AIVIS_SPEECH_URL` may hold the address of the speech engine, for an address that is itself a secret.
"""

import json
from collections.abc import Mapping
from threading import RLock
from typing import Any, NamedTuple

from kairan import aws
from kairan.clock import Clock, SystemClock
from kairan.errors import CredentialsMissingError, SpeechNotConfiguredError

REREAD_AFTER_S = 300
PLACEHOLDER = "INSERT_"
SPEECH_URL = "AIVIS_SPEECH_URL"
_EDGES = " \t\r\n\u00a0\u200b\u3000\ufeff"
"""What copying a value leaves around it: blanks, line breaks, zero-width spaces, a byte order mark."""


class LineCredentials(NamedTuple):
    """What the secret holds. A value that is missing, empty, a placeholder or unusable is None.

    - `speech_url`: the speech engine's address, for a stack whose settings have none
    - `unusable`: the names of values with a line break, a blank or another character that none of them can have
    """

    channel_secret: str | None
    channel_access_token: str | None
    channel_id: str | None
    speech_url: str | None = None
    unusable: tuple[str, ...] = ()

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
            speech_url=_value(values, SPEECH_URL),
            unusable=tuple(name for name, value in values.items() if (text := _text(value)) and not _is_plain(text)),
        )

    def missing(self, name: str, advice: str) -> CredentialsMissingError:
        """The error about a value that is None. It names the value and never shows it."""
        if any(unusable in (name, f"YOUR_{name}") for unusable in self.unusable):
            problem = "in the secret has a line break, a blank or another character that does not belong in it"
        else:
            problem = "is not in the secret yet"
        return CredentialsMissingError(f"{name} {problem}: {advice}")


def _value(values: Mapping[str, Any], *names: str) -> str | None:
    for name in names:
        text = _text(values.get(name))
        if text and _is_plain(text) and not text.startswith(PLACEHOLDER):
            return text
    return None


def _text(value: object) -> str:
    """Empty for a value that is neither text nor a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return trimmed(value) if isinstance(value, str) else ""


def trimmed(text: str) -> str:
    return text.strip(_EDGES)


def _is_plain(text: str) -> bool:
    """Whether an HTTP header can hold the text. Python's refusal of a wrong header would show its value."""
    return text.isascii() and text.isprintable() and " " not in text


def secret_text(answer: Mapping[str, Any]) -> str:
    """The text in an answer of GetSecretValue, without a byte order mark. A program may have stored it as bytes.

    Raises CredentialsMissingError that says what the secret holds instead of text.
    """
    if (text := answer.get("SecretString")) is None:
        from kairan.text import decode_text  # loaded here, because a secret rarely has bytes

        try:
            text = decode_text(answer.get("SecretBinary") or b"")
        except ValueError as error:
            raise CredentialsMissingError(f"the secret holds bytes that cannot be read: {error}") from error
    return str(text).removeprefix("\ufeff")


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
        """Raises CredentialsMissingError while the secret holds a placeholder, or something that is no secret."""
        credentials = self.get()
        if credentials.channel_secret is None:
            credentials = self._read_now()
        if credentials.channel_secret is None:
            raise credentials.missing(
                "CHANNEL_SECRET",
                "copy it from the LINE Developers Console, Basic settings > Channel secret, into AWS Secrets Manager, "
                "or run `kairan connect`",
            )
        return credentials.channel_secret

    def to_send_with(self) -> LineCredentials:
        """The credentials. While they hold neither a token nor a channel id, every call reads the secret again."""
        credentials = self.get()
        if credentials.channel_access_token or credentials.channel_id:
            return credentials
        return self._read_now()

    def speech_url(self) -> str:
        """The speech engine's address. Raises SpeechNotConfiguredError when the secret has none."""
        if self.get().speech_url is None:
            self.refresh()
        credentials = self.get()
        url = credentials.speech_url
        if url is not None and url.startswith(("https://", "http://")):
            return url
        if url is not None or SPEECH_URL in credentials.unusable:
            raise SpeechNotConfiguredError(f"{SPEECH_URL} in the secret is not an http or https address")
        raise SpeechNotConfiguredError(
            f"no speech engine is set: deploy with the setting `aivis_speech_url`, or put {SPEECH_URL} into the secret"
        )

    def _read_now(self) -> LineCredentials:
        with self._lock:
            with aws.unavailable("the secret could not be read"):
                answer = aws.client("secretsmanager").get_secret_value(SecretId=self._secret_arn)
            self._credentials = LineCredentials.parse(secret_text(answer))
            return self._credentials
