"""Keeps this process within its share of LINE's rate limits."""

from threading import Lock

from kairan.clock import Clock

BURST_S = 0.05
"""How much unused time may be caught up with: it hides the jitter of threads without exceeding a second's rate."""


class Pacer:
    """Hands out slots, `per_second` of them, to any number of threads."""

    def __init__(self, per_second: float, *, clock: Clock) -> None:
        self._interval_s = 1 / per_second
        self._clock = clock
        self._next_at = clock.monotonic()
        self._lock = Lock()

    def wait(self) -> None:
        """Sleep until the next free slot, and take it."""
        with self._lock:
            now = self._clock.monotonic()
            self._next_at = max(self._next_at, now - BURST_S) + self._interval_s
            wait_s = self._next_at - self._interval_s - now
        if wait_s > 0:
            self._clock.sleep(wait_s)
