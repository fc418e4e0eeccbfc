"""The credentials of the channel a local cloud works with, and its connection by what `kairan connect` does."""

import secrets
from pathlib import Path

from cli.connect import advice, connect
from cli.credentials import Answers
from cli.errors import CommandError
from cli.line import SdkLineChannel
from cli.secret import ChannelSecret
from cli.target import in_local_cloud
from kairan.secrets import LineCredentials
from local.progress import Progress


def choose(place: Path, *, channel_secret: str | None, channel_access_token: str | None) -> LineCredentials:
    """What was given; else what the secret holds already (kept data); else new ones."""
    target = in_local_cloud(place)
    held = ChannelSecret(target.client("secretsmanager"), target.output("SecretName")).credentials()
    return LineCredentials(
        channel_secret=channel_secret or held.channel_secret or secrets.token_hex(16),
        channel_access_token=channel_access_token or held.channel_access_token or secrets.token_urlsafe(96),
        channel_id=held.channel_id or f"1{secrets.randbelow(10**9):09}",
    )


def connect_channel(place: Path, channel: LineCredentials, progress: Progress, *, simulated: bool) -> None:
    """Fills the secret, sets the webhook URL and has LINE test it. A LINE API that is not ours may refuse: a warning."""
    target = in_local_cloud(place)
    connection = connect(
        Answers(channel_secret=channel.channel_secret, channel_access_token=channel.channel_access_token),
        secret=ChannelSecret(target.client("secretsmanager"), target.output("SecretName")),
        line=SdkLineChannel(target.line_api_url),
        webhook_url=target.output("WebhookUrl"),
        report=progress,
        refusal_is_warning=not simulated,
    )
    if simulated and not (connection.test and connection.test.success):
        raise CommandError(
            "The webhook did not pass LINE's test.", fix=advice(connection.test) if connection.test else None
        )
