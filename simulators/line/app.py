"""The ASGI application: the Messaging API behind its gate, the control API, and the phone."""

import asyncio
import inspect
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from simulators.line import control, ids, phone_page
from simulators.line.api_request import ApiRequest, ApiResponse
from simulators.line.channel import ChannelCredentials
from simulators.line.clock import Clock, Sleep, iso
from simulators.line.connection import abort
from simulators.line.error_response import ErrorResponse
from simulators.line.exchange import Exchange
from simulators.line.failure_injection import ConnectionCut
from simulators.line.limits import MAX_BODY_BYTES
from simulators.line.messaging_api import ENDPOINTS, STATELESS_TOKEN_PATH, Endpoint, MessagingApi
from simulators.line.state import State
from simulators.line.webhooks import WebhookSender

log = logging.getLogger("simulators.line")


def new_state(credentials: ChannelCredentials, clock: Clock, sleep: Sleep = asyncio.sleep) -> State:
    return State(credentials, {endpoint.name: endpoint.rate for endpoint in ENDPOINTS}, clock, sleep)


def create_app(state: State, webhooks: WebhookSender) -> ASGIApp:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await webhooks.close()

    return Starlette(
        routes=[
            Mount("/_sim", routes=control.routes(state, webhooks)),
            *phone_page.routes(),
            Mount("/", app=Gate(state, MessagingApi(state, webhooks))),
        ],
        exception_handlers={ErrorResponse: control.refuse, HTTPException: control.refuse},
        lifespan=lifespan,
    )


class Gate:
    """Every request to the Messaging API passes here. It gets an id and a response, and is remembered."""

    def __init__(self, state: State, api: MessagingApi) -> None:
        self._state = state
        self._api = api
        self._routes = Routes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        request = ApiRequest(
            request_id=ids.new_request_id(),
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=body or b"",
        )
        try:
            if body is None:
                raise ErrorResponse(413, "Request entity too large")
            response = await self._respond(request)
        except ErrorResponse as error:
            response = ApiResponse(error.status, error.body, error.headers)
        except ConnectionCut:
            self._remember(request, None)
            await abort(scope, receive)
            return
        except Exception:
            log.exception("%s %s failed: an error of this program", request.method, request.path)
            response = ApiResponse(500, {"message": "Internal Server Error"})
        self._remember(request, response)
        await _send(send, request, response)

    async def _respond(self, request: ApiRequest) -> ApiResponse:
        endpoint, parameters = self._routes.find(request.method, request.path)
        if endpoint.path != STATELESS_TOKEN_PATH and not self._state.channel.knows_token(request.bearer() or ""):
            raise ErrorResponse(
                401,
                "Authentication failed. Confirm that the access token in the authorization header is valid.",
                headers={"www-authenticate": 'Bearer error="invalid_token"'},
            )
        if not self._state.rates.take(endpoint.name):
            raise ErrorResponse(429, "The API rate limit has been exceeded. Try again later.")
        if "x-line-retry-key" in request.headers and not endpoint.retry_key:
            raise ErrorResponse(400, "The header X-Line-Retry-Key is not supported by this endpoint")

        async def accept() -> ApiResponse:
            response = endpoint.handle(self._api, replace(request, parameters=parameters) if parameters else request)
            return await response if inspect.isawaitable(response) else response

        return await self._state.failures.around(endpoint.name, request, accept)

    def _remember(self, request: ApiRequest, response: ApiResponse | None) -> None:
        """Remembers the exchange without tokens and secrets. `response` is None when the connection was cut."""
        is_token = request.path == STATELESS_TOKEN_PATH
        self._state.remember(
            Exchange(
                request_id=request.request_id,
                at=iso(self._state.clock()),
                method=request.method,
                path=request.path,
                retry_key=request.headers.get("x-line-retry-key"),
                body=None if is_token else request.body,
                status=None if response is None else response.status,
                answer=None if response is None or is_token else response.body,
            )
        )


class Routes:
    """Which endpoint serves a path. Most requests go to a path without parameters, so those are looked up."""

    def __init__(self) -> None:
        self._fixed: dict[str, dict[str, Endpoint]] = {}
        patterns: dict[str, dict[str, Endpoint]] = {}
        for endpoint in ENDPOINTS:
            paths = patterns if "{" in endpoint.path else self._fixed
            paths.setdefault(endpoint.path, {})[endpoint.method] = endpoint
        self._patterns = [(compile_path(path)[0], methods) for path, methods in patterns.items()]

    def find(self, method: str, path: str) -> tuple[Endpoint, Mapping[str, str]]:
        methods, parameters = self._methods(path)
        if (endpoint := methods.get(method)) is None:
            allow = {"allow": ", ".join(methods)}
            raise ErrorResponse(405, f"The request method '{method}' is not supported", headers=allow)
        return endpoint, parameters

    def _methods(self, path: str) -> tuple[Mapping[str, Endpoint], Mapping[str, str]]:
        if (methods := self._fixed.get(path)) is not None:
            return methods, {}
        for pattern, methods in self._patterns:
            if (match := pattern.match(path)) is not None:
                return methods, match.groupdict()
        raise ErrorResponse(404, "Not found")


async def _read(receive: Receive) -> bytes | None:
    """The body, or None when it is too large. It is read to its end, so that the sender waits for the response."""
    body = b""
    size = 0
    while True:
        message = await receive()
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size <= MAX_BODY_BYTES:
            body += chunk
        if not message.get("more_body"):
            return body if size <= MAX_BODY_BYTES else None


async def _send(send: Send, request: ApiRequest, response: ApiResponse) -> None:
    encoded = response.encoded()
    headers = {
        "content-type": "application/json",
        "content-length": str(len(encoded)),
        "x-line-request-id": request.request_id,
        **response.headers,
    }
    start: dict[str, Any] = {
        "type": "http.response.start",
        "status": response.status,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    }
    await send(start)
    await send({"type": "http.response.body", "body": encoded})
