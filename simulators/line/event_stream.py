"""`GET /_sim/events`: what happens, as it happens, as server-sent events (HTML Living Standard, section 9.2).

A watcher that comes with the id of the last event it saw gets what it missed. Every other watcher gets a `snapshot`
first.
"""

import json
import re
from collections.abc import AsyncIterator
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from simulators.line.announcements import Announcement
from simulators.line.state import State

Json = dict[str, Any]

EVENT_ID = re.compile(r"([0-9a-f]+)-(\d+)")
"""Run and number of an announcement."""
HEARTBEAT_S = 15
RECONNECT_AFTER_MS = 1000
REQUESTS_IN_A_SNAPSHOT = 100

NO_ANNOUNCEMENT = -1


class EventStream:
    def __init__(self, state: State) -> None:
        self._state = state

    async def events(self, request: Request) -> Response:
        stream = self.stream(self.last_seen(request))
        return StreamingResponse(stream, media_type="text/event-stream", headers={"cache-control": "no-store"})

    def last_seen(self, request: Request) -> int:
        """The number of the last announcement that the watcher saw: a browser that reconnects names it in a header."""
        last = request.headers.get("last-event-id") or request.query_params.get("after") or ""
        match = EVENT_ID.fullmatch(last)
        return int(match[2]) if match and match[1] == self._state.announcements.run else NO_ANNOUNCEMENT

    async def stream(self, seen: int, heartbeat_s: float = HEARTBEAT_S) -> AsyncIterator[str]:
        """Until the watcher leaves or the platform ends. `seen` is the number of the last announcement it saw."""
        announcements = self._state.announcements
        yield f"retry: {RECONNECT_AFTER_MS}\n\n"
        while not announcements.closed:
            missed = announcements.since(seen)
            if missed is None:
                seen = announcements.latest
                yield self._event(Announcement(seen, "snapshot", self._snapshot()))
            else:
                for announcement in missed:
                    seen = announcement.number
                    yield self._event(announcement)
            if not await announcements.wait(seen, heartbeat_s):
                yield ": nothing new\n\n"

    def _snapshot(self) -> Json:
        state = self._state
        latest = list(islice(reversed(state.requests), REQUESTS_IN_A_SNAPSHOT))
        return {
            "account": state.channel.as_json(),
            "people": [person.as_json() for person in state.people.values()],
            "requests": [request.as_json() for request in reversed(latest)],
        }

    def _event(self, announcement: Announcement) -> str:
        run = self._state.announcements.run
        data = json.dumps(announcement.content, ensure_ascii=True, separators=(",", ":"))
        return f"id: {run}-{announcement.number}\nevent: {announcement.kind}\ndata: {data}\n\n"
