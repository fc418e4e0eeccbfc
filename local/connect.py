"""Chooses the credentials of a local cloud's channel, and connects it as `kairan connect` does."""

import secrets

from cli.connect import advice, connect
from cli.credentials import Answers
from cli.errors import CommandError
from cli.line import SdkLineChannel
from cli.secret import ChannelSecret
from cli.target import in_local_cloud
from kairan.contract import Output
from kairan.messengers.line.secret import LineCredentials
from local.progress import Progress
from local.state_dir import StateDir


def choose_credentials(
    state_dir: StateDir, *, channel_secret: str | None, channel_access_token: str | None
) -> LineCredentials:
    """The arguments, else those of the secret (where data were kept), else new ones."""
    target = in_local_cloud(state_dir.path)
    stored = ChannelSecret(target.client("secretsmanager"), target.output(Output.SECRET_NAME)).credentials()
    return LineCredentials(
        channel_secret=channel_secret or stored.channel_secret or secrets.token_hex(16),
        channel_access_token=channel_access_token or stored.channel_access_token or secrets.token_urlsafe(96),
        channel_id=stored.channel_id or f"1{secrets.randbelow(10**9):09}",
    )


def connect_channel(state_dir: StateDir, credentials: LineCredentials, progress: Progress, *, simulated: bool) -> None:
    """Fills the secret, sets the webhook URL and has LINE test it.

    Raises CommandError when a simulated LINE refuses something. A refusal by another LINE API is a warning.
    """
    target = in_local_cloud(state_dir.path)
    connection = connect(
        Answers(channel_secret=credentials.channel_secret, channel_access_token=credentials.channel_access_token),
        secret=ChannelSecret(target.client("secretsmanager"), target.output(Output.SECRET_NAME)),
        line=SdkLineChannel(target.line_api_url),
        webhook_url=target.output(Output.WEBHOOK_URL),
        report=progress,
        may_replace=lambda _: True,
        refusal_is_warning=not simulated,
    )
    if simulated and not (connection.test and connection.test.success):
        raise CommandError(
            "The webhook did not pass LINE's test.", fix=advice(connection.test) if connection.test else None
        )
