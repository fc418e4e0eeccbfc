"""Where the channel's credentials come from: files, or a person at a terminal. Never the command line's own arguments,
which the shell's history and the list of processes show."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cli.errors import CommandError
from kairan.secrets import PLACEHOLDER, LineCredentials

CHANNEL_SECRET_FORM = re.compile(r"[0-9a-f]{32}")
ACCESS_TOKEN_FORM = re.compile(r"[A-Za-z0-9\-._~+/]+=*")
"""A bearer token's characters (RFC 6750, section 2.1)."""
CHANNEL_ID_FORM = re.compile(r"[0-9]{5,20}")

Ask = Callable[[str], str]
"""Ask for a value without showing it; an empty answer keeps what is there."""


@dataclass(frozen=True)
class Answers:
    """What a person gave; None keeps what the secret holds. With `channel_id` LINE issues stateless tokens."""

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
    """`ask` is None without a terminal. Raises CommandError for a value that cannot be right, and for one that is missing."""
    if channel_id and channel_access_token_file:
        raise CommandError(
            "--channel-id and --channel-access-token-file exclude one another.",
            fix="With a channel id LINE issues short-lived tokens, and no access token is kept.",
        )
    if channel_id and not CHANNEL_ID_FORM.fullmatch(channel_id):
        raise CommandError("A channel id is a number.", fix="It stands in Basic settings > Channel ID.")
    secret = _value(
        "Channel secret",
        "channel-secret-file",
        "Basic settings > Channel secret",
        fault_of_channel_secret,
        file=channel_secret_file,
        kept=present.channel_secret is not None,
        ask=ask,
    )
    if channel_id:
        return Answers(channel_secret=secret, channel_id=channel_id)
    token = _value(
        "Channel access token",
        "channel-access-token-file",
        "Messaging API > Channel access token",
        fault_of_access_token,
        file=channel_access_token_file,
        kept=(present.channel_access_token or present.channel_id) is not None,
        ask=ask,
    )
    return Answers(channel_secret=secret, channel_access_token=token)


def _value(
    name: str,
    option: str,
    place: str,
    fault_of: Callable[[str], str | None],
    *,
    file: Path | None,
    kept: bool,
    ask: Ask | None,
) -> str | None:
    if file is not None:
        given = _read(file)
        if not given:
            raise CommandError(f"{file} is empty.", fix=f"Put the {name.lower()} in it ({place}).")
    elif ask is not None:
        given = ask(f"{name} ({place}{'; Enter keeps the present one' if kept else ''})").strip()
    else:
        given = ""
    if not given:
        if kept:
            return None
        raise CommandError(
            f"The {name.lower()} is missing.",
            fix=f"Copy it from the LINE Developers Console ({place}); without a terminal, give it by --{option}.",
        )
    if fault := fault_of(given):
        raise CommandError(f"That is not a {name.lower()}: {fault}.", fix=f"Copy it again: {place}.")
    return given


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise CommandError(f"{file} could not be read: {reason}.") from error


def fault_of_channel_secret(text: str) -> str | None:
    if CHANNEL_SECRET_FORM.fullmatch(text):
        return None
    return f"one has 32 characters, 0-9 and a-f, and this has {len(text)} characters" + (
        "" if len(text) != 32 else ", some of them others"
    )


def fault_of_access_token(text: str) -> str | None:
    if text.startswith(PLACEHOLDER):
        return "it is the placeholder"
    if not ACCESS_TOKEN_FORM.fullmatch(text):
        return "it holds characters that no token has (a line break or a space, perhaps)"
    return None
