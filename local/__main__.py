"""`python -m local`: the command line of the local cloud. The other modules do the work."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer
from requests import RequestException
from rich.text import Text

from cli.errors import FAILED, INTERRUPTED, CommandError, aws_errors
from cli.screen import results, show_error
from cli.target import Target, in_local_cloud
from kairan.contract import SAMPLE_AUDIO, SAMPLE_IMAGE, SAMPLE_VIDEO, Output
from local.ports import DEFAULT_PORT_BASE
from local.processes import Interrupted, end_in_order
from local.state_dir import StateDir
from tools.loopback import bypass_proxies

ADDRESSES = (
    ("webhook", Output.WEBHOOK_URL, ""),
    ("push API", Output.API_URL, "docs"),
    ("its key", "ApiKey", ""),
    ("LINE", "LineApiUrl", ""),
    ("speech", "AivisSpeechUrl", ""),
    ("AWS", "AwsEndpointUrl", ""),
    ("an image", Output.IMAGES_URL, f"/{SAMPLE_IMAGE}"),
    ("a sound", Output.AUDIO_URL, f"/{SAMPLE_AUDIO}"),
    ("a film", Output.VIDEO_URL, f"/{SAMPLE_VIDEO}"),
)
"""The addresses that a person may want to open or call: a title, an output, and what follows the output's value."""

app = typer.Typer(
    name="local",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="All of Kairan on this machine: emulated AWS, a simulated LINE platform and a speech engine, "
    "deployed by the real `cdk deploy`.",
    epilog="Examples:\n\n  python -m local up --detach --port-base 5566\n\n"
    "  python -m local invoke send_text event.json",
)

StateDirOption = Annotated[
    Path | None,
    typer.Option("--state-dir", envvar="KAIRAN_LOCAL_DIR", help="The folder of its state. [default: .local here]"),
]
PortBase = Annotated[
    int, typer.Option(help="The first of its three ports: AWS, the LINE platform, the speech engine.", envvar=None)
]
LineApiUrl = Annotated[
    str | None, typer.Option(help="Use this Messaging API instead of a simulated one. No demonstration runs.")
]
AivisSpeechUrl = Annotated[
    str | None, typer.Option(help="Use this AivisSpeech Engine, or one like it, instead of the local cloud's own.")
]
ChannelSecret = Annotated[str | None, typer.Option(help="The channel secret. [default: a new one]")]
AccessToken = Annotated[str | None, typer.Option(help="The channel access token. [default: a new one]")]
Keep = Annotated[bool, typer.Option("--keep", help="Keep the data after `down`, for the next `up --keep`.")]
Context = Annotated[
    list[str] | None,
    typer.Option("--context", "-c", metavar="NAME=VALUE", help="Deploy with this setting. May be given several times."),
]
Function = Annotated[str, typer.Argument(help="webhook, inbox, send_text, send_image …")]


def main() -> None:
    """The outermost boundary: every error becomes a sentence and an exit code."""
    end_in_order()
    bypass_proxies()
    try:
        with aws_errors():
            app(prog_name="python -m local")
    except CommandError as error:
        show_error(str(error), error.fix)
        sys.exit(FAILED)
    except RequestException as error:
        show_error(f"A program of the local cloud did not answer as expected: {error}", "Look at .local/logs.")
        sys.exit(FAILED)
    except Interrupted:
        sys.exit(INTERRUPTED)


@app.command()
def up(
    detach: Annotated[bool, typer.Option("--detach", help="Return when it is ready, and leave it running.")] = False,
    line_api_url: LineApiUrl = None,
    aivis_speech_url: AivisSpeechUrl = None,
    port_base: PortBase = DEFAULT_PORT_BASE,
    channel_secret: ChannelSecret = None,
    channel_access_token: AccessToken = None,
    keep: Keep = False,
    context: Context = None,
    state_dir: StateDirOption = None,
) -> None:
    """Start it, deploy, connect the channel. In the foreground also show the demonstration, and stay until Ctrl-C."""
    from local import demonstration, lifecycle
    from local.progress import Progress

    folder, progress = state_dir_at(state_dir), Progress()
    options = lifecycle.UpOptions(
        port_base=port_base,
        line_api_url=line_api_url.rstrip("/") if line_api_url else None,
        aivis_speech_url=aivis_speech_url.rstrip("/") if aivis_speech_url else None,
        keep=keep,
        channel_secret=channel_secret,
        channel_access_token=channel_access_token,
        context=settings_of(context or []),
    )
    if detach:
        lifecycle.up(folder, options, progress)
        show_addresses(in_local_cloud(folder.path).outputs)
        return
    with lifecycle.while_up(folder, options, progress) as is_ours:
        target = in_local_cloud(folder.path)
        if line_api_url is None:
            demonstration.run(target, progress)
        show_addresses(target.outputs)
        if is_ours:
            lifecycle.stay(folder, progress)


