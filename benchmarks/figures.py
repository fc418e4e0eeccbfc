"""The result of a benchmark: figures, each a ratio to a reference that was measured beside it in the same run."""

from dataclasses import dataclass
from typing import Literal

Effort = Literal["full", "quick", "smoke"]
"""How much is measured: `full` for the page, `quick` for a first look, `smoke` to test that the benchmark runs."""


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
    """One comparison.

    - `ours`, `theirs`: the measured values of Kairan and of the `reference`, with their units
    - `ratio`: one divided by the other; the goal says which
    """

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
    """One benchmark's figures. `notes` are sentences about this run."""

    name: str
    title: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()


def times(ratio: float) -> str:
    """`0.96 ×`, `3.2 ×`, `5,160 ×`. More digits matter for ratios near one."""
    if ratio < 2:
        return f"{ratio:.2f} ×"
    return f"{ratio:.1f} ×" if ratio < 100 else f"{ratio:,.0f} ×"


def cells(figure: Figure) -> tuple[str, ...]:
    """A figure as a row: what, Kairan's value, the reference and its value, ratio, goal, verdict."""
    goal = "" if figure.goal is None else str(figure.goal)
    return figure.what, figure.ours, figure.reference, figure.theirs, times(figure.ratio), goal, figure.verdict
