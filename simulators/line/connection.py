"""A connection that the application can end without a response. ASGI has no message for that."""

import asyncio
from typing import Any

from starlette.types import Receive, Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

ABORT = "abort_connection"


class AbortableConnection(H11Protocol):
    """For uvicorn's setting `http`. Each request's `state` holds the function that ends its connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        super().connection_made(transport)
        self.app_state = {**self.app_state, ABORT: transport.abort}


async def abort(scope: Scope, receive: Receive) -> None:
    """Ends the connection and returns when it has ended."""
    state: dict[str, Any] = scope["state"]
    state[ABORT]()
    while (await receive())["type"] != "http.disconnect":
        continue
