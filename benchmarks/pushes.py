"""The time that a push by REST takes besides LINE's own. It compares the function `api` with the LINE call alone.

The function runs from API Gateway's event to its answer. Both take turns in one program. The ledger's store answers at
once, so only the work of asking it counts. LINE takes 50 ms, or answers at once, too, because a processor that slept
needs longer for the same work.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median

from benchmarks.command import run
from benchmarks.figures import Effort, Figure, Goal, Section
from benchmarks.processes import side_by_side
from benchmarks.pushes_worker import Pushed, Pushes
from benchmarks.senders import DELAY_MS, slow_line
from local.progress import Progress

TURNS: Mapping[Effort, int] = {"full": 400, "quick": 60, "smoke": 3}
OWN_MS = 5.0
"""A push may take this long besides LINE's time."""
AT_MOST = Goal("≤", 1)


def measure(effort: Effort, progress: Progress) -> Section:
    figures: list[Figure] = []
    notes = []
    with slow_line(delay_ms=0) as store:
        for delay_ms in (DELAY_MS, 0):
            when = f"LINE takes {delay_ms} ms" if delay_ms else "LINE answers at once"
            with progress.step(f"Pushing texts by REST, {when}"), slow_line(delay_ms) as line:
                [pushed] = side_by_side(Pushes(line, store, TURNS[effort]), 1).results
            figures += _figures(pushed, when)
            notes.append(_medians(pushed, when))
    return Section("pushes", "Push API: a pushed text, warm", tuple(figures), tuple(notes))


def _figures(pushed: Pushed, when: str) -> Iterator[Figure]:
    ours, theirs = (_ms(min, timed.wall_s) for timed in (pushed.function, pushed.line_alone))
    own = ours - theirs
    yield Figure(when, f"{ours:.1f} ms", "the LINE call alone", f"{theirs:.1f} ms", ours / theirs)
    yield Figure("of it, our own", f"{own:.1f} ms", "what it may take", f"{OWN_MS:.0f} ms", own / OWN_MS, AT_MOST)


def _medians(pushed: Pushed, when: str) -> str:
    wall, cpu = (
        tuple(_ms(median, getattr(timed, of)) for timed in (pushed.function, pushed.line_alone))
        for of in ("wall_s", "cpu_s")
    )
    return (
        f"{when}: the fastest of {len(pushed.function.wall_s)} calls each; medians {wall[0]:.1f} ms and "
        f"{wall[1]:.1f} ms, of which {cpu[0]:.1f} ms and {cpu[1]:.1f} ms on the processor."
    )


def _ms(of: Callable[[Sequence[float]], float], seconds: Sequence[float]) -> float:
    return of(seconds) * 1000


if __name__ == "__main__":
    run(measure)
