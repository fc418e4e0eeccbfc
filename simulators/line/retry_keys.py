"""Retry keys of accepted requests (reference, "Retrying an API request"): one key is accepted once in 24 hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulators.line.clock import Clock
from simulators.line.limits import RETRY_KEY_LIFETIME_S


@dataclass(frozen=True)
class AcceptedRequest:
    """The first request with a key: its time, its id and its answer."""

    at: float
    request_id: str
    answer: Mapping[str, Any]


class RetryKeys:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._accepted: dict[str, AcceptedRequest] = {}

    def find(self, key: str) -> AcceptedRequest | None:
        self._forget_expired()
        return self._accepted.get(key.lower())

    def remember(self, key: str, request_id: str, answer: Mapping[str, Any]) -> None:
        self._accepted[key.lower()] = AcceptedRequest(self._clock(), request_id, answer)

    def _forget_expired(self) -> None:
        """Keys are in the order of their acceptance, so the oldest is the first."""
        since = self._clock() - RETRY_KEY_LIFETIME_S
        while self._accepted and next(iter(self._accepted.values())).at <= since:
            del self._accepted[next(iter(self._accepted))]
