"""Whether what a push needs is there. Anybody may ask, so the answers are remembered, and none is waited for long."""

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
        self._known: dict[str, str] = {}
        self._known_at = float("-inf")

    def checks(self) -> Mapping[str, str]:
        """`ok` or the code of what is wrong, by what was looked at."""
        if self._clock.monotonic() - self._known_at >= REMEMBERED_S:
            self._known = self._look()
            self._known_at = self._clock.monotonic()
        return self._known

    def _look(self) -> dict[str, str]:
        """All at once; one that does not answer in time goes on by itself, to its own time-out."""
        pool = ThreadPoolExecutor(max(1, len(self._checks)), thread_name_prefix="health")
        running = {name: pool.submit(check) for name, check in self._checks.items()}
        wait(running.values(), timeout=self._within_s)
        pool.shutdown(wait=False)
        return {name: _said(name, future) for name, future in running.items()}


def _said(name: str, future: Future[object]) -> str:
    if not future.done():
        return TIMED_OUT
    error = future.exception()
    if error is None:
        return OK
    if isinstance(error, KairanError):
        return error.code
    logger.error("a health check failed unexpectedly", check=name, error=type(error).__name__)
    return UNEXPECTED
