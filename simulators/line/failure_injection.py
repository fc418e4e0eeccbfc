"""Failures on demand: chosen requests to the Messaging API fail as LINE may fail one day.

The control API calls a failure a "fault": `/_sim/faults`.
"""

import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from simulators.line.api_request import ApiRequest, ApiResponse
from simulators.line.clock import Sleep
from simulators.line.error_response import ErrorResponse, invalid_property


class FailureKind(StrEnum):
    ERROR = "error"
    """500; not accepted."""
    ERROR_AFTER_ACCEPTING = "error_after_accepting"
    CUT = "cut"
    """The connection ends without an answer; not accepted."""
    CUT_AFTER_ACCEPTING = "cut_after_accepting"
    RATE_LIMIT = "rate_limit"
    """429; not accepted."""
    DELAY = "delay"
    """Everything happens `ms` milliseconds later, even when the sender has gone by then."""
    REFUSE_USER = "refuse_user"
    """400 for every push or multicast to `userId`, although the id is well formed. With `named` the error says where in
    `to` the id is."""


SELECTION = ("endpoint", "skip", "every", "share", "count")
SENDING = ("push", "multicast")
ONLY_FOR: Mapping[FailureKind, tuple[str, ...]] = {
    FailureKind.DELAY: ("ms",),
    FailureKind.REFUSE_USER: ("userId", "named"),
}


class ConnectionCut(Exception):
    """The connection has to end without an answer."""


@dataclass
class InjectedFailure:
    """Strikes requests to `endpoint` (None: to any).

    It leaves out the first `skip`, then strikes each `every`-th with the probability `share`, until it has struck
    `count` times (None: for ever).
    """

    kind: FailureKind
    endpoint: str | None = None
    skip: int = 0
    every: int = 1
    share: float = 1
    count: int | None = None
    ms: float = 0
    user_id: str = ""
    named: bool = True
    seen: int = field(default=0, init=False)
    struck: int = field(default=0, init=False)

    @classmethod
    def read(cls, body: Mapping[str, Any], endpoints: Collection[str]) -> "InjectedFailure":
        """A failure as the control API takes it. Raises ErrorResponse naming what is wrong."""
        if body.get("fault") not in list(FailureKind):
            raise ErrorResponse(400, f"fault must be one of {', '.join(FailureKind)}")
        kind = FailureKind(body["fault"])
        allowed = ("fault", *SELECTION, *ONLY_FOR.get(kind, ()))
        if unknown := [name for name in body if name not in allowed]:
            raise ErrorResponse(400, f"{kind} has no {unknown[0]}; it has {', '.join(allowed)}")
        if (endpoint := body.get("endpoint")) is not None and endpoint not in list(endpoints):
            raise ErrorResponse(400, f"endpoint must be one of {', '.join(endpoints)}")
        failure = cls(
            kind,
            endpoint,
            skip=_number(body, "skip", 0),
            every=_number(body, "every", 1, at_least=1),
            share=body.get("share", 1),
            count=None if body.get("count") is None else _number(body, "count", 1),
            ms=_number(body, "ms", None if kind is FailureKind.DELAY else 0),
            user_id=body.get("userId", ""),
            named=body.get("named", True),
        )
        share = failure.share
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 <= share <= 1:
            raise ErrorResponse(400, "share must be a number from 0 to 1")
        if not isinstance(failure.user_id, str) or (kind is FailureKind.REFUSE_USER and not failure.user_id):
            raise ErrorResponse(400, "userId must be the id that is refused")
        if not isinstance(failure.named, bool):
            raise ErrorResponse(400, "named must be true or false")
        return failure

    def strikes(self, endpoint: str, request: ApiRequest, chance: Callable[[], float]) -> bool:
        if self.endpoint not in (None, endpoint) or self.struck == self.count:
            return False
        if self.kind is FailureKind.REFUSE_USER and (
            endpoint not in SENDING or self.user_id not in _recipients(request)
        ):
            return False
        self.seen += 1
        nth = self.seen - self.skip
        struck = nth > 0 and nth % self.every == 0 and chance() < self.share
        self.struck += struck
        return struck

    async def around(self, request: ApiRequest, accept: Callable[[], Awaitable[ApiResponse]]) -> ApiResponse:
        """The answer of the failure. A request that LINE would refuse is refused first, whatever the failure."""
        match self.kind:
            case FailureKind.ERROR:
                raise _error()
            case FailureKind.CUT:
                raise ConnectionCut
            case FailureKind.RATE_LIMIT:
                raise ErrorResponse(429, "The API rate limit has been exceeded. Try again later.")
            case FailureKind.REFUSE_USER:
                raise self._refusal(request)
        response = await accept()
        match self.kind:
            case FailureKind.ERROR_AFTER_ACCEPTING:
                raise _error()
            case FailureKind.CUT_AFTER_ACCEPTING:
                raise ConnectionCut
        return response

    def as_json(self) -> dict[str, Any]:
        values = {
            "fault": self.kind,
            "endpoint": self.endpoint,
            "skip": self.skip,
            "every": self.every,
            "share": self.share,
            "count": self.count,
            "ms": self.ms,
            "userId": self.user_id,
            "named": self.named,
        }
        own = ("fault", *SELECTION, *ONLY_FOR.get(self.kind, ()))
        return {**{name: values[name] for name in own}, "seen": self.seen, "struck": self.struck}

    def _refusal(self, request: ApiRequest) -> ErrorResponse:
        if not self.named:
            return ErrorResponse(400, "Failed to send messages")
        to = request.json()["to"]
        return invalid_property(f"to[{to.index(self.user_id)}]" if isinstance(to, list) else "'to'")


class FailureInjection:
    """Delays add up. Of the other failures, the first that strikes decides, and later ones do not see the request."""

    def __init__(self, *, sleep: Sleep, chance: Callable[[], float] = random.random) -> None:
        self._sleep = sleep
        self._chance = chance
        self._failures: list[InjectedFailure] = []

    def add(self, failure: InjectedFailure) -> None:
        self._failures.append(failure)

    def clear(self) -> None:
        self._failures.clear()

    def as_json(self) -> list[dict[str, Any]]:
        return [failure.as_json() for failure in self._failures]

    async def around(
        self, endpoint: str, request: ApiRequest, accept: Callable[[], Awaitable[ApiResponse]]
    ) -> ApiResponse:
        """The response of `accept`, unless a failure strikes the request. Raises ErrorResponse and ConnectionCut."""
        delay_ms, failure = self._strike(endpoint, request)
        if delay_ms:
            await self._sleep(delay_ms / 1000)
        return await (accept() if failure is None else failure.around(request, accept))

    def _strike(self, endpoint: str, request: ApiRequest) -> tuple[float, InjectedFailure | None]:
        delay_ms = 0.0
        for failure in self._failures:
            if failure.strikes(endpoint, request, self._chance):
                if failure.kind is not FailureKind.DELAY:
                    return delay_ms, failure
                delay_ms += failure.ms
        return delay_ms, None


def _number(body: Mapping[str, Any], name: str, default: int | None, *, at_least: int = 0) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < at_least:
        raise ErrorResponse(400, f"{name} must be a whole number of at least {at_least}")
    return value


def _recipients(request: ApiRequest) -> Collection[object]:
    to = request.json().get("to")
    return to if isinstance(to, list) else (to,)


def _error() -> ErrorResponse:
    return ErrorResponse(500, "Internal Server Error")
