"""Runs work in several programs side by side, as Lambda runs each concurrent invocation in its own container."""

import gc
import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing.synchronize import Barrier
from typing import Generic, TypeVar

from benchmarks.lambda_environment import POWERTOOLS

R = TypeVar("R")
Work = Callable[[], R]
Prepare = Callable[[int], Work[R]]
"""Takes the program's number, prepares everything, and returns the work to measure."""

READY_WITHIN_S = 120

_ready: Barrier


@dataclass(frozen=True)
class Ran(Generic[R]):
    """`wall_s` runs from the first program's begin to the last one's end. `cpu_s` is the sum of all programs."""

    results: Sequence[R]
    wall_s: float
    cpu_s: float


def side_by_side(prepare: Prepare[R], programs: int) -> Ran[R]:
    """The programs begin together when all are ready. `prepare` goes to new Pythons, so it must be picklable."""
    os.environ.update(POWERTOOLS)
    spawning = multiprocessing.get_context("spawn")
    barrier = spawning.Barrier(programs)
    with ProcessPoolExecutor(programs, spawning, initializer=_begin, initargs=(barrier,)) as pool:
        done = list(pool.map(partial(_run, prepare), range(programs)))
    results, began, ended, cpu_s = zip(*done, strict=True)
    return Ran(results, max(ended) - min(began), sum(cpu_s))


def _begin(barrier: Barrier) -> None:
    """Drops the functions' logs, because a terminal would be slower than Lambda's pipe."""
    global _ready
    _ready = barrier
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _run(prepare: Prepare[R], number: int) -> tuple[R, float, float, float]:
    """Each run waits for the others, so that no program gets two."""
    work = prepare(number)
    gc.collect()
    gc.freeze()  # a container would never hold all the prepared objects, so the collector must not search them
    _ready.wait(READY_WITHIN_S)
    began, cpu_s = time.monotonic(), time.process_time()
    result = work()
    return result, began, time.monotonic(), time.process_time() - cpu_s
