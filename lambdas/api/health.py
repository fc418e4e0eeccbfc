"""Checks what a push needs. Anyone may ask, so results are remembered, and no check is waited for long."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait

from kairan.clock import Clock
from kairan.errors import KairanError
from kairan.observability import logger

REMEMBERED_S = 10.0
ANSWERED_WITHIN_S = 2.0
OK = "ok"
TIMED_OUT = "timed_out"
UNEXPECTED = "unexpected"

Check = Callable[[], object]
"""Raises what is wrong."""


class Health:
    def __init__(self, checks: Mapping[str, Check], *, clock: Clock, within_s: float = ANSWERED_WITHIN_S) -> None:
        self._checks = checks
        self._clock = clock
        self._within_s = within_s
        self._results: dict[str, str] = {}
        self._checked_at = float("-inf")

    def checks(self) -> Mapping[str, str]:
        """`ok` or an error's code, by the name of the check."""
        if self._clock.monotonic() - self._checked_at >= REMEMBERED_S:
            self._results = self._run()
            self._checked_at = self._clock.monotonic()
        return self._results

    def _run(self) -> dict[str, str]:
        """Runs all checks at once. A check that does not end in time goes on by itself, until its own time-out."""
        pool = ThreadPoolExecutor(max(1, len(self._checks)), thread_name_prefix="health")
        running = {name: pool.submit(check) for name, check in self._checks.items()}
        wait(running.values(), timeout=self._within_s)
        pool.shutdown(wait=False)
        return {name: _result(name, future) for name, future in running.items()}


def _result(name: str, future: Future[object]) -> str:
    if not future.done():
        return TIMED_OUT
    error = future.exception()
    if error is None:
        return OK
    if isinstance(error, KairanError):
        return error.code
    logger.error("a health check failed unexpectedly", check=name, error=type(error).__name__)
    return UNEXPECTED