@app.command()
def demo(port_base: PortBase = DEFAULT_PORT_BASE, state_dir: StateDirOption = None) -> None:
    """Start it, show the demonstration, and stop it. When it is up already, only show the demonstration."""
    from local import demonstration, lifecycle
    from local.progress import Progress

    folder, progress = state_dir_at(state_dir), Progress()
    with lifecycle.while_up(folder, lifecycle.UpOptions(port_base=port_base), progress):
        demonstration.run(in_local_cloud(folder.path), progress)


@app.command()
def status(state_dir: StateDirOption = None) -> None:
    """Show its programs and addresses. Exit code 1 when no local cloud is up."""
    from local import record

    folder = state_dir_at(state_dir)
    present = record.load(folder)
    if present is None:
        raise CommandError(f"No local cloud is up in {folder.path}.", fix="Start one with `make start` or `make up`.")
    for program in present.programs:
        state = "[green]running[/]" if program.is_alive() else "[red]ended[/]"
        results.print(f"{program.name:14} {state}, process {program.pid}, log {folder.log(program.name)}")
    if not present.is_up():
        raise CommandError("It is incomplete.", fix="`make up` cleans up and starts it again; `make down` stops it.")
    show_addresses(in_local_cloud(folder.path).outputs)


@app.command()
def down(state_dir: StateDirOption = None) -> None:
    """Stop it. Its data are removed, unless it was started with --keep. Its logs stay."""
    from local import lifecycle
    from local.progress import Progress

    lifecycle.down(state_dir_at(state_dir), Progress())


@app.command()
def redeploy(state_dir: StateDirOption = None) -> None:
    """Bring changed code of lambdas/ and kairan/ into the running functions. Other changes need down and up."""
    from local.progress import Progress
    from local.redeploy import redeploy

    target = running_at(state_dir_at(state_dir))
    with Progress().step("Updating the functions with the current code"):
        redeploy(target)


@app.command()
def invoke(
    function: Function,
    event: Annotated[
        Path, typer.Argument(help="A file with the event as JSON; - for standard input.", allow_dash=True)
    ],
    state_dir: StateDirOption = None,
) -> None:
    """Call a function and print its answer. Exit code 1 when it failed."""
    from local.functions import invoke

    target = running_at(state_dir_at(state_dir))
    try:
        text = sys.stdin.read() if str(event) == "-" else event.read_text(encoding="utf-8")
        content = json.loads(text)
    except OSError as error:
        raise CommandError(f"{event} could not be read: {error.strerror}.") from error
    except ValueError as error:
        raise CommandError(f"{event} is not JSON: {error}.") from error
    answer = invoke(target, function, content)
    typer.echo(json.dumps(answer.payload, ensure_ascii=False, indent=2))
    if answer.failed:
        raise CommandError(f"{function} failed.", fix=f"See `python -m local logs {function}`.")


@app.command()
def logs(
    function: Annotated[str | None, typer.Argument(help="webhook, inbox, send_text … [default: all]")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Print new lines until Ctrl-C.")] = False,
    state_dir: StateDirOption = None,
) -> None:
    """Print the logs of the functions, the oldest line first. The logs of the programs are in .local/logs."""
    from local.functions import names, read_logs

    target = running_at(state_dir_at(state_dir))
    chosen = [function] if function else names(target)
    for line in read_logs(target, chosen, follow=follow):
        typer.echo(line.text if function else f"{line.function:14} {line.text}")


def settings_of(context: Sequence[str]) -> dict[str, str]:
    """`name=value`, as for `cdk deploy`."""
    if wrong := [text for text in context if not text.partition("=")[1]]:
        raise CommandError(f"{wrong[0]} is no setting.", fix="Write -c name=value, as for `cdk deploy`.")
    return {name: value for name, _, value in (text.partition("=") for text in context)}


def state_dir_at(path: Path | None) -> StateDir:
    return StateDir(path.resolve()) if path else StateDir()


def running_at(folder: StateDir) -> Target:
    """Raises CommandError unless a complete local cloud is up there."""
    from local.lifecycle import is_up

    if not is_up(folder):
        raise CommandError(f"No local cloud is up in {folder.path}.", fix="Start one with `make start` or `make up`.")
    return in_local_cloud(folder.path)


def show_addresses(outputs: Mapping[str, str]) -> None:
    for title, output, rest in ADDRESSES:
        line = Text.assemble((f"{title:10}", "dim"), (f"{outputs[output]}{rest}", "cyan"))
        results.print(line, soft_wrap=True)


if __name__ == "__main__":
    main()
