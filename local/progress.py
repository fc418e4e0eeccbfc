"""Shows how far a longer work is: one line a step, with a turning mark on a terminal, and plain lines in a log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.status import Status
from rich.text import Text

WIDTH_OF_NEWS = 90


class Step:
    """A step under way; `news` is what it is doing just now."""

    def __init__(self, title: str, status: Status | None) -> None:
        self._title = title
        self._status = status

    def news(self, text: str) -> None:
        if self._status:
            self._status.update(Text.assemble(self._title, ("  " + text[:WIDTH_OF_NEWS], "dim")))


@dataclass
class Progress:
    """Also what `kairan connect` reports to."""

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
