"""The ASGI application: the Messaging API behind its gate, the control API and the phone beside it."""

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
from simulators.line.call import Answer, Call
from simulators.line.channel import Credentials
from simulators.line.clock import Clock, Sleep, iso
from simulators.line.connection import abort
from simulators.line.exchange import Exchange
from simulators.line.faults import Refusal
from simulators.line.injected_faults import Cut
from simulators.line.limits import MAX_BODY_BYTES
from simulators.line.messaging_api import ENDPOINTS, STATELESS_TOKEN_PATH, Endpoint, MessagingApi
from simulators.line.platform import Platform
from simulators.line.webhooks import WebhookSender

log = logging.getLogger("line_platform")


def new_platform(credentials: Credentials, clock: Clock, sleep: Sleep = asyncio.sleep) -> Platform:
    return Platform(credentials, {endpoint.name: endpoint.rate for endpoint in ENDPOINTS}, clock, sleep)


def create_app(platform: Platform, webhooks: WebhookSender) -> ASGIApp:
    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await webhooks.close()

    return Starlette(
        routes=[
            Mount("/_sim", routes=control.routes(platform, webhooks)),
            *phone_page.routes(),
            Mount("/", app=Gate(platform, MessagingApi(platform, webhooks))),
        ],
        exception_handlers={Refusal: control.refuse, HTTPException: control.refuse},
        lifespan=lifespan,
    )


class Gate:
    """Every request to the Messaging API passes here: it gets its id, is let in or refused, answered and remembered."""

    def __init__(self, platform: Platform, api: MessagingApi) -> None:
        self._platform = platform
        self._api = api
        self._routes = Routes()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        call = Call(
            request_id=ids.new_request_id(),
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=body or b"",
        )
        try:
            if body is None:
                raise Refusal(413, "Request entity too large")
            answer = await self._answer(call)
        except Refusal as refusal:
            answer = Answer(refusal.status, refusal.body, refusal.headers)
        except Cut:
            self._remember(call, None)
            await abort(scope, receive)
            return
        except Exception:
            log.exception("%s %s failed: a fault of this program", call.method, call.path)
            answer = Answer(500, {"message": "Internal Server Error"})
        self._remember(call, answer)
        await _send(send, call, answer)

    async def _answer(self, call: Call) -> Answer:
        endpoint, parameters = self._routes.find(call.method, call.path)
        if endpoint.path != STATELESS_TOKEN_PATH and not self._platform.channel.knows_token(call.bearer() or ""):
            raise Refusal(
                401,
                "Authentication failed. Confirm that the access token in the authorization header is valid.",
                headers={"www-authenticate": 'Bearer error="invalid_token"'},
            )
        if not self._platform.rates.take(endpoint.name):
            raise Refusal(429, "The API rate limit has been exceeded. Try again later.")
        if "x-line-retry-key" in call.headers and not endpoint.retry_key:
            raise Refusal(400, "The header X-Line-Retry-Key is not supported by this endpoint")

        async def accept() -> Answer:
            answer = endpoint.handle(self._api, replace(call, parameters=parameters) if parameters else call)
            return await answer if inspect.isawaitable(answer) else answer

        return await self._platform.faults.around(endpoint.name, call, accept)

    def _remember(self, call: Call, answer: Answer | None) -> None:
        """Without tokens and secrets. No answer: the connection was cut."""
        is_token = call.path == STATELESS_TOKEN_PATH
        self._platform.remember(
            Exchange(
                request_id=call.request_id,
                at=iso(self._platform.clock()),
                method=call.method,
                path=call.path,
                retry_key=call.headers.get("x-line-retry-key"),
                body=None if is_token else call.body,
                status=None if answer is None else answer.status,
                answer=None if answer is None or is_token else answer.body,
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
            raise Refusal(405, f"The request method '{method}' is not supported", headers=allow)
        return endpoint, parameters

    def _methods(self, path: str) -> tuple[Mapping[str, Endpoint], Mapping[str, str]]:
        if (methods := self._fixed.get(path)) is not None:
            return methods, {}
        for pattern, methods in self._patterns:
            if (match := pattern.match(path)) is not None:
                return methods, match.groupdict()
        raise Refusal(404, "Not found")


async def _read(receive: Receive) -> bytes | None:
    """The body; None when it is too large, after reading it to its end, so that the sender is still there for the answer."""
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


async def _send(send: Send, call: Call, answer: Answer) -> None:
    encoded = answer.encoded()
    headers = {
        "content-type": "application/json",
        "content-length": str(len(encoded)),
        "x-line-request-id": call.request_id,
        **answer.headers,
    }
    start: dict[str, Any] = {
        "type": "http.response.start",
        "status": answer.status,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    }
    await send(start)
    await send({"type": "http.response.body", "body": encoded})
