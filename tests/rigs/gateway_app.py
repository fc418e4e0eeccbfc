"""API Gateway as an ASGI application: asks for the key, makes events of requests, answers behind its stage's path."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.rigs.gateway import Answered, answered, gateway_event

REFUSED = {"error": "The header x-api-key is missing, or is no key of this API", "code": "invalid_api_key"}


def gateway_app(invoke: Callable[[dict[str, Any]], Mapping[str, Any]], *, key: str, stage: str = "") -> ASGIApp:
    """`invoke` takes an event to the function. `stage` is a path such as `/prod`."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        answer = _answer(request, await request.body())
        await Response(answer.body, answer.status, dict(answer.headers))(scope, receive, send)

    def _answer(request: Request, body: bytes) -> Answered:
        path = "/" + request.url.path.removeprefix(stage).lstrip("/")
        if path.startswith("/v1/") and request.headers.get("x-api-key") != key:
            return Answered(403, {"content-type": "application/json"}, json.dumps(REFUSED))
        is_binary = request.headers.get("content-type", "").startswith("multipart/form-data")
        event = gateway_event(
            request.method,
            path,
            headers=request.headers.items(),
            body=body if is_binary else body.decode(errors="replace"),
        )
        return answered(invoke(event))

    return app
