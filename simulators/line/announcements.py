"""What happens on the platform, numbered and in order, for whoever watches.

The last thousand announcements are kept once, for all watchers. One who was away or is too slow for them learns that from
`since` and has to look at everything anew, so nobody's slowness costs memory.
"""

import asyncio
import secrets
from collections import deque
from dataclasses import dataclass
from itertools import islice
from typing import Any

Json = dict[str, Any]

REMEMBERED = 1000


@dataclass(frozen=True)
class Announcement:
    number: int
    kind: str
    content: Json


class Announcements:
    def __init__(self) -> None:
        self.run = secrets.token_hex(4)
        """Tells these numbers from those of an earlier run."""
        self._kept: deque[Announcement] = deque(maxlen=REMEMBERED)
        self._next = 1
        self._news = asyncio.Event()
        self.closed = False

    @property
    def latest(self) -> int:
        """The number of the last announcement."""
        return self._next - 1

    def announce(self, kind: str, content: Json) -> None:
        self._kept.append(Announcement(self._next, kind, content))
        self._next += 1
        self._wake()

    def since(self, number: int) -> list[Announcement] | None:
        """The announcements after this one; None when some of them are forgotten, or it is none of ours."""
        known_from = self._next - len(self._kept) - 1
        if not known_from <= number <= self.latest:
            return None
        return list(islice(self._kept, number - known_from, None))

    def forget(self) -> None:
        """Everything is different now: every watcher has to look anew."""
        self._kept.clear()
        self._next += 1
        self._wake()

    def close(self) -> None:
        """Nothing will be announced any more; whoever waits stops waiting."""
        self.closed = True
        self._wake()

    async def wait(self, after: int, at_most_s: float) -> bool:
        """Until something was announced after this number. False when the time has passed without."""
        if self.latest != after or self.closed:
            return True
        try:
            await asyncio.wait_for(self._news.wait(), at_most_s)
        except TimeoutError:
            return False
        return True

    def _wake(self) -> None:
        self._news.set()
        self._news = asyncio.Event()
