"""Runs one benchmark by itself: `python -m benchmarks.webhook --quick`."""

from collections.abc import Callable
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.figures import Effort, Section
from benchmarks.screen import show
from local.progress import Progress

Measure = Callable[[Effort, Progress], Section]
Quick = Annotated[bool, typer.Option("--quick", help="Measure less, for a first look. The page is not written.")]


def run(measure: Measure) -> None:
    def command(quick: Quick = False) -> None:
        show(measure("quick" if quick else "full", Progress()), Console(highlight=False))

    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(command)
    app()
