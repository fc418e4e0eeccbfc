"""Prints results on standard output, and steps and errors on standard error."""

from typing import Protocol

from rich.console import Console
from rich.text import Text

results = Console(highlight=False)
notices = Console(stderr=True, highlight=False)


class Report(Protocol):
    """Reports what a command did, step by step."""

    def done(self, text: str) -> None: ...

    def warning(self, text: str) -> None: ...

    def note(self, text: str) -> None: ...


class ScreenReport:
    def done(self, text: str) -> None:
        self._line("✓", "green", text)

    def warning(self, text: str) -> None:
        self._line("!", "yellow", text)

    def note(self, text: str) -> None:
        self._line("•", "cyan", text)

    def _line(self, mark: str, style: str, text: str) -> None:
        notices.print(Text.assemble((mark, style), " ", text), soft_wrap=True)


def show_error(message: str, fix: str | None = None) -> None:
    notices.print(Text.assemble(("✗", "red"), " ", message), soft_wrap=True)
    if fix:
        notices.print(Text(f"  {fix}"), soft_wrap=True)
