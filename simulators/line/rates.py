"""Token buckets, one for each endpoint (reference, "Rate limits"): full at first, refilled evenly."""

from collections.abc import Mapping

from simulators.line.clock import Clock
from simulators.line.limits import Rate


class Rates:
    def __init__(self, rates: Mapping[str, Rate], clock: Clock) -> None:
        self._clock = clock
        self._rates = dict(rates)
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, endpoint: str) -> bool:
        """Whether one more request to this endpoint is within its rate."""
        rate = self._rates[endpoint]
        now = self._clock()
        left, at = self._buckets.get(endpoint, (float(rate.requests), now))
        left = min(float(rate.requests), left + max(0.0, now - at) * rate.requests / rate.seconds)
        taken = left >= 1
        self._buckets[endpoint] = (left - 1 if taken else left, now)
        return taken

    def set(self, endpoint: str, rate: Rate) -> None:
        """The endpoint's bucket is full again."""
        self._rates[endpoint] = rate
        self._buckets.pop(endpoint, None)

    def get(self) -> Mapping[str, Rate]:
        return self._rates
