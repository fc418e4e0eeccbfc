"""What a benchmark finds: figures, each a ratio against a reference that was measured beside it in the same run."""

from dataclasses import dataclass
from typing import Literal

Effort = Literal["full", "quick", "smoke"]
"""How much is measured: `full` for the page, `quick` to see where one stands, `smoke` to see that it still runs."""


@dataclass(frozen=True)
class Goal:
    sign: Literal["≤", "≥"]
    ratio: float

    def __str__(self) -> str:
        return f"{self.sign} {self.ratio:g} ×"

    def is_met(self, ratio: float) -> bool:
        return ratio <= self.ratio if self.sign == "≤" else ratio >= self.ratio


@dataclass(frozen=True)
class Figure:
    """`ours` and `theirs` are the measured values, with their units, of Kairan and of the `reference`; `ratio` says how many times
    one is the other: which of them, the goal tells."""

    what: str
    ours: str
    reference: str
    theirs: str
    ratio: float
    goal: Goal | None = None

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return "met" if self.goal.is_met(self.ratio) else "missed"


@dataclass(frozen=True)
class Section:
    """One benchmark's figures. `notes` are sentences about this very run."""

    name: str
    title: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()


def times(ratio: float) -> str:
    """`0.96 ×`, `3.2 ×`, `5,160 ×`. The nearer to one, the more digits tell something."""
    if ratio < 2:
        return f"{ratio:.2f} ×"
    return f"{ratio:.1f} ×" if ratio < 100 else f"{ratio:,.0f} ×"


def cells(figure: Figure) -> tuple[str, ...]:
    """A figure as a row: what, Kairan's value, the reference and its value, ratio, goal, verdict."""
    goal = "" if figure.goal is None else str(figure.goal)
    return figure.what, figure.ours, figure.reference, figure.theirs, times(figure.ratio), goal, figure.verdict
