"""Waiting for something to become true, for a bounded time."""

import time
from collections.abc import Callable
from typing import TypeVar

from cli.errors import CommandError

T = TypeVar("T")


def until(condition: Callable[[], T], *, what: str, timeout_s: float = 20.0, every_s: float = 0.1) -> T:
    """The first answer that is true. Raises CommandError when none comes in time."""
    give_up_at = time.monotonic() + timeout_s
    while not (answer := condition()):
        if time.monotonic() > give_up_at:
            raise CommandError(
                f"Gave up after {timeout_s:.0f} s: {what}.", fix="Look at `python -m local logs` and .local/logs."
            )
        time.sleep(every_s)
    return answer
