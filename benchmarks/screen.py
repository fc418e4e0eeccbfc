"""The figures on a terminal."""

from rich.box import SIMPLE_HEAD
from rich.console import Console, JustifyMethod
from rich.table import Table

from benchmarks.figures import Section, cells

COLUMNS: tuple[tuple[str, JustifyMethod], ...] = (
    ("", "left"),
    ("Kairan", "right"),
    ("reference", "left"),
    ("", "right"),
    ("ratio", "right"),
    ("goal", "right"),
    ("", "left"),
)
STYLES = {"met": "green", "missed": "bold red", "": ""}


def show(section: Section, console: Console) -> None:
    table = Table(
        title=section.title,
        title_style="bold",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        show_edge=False,
        pad_edge=False,
    )
    for name, justify in COLUMNS:
        table.add_column(name, justify=justify, no_wrap=True)
    for figure in section.figures:
        table.add_row(*cells(figure), style=STYLES[figure.verdict])
    console.print()
    console.print(table)
    for note in section.notes:
        console.print(note, style="dim")
