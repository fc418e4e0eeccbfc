"""`kairan dead-letters`: its commands and options, and what they print."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from cli.errors import FAILED, CommandError
from cli.options import Local, Profile, Region, Stack
from cli.screen import ScreenReport, notices, results
from cli.target import Target, choose
from kairan.contract import Output

if TYPE_CHECKING:
    from cli.dead_letters.letter import Box, Letter

dead_letters = typer.Typer(
    no_args_is_help=True,
    help="List the events, batches and webhook calls that failed, do them again, or keep them longer.",
    epilog="Examples:\n\n  kairan dead-letters list\n\n  kairan dead-letters redrive --queue inbox",
)


class Queue(StrEnum):
    INBOX = "inbox"
    SENDS = "sends"
    FORWARDS = "forwards"
    ALL = "all"


WhichQueue = Annotated[
    Queue,
    typer.Option(
        "--queue",
        help="inbox: events from LINE; sends: batches of messages that were not sent; "
        "forwards: webhook calls that another tool did not take.",
    ),
]


@dead_letters.command("list", epilog="Example:\n\n  kairan dead-letters list --queue inbox --limit 100")
def list_(
    queue: WhichQueue = Queue.ALL,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Show at most this many of each queue.")] = 20,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    stack: Stack = "kairan",
) -> None:
    """List the dead letters: when, what, which error, how many tries, days until they are deleted. They stay.

    The list shows ids and errors, but no people and no texts.
    """
    for box in boxes(choose(local=local, profile=profile, region=region, stack=stack), queue):
        show(box, limit)


@dead_letters.command(
    "redrive",
    epilog="Examples:\n\n  kairan dead-letters redrive --dry-run\n\n"
    "  kairan dead-letters redrive --queue sends --limit 1",
)
def redrive_(
    queue: WhichQueue = Queue.ALL,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Do at most this many of each queue; all by default.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing.")] = False,
    refused: Annotated[
        bool, typer.Option("--refused", help="Do those too whose request was refused, after you removed the cause.")
    ] = False,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    stack: Stack = "kairan",
) -> None:
    """Do the dead letters again.

    Events go back to the inbox, and webhook calls to the queue of their tool. Batches go to their sender as the same
    batch, so that no one gets a message twice.
    A letter is deleted only after it was sent on, so you may interrupt and repeat this command at any time.
    """
    target = choose(local=local, profile=profile, region=region, stack=stack)
    if dry_run:
        for box in boxes(target, queue):
            show(box, limit, redrivable=True, also_refused=refused)
        return
    incomplete = [box for box in boxes(target, queue) if not run(box, limit, also_refused=refused)]
    if incomplete:
        raise typer.Exit(FAILED)


@dead_letters.command("keep", epilog="Example:\n\n  kairan dead-letters keep --queue inbox")
def keep_(
    queue: WhichQueue = Queue.ALL,
    local: Local = False,
    profile: Profile = None,
    region: Region = None,
    stack: Stack = "kairan",
) -> None:
    """Keep the dead letters of the queues for another 14 days, from now on.

    Parked batches stay as they are: they have 45 days from the start.
    """
    from cli.dead_letters.queue import DeadLetterQueue

    for box in boxes(choose(local=local, profile=profile, region=region, stack=stack), queue):
        if isinstance(box.queue, DeadLetterQueue):
            with box.queue.received() as messages:
                kept = sum(box.queue.keep(message) for message in messages)
            ScreenReport().done(f"{box.title}: {kept} kept")


def boxes(target: Target, queue: Queue) -> Iterator["Box"]:
    from cli.dead_letters.forwards import forward_boxes
    from cli.dead_letters.inbox import InboxBox
    from cli.dead_letters.parked import ParkedBatches
    from cli.dead_letters.queue import DeadLetterQueue
    from cli.dead_letters.sends import SendBox

    sqs = target.client("sqs")
    if queue in (Queue.INBOX, Queue.ALL):
        queue_of_letters = DeadLetterQueue(sqs, target.output(Output.INBOX_DEAD_LETTER_QUEUE_URL))
        yield InboxBox(queue_of_letters, sqs, target.output(Output.INBOX_QUEUE_URL))
    if queue in (Queue.SENDS, Queue.ALL):
        functions = target.client("lambda")
        failures = DeadLetterQueue(sqs, target.output(Output.SEND_FAILURES_QUEUE_URL))
        parked = ParkedBatches(target.client("s3"), target.output(Output.BATCHES_BUCKET))
        yield SendBox(failures, functions, target.outputs)
        yield SendBox(parked, functions, target.outputs, title="Batches that are parked")
    if queue in (Queue.FORWARDS, Queue.ALL):
        of_tools = list(forward_boxes(target, sqs))
        if not of_tools and queue is Queue.FORWARDS:
            raise CommandError(
                f"{target.where} passes no webhook calls on.", fix="The setting forward_webhooks_to names other tools."
            )
        yield from of_tools


def show(box: "Box", limit: int | None, *, redrivable: bool = False, also_refused: bool = False) -> None:
    """With `redrivable`, it also shows whether a letter would be done again, or why it would not."""
    from rich.table import Table
    from rich.text import Text

    depth = box.queue.depth()
    with box.queue.received(limit) as messages:
        letters = [(box.read(message), box.queue.expires_at(message)) for message in messages]
    if not letters:
        results.print(f"{box.title}: none")
        return
    table = Table("When (UTC)", "Age", "Days left", "What", "Error", "Tries", title=box.title, title_justify="left")
    if redrivable:
        table.add_column("Redrive")
    now = datetime.now(UTC)
    for letter, expires_at in letters:
        cells = [*_cells(letter, expires_at, now), *([_answer(letter, also_refused)] if redrivable else [])]
        table.add_row(*map(Text, cells))  # Text, because brackets in a cell are not markup
    results.print(table)
    if depth > len(letters):
        results.print(f"{len(letters)} of about {depth}; --limit shows more")


def run(box: "Box", limit: int | None, *, also_refused: bool = False) -> bool:
    """True when no letter is left. It reports what was done even when it is interrupted or fails."""
    from rich.progress import Progress

    from cli.dead_letters.redrive import Redriven, redrive

    outcome = Redriven()
    depth = box.queue.depth()
    try:
        with Progress(console=notices, transient=True, disable=not notices.is_terminal) as progress:
            task = progress.add_task(box.title, total=min(depth, limit or depth))
            redrive(box, outcome, limit=limit, also_refused=also_refused, step=lambda: progress.advance(task))
    finally:
        report = ScreenReport()
        summarise = report.warning if outcome.left or outcome.refused else report.done
        refused = f"{len(outcome.refused)} refused, " if outcome.refused else ""
        summarise(f"{box.title}: {outcome.sent} sent on, {refused}{len(outcome.left)} left")
        for letter, reason in outcome.left:
            report.note(f"{letter.what}: {reason}")
        for letter in outcome.refused:
            report.note(f"{letter.what}: {REFUSED} ({letter.error})")
    return not outcome.left and not outcome.refused


REFUSED = "refused, so the same again would be refused again; --refused does it all the same"


def _answer(letter: "Letter", also_refused: bool) -> str:
    return letter.stuck or (REFUSED if letter.is_refused and not also_refused else "yes")


def _cells(letter: "Letter", expires_at: datetime, now: datetime) -> tuple[str, ...]:
    return (
        f"{letter.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}",
        f"{max(0, (now - letter.at).days)} d",
        str(max(0, (expires_at - now).days)),
        letter.what,
        letter.error,
        "" if letter.tries is None else str(letter.tries),
    )
