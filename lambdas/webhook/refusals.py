"""Reports refused calls sparingly: anyone can make thousands of them, and each line of a log costs the owner."""

from kairan.clock import Clock
from kairan.contract import Metric
from kairan.errors import InvalidSignatureError, RejectedError
from kairan.observability import count, logger

EVERY_S = 60.0


class Refusals:
    """Each error's first call is reported at once, and later ones together: once a minute, with their number."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[type[RejectedError], int] = {}
        self._next_at: dict[type[RejectedError], float] = {}

    def add(self, error: RejectedError) -> None:
        kind = type(error)
        self._waiting[kind] = self._waiting.get(kind, 0) + 1
        self.report()

    def report(self) -> None:
        """Writes what is due."""
        now = self._clock.monotonic()
        for kind in [kind for kind in self._waiting if self._next_at.get(kind, now) <= now]:
            calls = self._waiting.pop(kind)
            self._next_at[kind] = now + EVERY_S
            if kind is InvalidSignatureError:
                count(Metric.INVALID_SIGNATURE, calls)
            logger.warning("refused", code=kind.code, calls=calls)
