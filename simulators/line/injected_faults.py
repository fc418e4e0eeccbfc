"""Faults on demand: the platform fails as LINE may fail one day, on the requests it is told to fail on."""

import random
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from simulators.line.call import Answer, Call
from simulators.line.clock import Sleep
from simulators.line.faults import Refusal, invalid_property


class Kind(StrEnum):
    ERROR = "error"
    """500; not accepted."""
    ERROR_AFTER_ACCEPTING = "error_after_accepting"
    CUT = "cut"
    """The connection ends without an answer; not accepted."""
    CUT_AFTER_ACCEPTING = "cut_after_accepting"
    RATE_LIMIT = "rate_limit"
    """429; not accepted."""
    DELAY = "delay"
    """Everything happens `ms` milliseconds later, also when the sender has gone by then."""
    REFUSE_USER = "refuse_user"
    """400 for every push or multicast to `userId`, well formed as the id is; with `named` the error says where in `to` it stands."""


SELECTION = ("endpoint", "skip", "every", "share", "count")
SENDING = ("push", "multicast")
ONLY_FOR: Mapping[Kind, tuple[str, ...]] = {Kind.DELAY: ("ms",), Kind.REFUSE_USER: ("userId", "named")}


class Cut(Exception):
    """The connection is to be ended without an answer."""


@dataclass
class InjectedFault:
    """Strikes the requests to `endpoint` (None: to any): not the first `skip`, then each `every`-th with the probability
    `share`, until it has struck `count` times (None: for ever)."""

    kind: Kind
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

    def strikes(self, endpoint: str, call: Call, chance: Callable[[], float]) -> bool:
        if self.endpoint not in (None, endpoint) or self.struck == self.count:
            return False
        if self.kind is Kind.REFUSE_USER and (endpoint not in SENDING or self.user_id not in _recipients(call)):
            return False
        self.seen += 1
        nth = self.seen - self.skip
        struck = nth > 0 and nth % self.every == 0 and chance() < self.share
        self.struck += struck
        return struck

    async def around(self, call: Call, accept: Callable[[], Awaitable[Answer]]) -> Answer:
        """What is answered instead. A request that is refused in itself is refused as ever, whatever was to follow."""
        match self.kind:
            case Kind.ERROR:
                raise _error()
            case Kind.CUT:
                raise Cut
            case Kind.RATE_LIMIT:
                raise Refusal(429, "The API rate limit has been exceeded. Try again later.")
            case Kind.REFUSE_USER:
                raise self._refusal(call)
        answer = await accept()
        match self.kind:
            case Kind.ERROR_AFTER_ACCEPTING:
                raise _error()
            case Kind.CUT_AFTER_ACCEPTING:
                raise Cut
        return answer

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

    def _refusal(self, call: Call) -> Refusal:
        if not self.named:
            return Refusal(400, "Failed to send messages")
        to = call.json()["to"]
        return invalid_property(f"to[{to.index(self.user_id)}]" if isinstance(to, list) else "'to'")


class InjectedFaults:
    """Delays add up; of the other faults the first that strikes decides, and those after it do not see the request."""

    def __init__(self, *, sleep: Sleep, chance: Callable[[], float] = random.random) -> None:
        self._sleep = sleep
        self._chance = chance
        self._faults: list[InjectedFault] = []

    def add(self, fault: InjectedFault) -> None:
        self._faults.append(fault)

    def clear(self) -> None:
        self._faults.clear()

    def as_json(self) -> list[dict[str, Any]]:
        return [fault.as_json() for fault in self._faults]

    async def around(self, endpoint: str, call: Call, accept: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer of `accept`, unless a fault strikes the request. Raises Refusal and Cut."""
        delay_ms, fault = self._strike(endpoint, call)
        if delay_ms:
            await self._sleep(delay_ms / 1000)
        return await (accept() if fault is None else fault.around(call, accept))

    def _strike(self, endpoint: str, call: Call) -> tuple[float, InjectedFault | None]:
        delay_ms = 0.0
        for fault in self._faults:
            if fault.strikes(endpoint, call, self._chance):
                if fault.kind is not Kind.DELAY:
                    return delay_ms, fault
                delay_ms += fault.ms
        return delay_ms, None


def read(given: Mapping[str, Any], endpoints: Collection[str]) -> InjectedFault:
    """A fault as the control API takes it. Raises Refusal naming what is wrong."""
    if given.get("fault") not in list(Kind):
        raise Refusal(400, f"fault must be one of {', '.join(Kind)}")
    kind = Kind(given["fault"])
    known = ("fault", *SELECTION, *ONLY_FOR.get(kind, ()))
    if unknown := [name for name in given if name not in known]:
        raise Refusal(400, f"{kind} has no {unknown[0]}; it has {', '.join(known)}")
    if (endpoint := given.get("endpoint")) is not None and endpoint not in list(endpoints):
        raise Refusal(400, f"endpoint must be one of {', '.join(endpoints)}")
    fault = InjectedFault(
        kind,
        endpoint,
        skip=_number(given, "skip", 0),
        every=_number(given, "every", 1, at_least=1),
        share=given.get("share", 1),
        count=None if given.get("count") is None else _number(given, "count", 1),
        ms=_number(given, "ms", None if kind is Kind.DELAY else 0),
        user_id=given.get("userId", ""),
        named=given.get("named", True),
    )
    if isinstance(fault.share, bool) or not isinstance(fault.share, int | float) or not 0 <= fault.share <= 1:
        raise Refusal(400, "share must be a number from 0 to 1")
    if not isinstance(fault.user_id, str) or (kind is Kind.REFUSE_USER and not fault.user_id):
        raise Refusal(400, "userId must be the id that is refused")
    if not isinstance(fault.named, bool):
        raise Refusal(400, "named must be true or false")
    return fault


def _number(given: Mapping[str, Any], name: str, default: int | None, *, at_least: int = 0) -> int:
    value = given.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < at_least:
        raise Refusal(400, f"{name} must be a whole number of at least {at_least}")
    return value


def _recipients(call: Call) -> Collection[object]:
    to = call.json().get("to")
    return to if isinstance(to, list) else (to,)


def _error() -> Refusal:
    return Refusal(500, "Internal Server Error")
