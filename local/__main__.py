"""`python -m local`: what can be typed. What it does stands in the modules beside it."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from requests import RequestException
from rich.text import Text

from cli.errors import FAILED, INTERRUPTED, CommandError, aws_errors
from cli.screen import results, show_error
from cli.target import Target, in_local_cloud
from local.place import DEFAULT_PORT_BASE, Place
from local.processes import Interrupted, end_in_order
from local.web import bypass_proxies

ADDRESSES = (
    ("webhook", "{WebhookUrl}"),
    ("push API", "{ApiUrl}docs"),
    ("its key", "{ApiKey}"),
    ("LINE", "{LineApiUrl}"),
    ("speech", "{AivisSpeechUrl}"),
    ("AWS", "{AwsEndpointUrl}"),
    ("an image", "{ImagesUrl}/sample_image.jpg"),
    ("a sound", "{AudioUrl}/sample_audio.mp3"),
    ("a film", "{VideoUrl}/sample_video.mp4"),
)
"""What a person may want to open or to call, by outputs."""

app = typer.Typer(
    name="local",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="All of Kairan on this machine: emulated AWS, a simulated LINE platform, a speech engine, deployed by the real `cdk deploy`.",
    epilog="Examples:\n\n  python -m local up --detach --port-base 5566\n\n  python -m local invoke send_text event.json",
)

StateDir = Annotated[
    Path | None,
    typer.Option("--state-dir", envvar="KAIRAN_LOCAL_DIR", help="Where it keeps its state. [default: .local here]"),
]
PortBase = Annotated[
    int, typer.Option(help="The first of its three ports: AWS, the LINE platform, the speech engine.", envvar=None)
]
LineApiUrl = Annotated[
    str | None, typer.Option(help="Talk to this Messaging API; none is simulated, and no demonstration runs.")
]
AivisSpeechUrl = Annotated[
    str | None, typer.Option(help="Have this AivisSpeech Engine speak, or one like it; none is started.")
]
ChannelSecret = Annotated[str | None, typer.Option(help="The channel secret to work with. [default: a new one]")]
AccessToken = Annotated[str | None, typer.Option(help="The channel access token to work with. [default: a new one]")]
Keep = Annotated[bool, typer.Option("--keep", help="Keep the data when it goes down, for the next `up --keep`.")]
Function = Annotated[str, typer.Argument(help="webhook, inbox, send_text, send_image …")]


def main() -> None:
    """The outermost boundary: what goes wrong is a sentence and an exit code."""
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
    detach: Annotated[bool, typer.Option("--detach", help="Return when all is ready, and leave it running.")] = False,
    line_api_url: LineApiUrl = None,
    aivis_speech_url: AivisSpeechUrl = None,
    port_base: PortBase = DEFAULT_PORT_BASE,
    channel_secret: ChannelSecret = None,
    channel_access_token: AccessToken = None,
    keep: Keep = False,
    state_dir: StateDir = None,
) -> None:
    """Start it, deploy, connect the channel. In the foreground also show the demonstration, and stay until Ctrl-C."""
    from local import demonstration, lifecycle
    from local.progress import Progress

    place, progress = place_of(state_dir), Progress()
    wish = lifecycle.Wish(
        port_base=port_base,
        line_api_url=line_api_url.rstrip("/") if line_api_url else None,
        aivis_speech_url=aivis_speech_url.rstrip("/") if aivis_speech_url else None,
        keep=keep,
        channel_secret=channel_secret,
        channel_access_token=channel_access_token,
    )
    if detach:
        lifecycle.up(place, wish, progress)
        show_addresses(in_local_cloud(place.root).outputs)
        return
    with lifecycle.while_up(place, wish, progress) as is_ours:
        target = in_local_cloud(place.root)
        if line_api_url is None:
            demonstration.run(target, progress)
        show_addresses(target.outputs)
        if is_ours:
            lifecycle.stay(place, progress)


@app.command()
def demo(port_base: PortBase = DEFAULT_PORT_BASE, state_dir: StateDir = None) -> None:
    """Start it, show the demonstration, and end it. With one that is up already, only show the demonstration."""
    from local import demonstration, lifecycle
    from local.progress import Progress

    place, progress = place_of(state_dir), Progress()
    with lifecycle.while_up(place, lifecycle.Wish(port_base=port_base), progress):
        demonstration.run(in_local_cloud(place.root), progress)


@app.command()
def status(state_dir: StateDir = None) -> None:
    """Show what runs and where. Exit code 1 when no local cloud is up."""
    from local import record

    place = place_of(state_dir)
    present = record.load(place)
    if present is None:
        raise CommandError(f"No local cloud is up in {place.root}.", fix="Start one with `make start` or `make up`.")
    for program in present.programs:
        state = "[green]running[/]" if program.is_alive() else "[red]ended[/]"
        results.print(f"{program.name:14} {state}, process {program.pid}, log {place.logs / program.name}.log")
    if not present.is_up():
        raise CommandError("It is not complete.", fix="`make up` cleans up and starts it again; `make down` ends it.")
    show_addresses(in_local_cloud(place.root).outputs)


@app.command()
def down(state_dir: StateDir = None) -> None:
    """Stop it. Its data go with it, unless it was started with --keep; logs stay."""
    from local import lifecycle
    from local.progress import Progress

    lifecycle.down(place_of(state_dir), Progress())


@app.command()
def redeploy(state_dir: StateDir = None) -> None:
    """Bring changed code of lambdas/ and kairan/ into the running functions. For anything else: down, up."""
    from local.progress import Progress
    from local.redeploy import redeploy

    target = running_at(place_of(state_dir))
    with Progress().step("Bringing the present code into the functions"):
        redeploy(target)


@app.command()
def invoke(
    function: Function,
    event: Annotated[
        Path, typer.Argument(help="A file with the event as JSON; - for standard input.", allow_dash=True)
    ],
    state_dir: StateDir = None,
) -> None:
    """Call a function and print its answer. Exit code 1 when it failed."""
    from local.functions import invoke

    target = running_at(place_of(state_dir))
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
        raise CommandError(f"{function} failed.", fix=f"`python -m local logs {function}` tells more.")


@app.command()
def logs(
    function: Annotated[str | None, typer.Argument(help="webhook, inbox, send_text … [default: all]")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    state_dir: StateDir = None,
) -> None:
    """Print what the functions logged, the oldest first. What the programs themselves wrote is in .local/logs."""
    from local.functions import names, read_logs

    target = running_at(place_of(state_dir))
    chosen = [function] if function else names(target)
    for line in read_logs(target, chosen, follow=follow):
        typer.echo(line.text if function else f"{line.function:14} {line.text}")


def place_of(state_dir: Path | None) -> Place:
    return Place(state_dir.resolve()) if state_dir else Place()


def running_at(place: Place) -> Target:
    """Raises CommandError unless a local cloud is up there, all of it."""
    from local.lifecycle import is_up

    if not is_up(place):
        raise CommandError(f"No local cloud is up in {place.root}.", fix="Start one with `make start` or `make up`.")
    return in_local_cloud(place.root)


def show_addresses(outputs: Mapping[str, str]) -> None:
    for title, address in ADDRESSES:
        line = Text.assemble((f"{title:10}", "dim"), (address.format_map(outputs), "cyan"))
        results.print(line, soft_wrap=True)


if __name__ == "__main__":
    main()
