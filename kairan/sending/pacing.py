"""Keeps this process within its share of the messenger's rate limits."""

from dataclasses import dataclass
from threading import Lock

from kairan.clock import Clock
from kairan.messengers.port import Mode

BURST_S = 0.05
"""A pacer may catch up on this much unused time. That hides the jitter of threads within a second's rate."""


class Pacer:
    """Hands out slots, `per_second` of them, to any number of threads."""

    def __init__(self, per_second: float, *, clock: Clock) -> None:
        self._interval_s = 1 / per_second
        self._clock = clock
        self._next_at = clock.monotonic()
        self._lock = Lock()

    def wait(self, *, until: float) -> bool:
        """Takes the next free slot and sleeps until it comes.

        A slot after `until` (on the clock's monotonic scale) is not taken: the answer is False, at once.
        """
        with self._lock:
            now = self._clock.monotonic()
            slot_at = max(self._next_at, now - BURST_S)
            if slot_at > until:
                return False
            self._next_at = slot_at + self._interval_s
        if slot_at > now:
            self._clock.sleep(slot_at - now)
        return True


@dataclass(frozen=True)
class Pacers:
    """This process's shares of the messenger's rates, for requests to many people and for requests to one."""

    together: Pacer
    each: Pacer

    def of(self, mode: Mode) -> Pacer:
        return self.together if mode is Mode.TOGETHER else self.each
