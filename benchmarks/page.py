"""Writes figures into `docs/benchmarks.md`, between each benchmark's two marks. People write the rest of the page."""

import re
import textwrap
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import machine
from benchmarks.figures import Section, cells

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
COLUMNS = ("", "Kairan", "reference", "", "ratio", "goal", "")
ALIGNED = ("---", "--:", "---", "--:", "--:", "--:", "---")
COLUMNS_OF_PROSE = 120


def write(section: Section, page: Path = PAGE) -> None:
    """Raises ValueError when the page does not have the section's two marks, once each."""
    text = page.read_text(encoding="utf-8")
    begin, end = marks(section.name)
    between = re.compile(f"(?<={re.escape(begin)}\n).*?(?={re.escape(end)})", re.DOTALL)
    if len(between.findall(text)) != 1:
        raise ValueError(f"{page} has no place, or more than one, between {begin} and {end}")
    page.write_text(between.sub(lambda _: f"\n{_markdown(section)}\n", text), encoding="utf-8")


def marks(name: str) -> tuple[str, str]:
    return f"<!-- written by `make bench`: {name} -->", f"<!-- end of what `make bench` writes: {name} -->"


def _markdown(section: Section) -> str:
    rows = [COLUMNS, ALIGNED, *(_in_markdown(cells(figure)) for figure in section.figures)]
    measured = (
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with {machine.described()}; load of the machine {machine.load()}."
    )
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    sentences = [textwrap.fill(each, COLUMNS_OF_PROSE, break_on_hyphens=False) for each in (*section.notes, measured)]
    return "\n\n".join([f"**{section.title}**", table, *sentences]) + "\n"


def _in_markdown(row: tuple[str, ...]) -> tuple[str, ...]:
    *values, verdict = row
    return (*values, f"**{verdict}**" if verdict == "missed" else verdict)
