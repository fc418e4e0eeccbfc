"""What happens on the platform, numbered and in order, for those who watch it.

The last thousand announcements are stored once, for all watchers. A watcher who was away too long, or is too slow,
learns it from `since` and looks at everything anew. So a slow watcher costs no memory.
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
        self._remembered: deque[Announcement] = deque(maxlen=REMEMBERED)
        self._next = 1
        self._changed = asyncio.Event()
        self.closed = False

    @property
    def latest(self) -> int:
        """The number of the last announcement."""
        return self._next - 1

    def announce(self, kind: str, content: Json) -> None:
        self._remembered.append(Announcement(self._next, kind, content))
        self._next += 1
        self._wake()

    def since(self, number: int) -> list[Announcement] | None:
        """The announcements after this one. None when some are forgotten, or when this run has no such number."""
        last_forgotten = self._next - len(self._remembered) - 1
        if not last_forgotten <= number <= self.latest:
            return None
        return list(islice(self._remembered, number - last_forgotten, None))

    def forget(self) -> None:
        """Everything is different now: every watcher has to look anew."""
        self._remembered.clear()
        self._next += 1
        self._wake()

    def close(self) -> None:
        """Ends all waiting; this is the end of the announcements."""
        self.closed = True
        self._wake()

    async def wait(self, after: int, at_most_s: float) -> bool:
        """Waits for an announcement after this number. False when none came in time."""
        if self.latest != after or self.closed:
            return True
        try:
            await asyncio.wait_for(self._changed.wait(), at_most_s)
        except TimeoutError:
            return False
        return True

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
