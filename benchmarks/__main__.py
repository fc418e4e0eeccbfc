"""`make bench`: runs the benchmarks one after another, and writes figures to the terminal and `docs/benchmarks.md`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import cold_start, page, pushes, senders, speech, webhook
from benchmarks.command import Measure, Quick
from benchmarks.screen import show
from local.progress import Progress


class Name(StrEnum):
    COLD_START = "cold-start"
    WEBHOOK = "webhook"
    SENDERS = "senders"
    PUSHES = "pushes"
    SPEECH = "speech"


BENCHMARKS: Mapping[Name, Measure] = {
    Name.COLD_START: cold_start.measure,
    Name.WEBHOOK: webhook.measure,
    Name.SENDERS: senders.measure,
    Name.PUSHES: pushes.measure,
    Name.SPEECH: speech.measure,
}
Only = Annotated[list[Name] | None, typer.Option("--only", help="Run only this one. May be repeated.")]

app = typer.Typer(pretty_exceptions_enable=False)


@app.command()
def bench(only: Only = None, quick: Quick = False) -> None:
    """Measure how fast Kairan and its references are, and write the figures into docs/benchmarks.md."""
    screen = Console(highlight=False)
    for name in only or BENCHMARKS:
        section = BENCHMARKS[name]("quick" if quick else "full", Progress())
        show(section, screen)
        if not quick:
            page.write(section)
    if not quick:
        screen.print(f"Written to {page.PAGE.name}.", style="dim")


if __name__ == "__main__":
    app()
