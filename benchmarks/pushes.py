"""What a push by REST costs beside LINE's own time: the function from API Gateway's event to its answer, and the LINE call alone.

Both take turns in one program. LINE takes 50 ms. The ledger's store answers at once: what is left of it is the work of asking.
"""

from collections.abc import Callable, Mapping, Sequence
from statistics import median

from benchmarks.command import run
from benchmarks.figures import Effort, Figure, Goal, Section
from benchmarks.processes import side_by_side
from benchmarks.pushing import Pushed, Pushes
from benchmarks.senders import slow_line
from local.progress import Progress

TURNS: Mapping[Effort, int] = {"full": 400, "quick": 60, "smoke": 3}
OWN_MS = 5.0
"""What a push may take beside LINE's time."""
AT_MOST = Goal("≤", 1)


def measure(effort: Effort, progress: Progress) -> Section:
    with progress.step("Pushing texts by REST"), slow_line() as line, slow_line(delay_ms=0) as store:
        [pushed] = side_by_side(Pushes(line, store, TURNS[effort]), 1).results
    ours, theirs = (_ms(min, timed.wall_s) for timed in (pushed.function, pushed.line_alone))
    own = ours - theirs
    return Section(
        "pushes",
        "Push API: a pushed text, warm",
        (
            Figure("pushed text", f"{ours:.1f} ms", "the LINE call alone", f"{theirs:.1f} ms", ours / theirs),
            Figure("of it, our own", f"{own:.1f} ms", "what it may take", f"{OWN_MS:.0f} ms", own / OWN_MS, AT_MOST),
        ),
        (_medians(pushed),),
    )


def _medians(pushed: Pushed) -> str:
    wall, cpu = (
        tuple(_ms(median, getattr(timed, of)) for timed in (pushed.function, pushed.line_alone))
        for of in ("wall_s", "cpu_s")
    )
    return (
        f"The fastest of {len(pushed.function.wall_s)} calls each. Medians: {wall[0]:.1f} ms and {wall[1]:.1f} ms; of that on the "
        f"processor {cpu[0]:.1f} ms and {cpu[1]:.1f} ms. Two writes to DynamoDB are in the function's."
    )


def _ms(of: Callable[[Sequence[float]], float], seconds: Sequence[float]) -> float:
    return of(seconds) * 1000


if __name__ == "__main__":
    run(measure)
