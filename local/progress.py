"""Shows the progress of a longer task: one line a step, with a spinner on a terminal, and plain lines in a log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.status import Status
from rich.text import Text

DETAIL_WIDTH = 90


class Step:
    """A step under way. `show` replaces the detail beside its title."""

    def __init__(self, title: str, status: Status | None) -> None:
        self._title = title
        self._status = status

    def show(self, detail: str) -> None:
        if self._status:
            self._status.update(Text.assemble(self._title, ("  " + detail[:DETAIL_WIDTH], "dim")))


@dataclass
class Progress:
    """`kairan connect` reports to it, too."""

    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        began = time.monotonic()
        try:
            if self.console.is_terminal:
                with self.console.status(Text(title)) as status:
                    yield Step(title, status)
            else:
                self._line("…", "cyan", title)
                yield Step(title, None)
        except BaseException:
            self._line("✗", "red", title)
            raise
        self._line("✓", "green", title, f"  {time.monotonic() - began:.1f} s")

    def done(self, text: str) -> None:
        self._line("✓", "green", text)

    def warning(self, text: str) -> None:
        self._line("!", "yellow", text)

    def note(self, text: str) -> None:
        self._line("•", "cyan", text)

    def _line(self, mark: str, style: str, text: str, aside: str = "") -> None:
        self.console.print(Text.assemble((mark, style), " ", text, (aside, "dim")), soft_wrap=True)
