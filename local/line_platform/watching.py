"""`GET /_sim/events`: what happens, as it happens, as server-sent events (HTML Living Standard, section 9.2).

A watcher who comes with the id of the last event it saw is told what it missed, and anybody else gets a `snapshot` first.
"""

import json
import re
import secrets
from collections.abc import AsyncIterator
from itertools import islice
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from local.line_platform.announcements import Announcement
from local.line_platform.platform import Platform

Json = dict[str, Any]

RUN = secrets.token_hex(4)
"""Part of every event's id: what an earlier run of this program announced is not known to this one."""
EVENT_ID = re.compile(rf"{RUN}-(\d+)")
HEARTBEAT_S = 15
RECONNECT_AFTER_MS = 1000
REQUESTS_IN_A_SNAPSHOT = 100

NO_ANNOUNCEMENT = -1


class Watching:
    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    async def events(self, request: Request) -> Response:
        stream = self.stream(last_seen(request))
        return StreamingResponse(stream, media_type="text/event-stream", headers={"cache-control": "no-store"})

    async def stream(self, seen: int, heartbeat_s: float = HEARTBEAT_S) -> AsyncIterator[str]:
        """Until nobody listens or the platform ends. `seen` is the number of the last announcement the watcher knows."""
        announcements = self._platform.announcements
        yield f"retry: {RECONNECT_AFTER_MS}\n\n"
        while not announcements.closed:
            news = announcements.since(seen)
            if news is None:
                seen = announcements.latest
                yield _event(Announcement(seen, "snapshot", self._snapshot()))
            else:
                for announcement in news:
                    seen = announcement.number
                    yield _event(announcement)
            if not await announcements.wait(seen, heartbeat_s):
                yield ": nothing new\n\n"

    def _snapshot(self) -> Json:
        platform = self._platform
        latest = list(islice(reversed(platform.requests), REQUESTS_IN_A_SNAPSHOT))
        return {
            "account": platform.channel.as_json(),
            "people": [person.as_json() for person in platform.people.values()],
            "requests": [request.as_json() for request in reversed(latest)],
        }


def last_seen(request: Request) -> int:
    """The number of the last announcement a watcher knows: a browser that reconnects says so in a header."""
    last = request.headers.get("last-event-id") or request.query_params.get("after") or ""
    return int(match[1]) if (match := EVENT_ID.fullmatch(last)) else NO_ANNOUNCEMENT


def _event(announcement: Announcement) -> str:
    data = json.dumps(announcement.content, ensure_ascii=True, separators=(",", ":"))
    return f"id: {RUN}-{announcement.number}\nevent: {announcement.kind}\ndata: {data}\n\n"
