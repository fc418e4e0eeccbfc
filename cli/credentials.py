"""Reads the channel's credentials from files or from a person at a terminal.

Arguments of the command line are not an option: the shell's history and the list of processes show them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cli.errors import CommandError
from kairan.messengers.line.secret import PLACEHOLDER, LineCredentials, trimmed
from kairan.text import decode_text

CHANNEL_SECRET_FORM = re.compile(r"[0-9a-f]{32}")
ACCESS_TOKEN_FORM = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
"""A bearer token's characters (RFC 6750, section 2.1)."""
CHANNEL_ID_FORM = re.compile(r"[0-9]{5,20}")

Ask = Callable[[str], str]
"""Asks for a value without showing it. An empty answer keeps the stored value."""


@dataclass(frozen=True)
class Answers:
    """The new values; None keeps the secret's value. With `channel_id`, LINE issues stateless tokens."""

    channel_secret: str | None = None
    channel_access_token: str | None = None
    channel_id: str | None = None


def gather(
    present: LineCredentials,
    *,
    channel_secret_file: Path | None = None,
    channel_access_token_file: Path | None = None,
    channel_id: str | None = None,
    ask: Ask | None,
) -> Answers:
    """`ask` is None without a terminal. Raises CommandError for a value that is missing or cannot be right."""
    if channel_id and channel_access_token_file:
        raise CommandError(
            "--channel-id and --channel-access-token-file exclude each other.",
            fix="With a channel id, LINE issues short-lived tokens, and the secret has no access token.",
        )
    if channel_id and not CHANNEL_ID_FORM.fullmatch(channel_id):
        raise CommandError("A channel id is a number.", fix="The console shows it in Basic settings > Channel ID.")
    secret = _value(
        "Channel secret",
        "channel-secret-file",
        "Basic settings > Channel secret",
        violation_of_channel_secret,
        file=channel_secret_file,
        is_stored=present.channel_secret is not None,
        ask=ask,
    )
    if channel_id:
        return Answers(channel_secret=secret, channel_id=channel_id)
    token = _value(
        "Channel access token",
        "channel-access-token-file",
        "Messaging API > Channel access token",
        violation_of_access_token,
        file=channel_access_token_file,
        is_stored=(present.channel_access_token or present.channel_id) is not None,
        ask=ask,
    )
    return Answers(channel_secret=secret, channel_access_token=token)


def _value(
    name: str,
    option: str,
    console_path: str,
    violation_of: Callable[[str], str | None],
    *,
    file: Path | None,
    is_stored: bool,
    ask: Ask | None,
) -> str | None:
    """None keeps the stored value. `console_path` leads a person to the value in LINE's console."""
    if file is not None:
        value = _read(file)
        if not value:
            raise CommandError(f"{file} is empty.", fix=f"Put the {name.lower()} in it ({console_path}).")
    elif ask is not None:
        value = trimmed(ask(f"{name} ({console_path}{'; Enter keeps the present one' if is_stored else ''})"))
    else:
        value = ""
    if not value:
        if is_stored:
            return None
        raise CommandError(
            f"The {name.lower()} is missing.",
            fix=f"Copy it from the LINE Developers Console ({console_path}). Without a terminal, use --{option}.",
        )
    if violation := violation_of(value):
        raise CommandError(f"That is not a {name.lower()}: {violation}.", fix=f"Copy it again: {console_path}.")
    return value


def _read(file: Path) -> str:
    try:
        return trimmed(decode_text(file.read_bytes()))
    except OSError as error:
        raise CommandError(f"{file} could not be read: {error.strerror}.") from error
    except ValueError as error:
        raise CommandError(f"{file} could not be read: {error}.", fix="Save it as plain text in UTF-8.") from error


def violation_of_channel_secret(text: str) -> str | None:
    if CHANNEL_SECRET_FORM.fullmatch(text):
        return None
    return f"one has 32 characters, 0-9 and a-f, and this has {len(text)} characters" + (
        "" if len(text) != 32 else ", some of them others"
    )


def violation_of_access_token(text: str) -> str | None:
    if text.startswith(PLACEHOLDER):
        return "it is the placeholder"
    if not ACCESS_TOKEN_FORM.fullmatch(text):
        return "it has characters that tokens never have (perhaps a line break or a space)"
    return None
