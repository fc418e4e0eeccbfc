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

    def wait(self, *, until: float) -> bool:
        """Take the next free slot and sleep until it comes. One that comes after `until` (on the clock's monotonic scale) is not
        taken: False, at once."""
        with self._lock:
            now = self._clock.monotonic()
            slot_at = max(self._next_at, now - BURST_S)
            if slot_at > until:
                return False
            self._next_at = slot_at + self._interval_s
        if slot_at > now:
            self._clock.sleep(slot_at - now)
        return True
