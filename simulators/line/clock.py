"""Time, passed in, so that tests decide what time it is."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

Clock = Callable[[], float]
"""Seconds since 1970; `time.time` outside tests."""
Sleep = Callable[[float], Awaitable[None]]
"""`asyncio.sleep` outside tests."""


def iso(seconds: float) -> str:
    """`2026-11-21T09:30:00.123Z`."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
