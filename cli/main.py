"""The command `kairan`: its commands and options. The modules beside this one do the work."""

import getpass
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cli.dead_letters.commands import dead_letters
from cli.errors import FAILED, CommandError
from cli.options import Local, Profile, Region, Stack
from cli.screen import ScreenReport, results, show_error
from cli.target import choose
from kairan.contract import Output

SHOW_TRACES = "KAIRAN_TRACE"

app = typer.Typer(
    name="kairan",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    epilog="Examples:\n\n  kairan connect\n\n  kairan dead-letters list --local",
)
app.add_typer(dead_letters, name="dead-letters")


def main(arguments: Sequence[str] | None = None) -> None:
    """The outermost boundary: every error becomes a sentence and an exit code, without a stack trace."""
    try:
        app(arguments, prog_name="kairan")
    except CommandError as error:
        show_error(str(error), error.fix)
    except Exception as error:
        if os.environ.get(SHOW_TRACES):
            raise
        show_error(
            f"Something unexpected happened: {type(error).__name__}: {error}",
            f"Run it again with {SHOW_TRACES}=1 to see where, and please report it.",
        )
    sys.exit(FAILED)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        results.print(f"kairan {version('kairan')}")
        raise typer.Exit


@app.callback()
def kairan(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Runs the messaging of a LINE Official Account from your own AWS account."""


@app.command(
    epilog="Examples:\n\n  kairan connect\n\n  kairan connect --profile shop --region ap-northeast-1\n\n"
    "  kairan connect --channel-secret-file secret.txt --channel-id 1234567890"
)
def connect(
    channel_secret_file: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Read the channel secret from this file instead of asking.")
    ] = None,
    channel_access_token_file: Annotated[
        Path | None, typer.Option(dir_okay=False, help="Read the channel access token from this file.")
    ] = None,
    channel_id: Annotated[
        str | None, typer.Option(help="Use stateless tokens, which LINE issues for channel id and secret.")
    ] = None,
    replace_webhook: Annotated[
        bool,
        typer.Option(
            "--replace-webhook", help="Replace a webhook URL of another tool that is set, without a question."
        ),
    ] = False,
    line_api_url: Annotated[
        str | None, typer.Option(help="Address of the Messaging API, if it is not LINE's or the local cloud's.")
    ] = None,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    stack: Stack = "kairan",
) -> None:
    """Connect a LINE channel: check its credentials, store them in the stack's secret, set the webhook URL and test it.

    It asks for the channel secret and the channel access token without showing them.
    You can run it again at any time: Enter keeps a stored value. Before it replaces a webhook URL of another tool, it
    shows it and asks.
    """
    from cli.connect import advice, connect
    from cli.credentials import gather
    from cli.line import SdkLineChannel
    from cli.secret import ChannelSecret

    target = choose(local=local, profile=profile, region=region, stack=stack)
    report = ScreenReport()
    report.note(f"Connecting a LINE channel to {target.where}")
    secret = ChannelSecret(target.client("secretsmanager"), target.output(Output.SECRET_NAME))
    connection = connect(
        gather(
            secret.credentials(),
            channel_secret_file=channel_secret_file,
            channel_access_token_file=channel_access_token_file,
            channel_id=channel_id,
            ask=_ask if sys.stdin.isatty() else None,
        ),
        secret=secret,
        line=SdkLineChannel(line_api_url or target.line_api_url),
        webhook_url=target.output(Output.WEBHOOK_URL),
        report=report,
        may_replace=_may_replace(replace_webhook),
    )
    for reminder in connection.reminders():
        report.note(reminder)
    if connection.test and not connection.test.success:
        raise CommandError("The webhook does not work yet.", fix=advice(connection.test))


def _may_replace(replace_webhook: bool) -> Callable[[str], bool] | None:
    """None without a terminal, where there is no one to ask."""
    if replace_webhook:
        return lambda _: True
    if not sys.stdin.isatty():
        return None
    return lambda _: typer.confirm("Replace it with the webhook of this stack?", err=True)


def _ask(question: str) -> str:
    return getpass.getpass(f"{question}: ")
