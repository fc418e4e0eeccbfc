"""The push API against its own description: schemathesis makes calls of it, right and wrong ones, and looks at every answer.

It stands behind an in-process gateway that does what API Gateway does: it asks for the key, and makes events of requests.
"""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS, load_all_checks
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kairan.line.ids import UserId
from tests import media_files
from tests.gateway import Answered, Context, answered, gateway_event
from tests.unit.api.service import USER, Service

KEY = "the key of a test"
IMAGE = media_files.image()
load_all_checks()
ASKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "ignored_auth",
    "unsupported_method",
)


async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
    """The API as an ASGI application, of which each call meets the same few followers and files."""
    request = Request(scope, receive)
    body = await request.body()
    answer = _answer(request, body)
    await Response(answer.body, answer.status, dict(answer.headers))(scope, receive, send)


def _answer(request: Request, body: bytes) -> Answered:
    path = "/" + request.url.path.lstrip("/")
    if path.startswith("/v1/") and request.headers.get("x-api-key") != KEY:
        refused = {"error": "The header x-api-key is missing, or is no key of this API", "code": "invalid_api_key"}
        return Answered(403, {"content-type": "application/json"}, json.dumps(refused))
    is_binary = request.headers.get("content-type", "").startswith("multipart/form-data")
    event = gateway_event(
        request.method,
        path,
        headers=request.headers.items(),
        body=body if is_binary else body.decode(errors="replace"),
    )
    service = _service()
    return answered(service.handler(event, Context(service.clock)))


def _service() -> Service:
    service = Service(checks={"ledger": lambda: None})
    service.audience.register(UserId(USER), at=service.clock.now())
    service.images.files["cat.jpg"] = IMAGE
    service.audio.files["hi.mp3"] = media_files.audio()
    service.video.files |= {"tour.mp4": media_files.video(), "tour.jpg": IMAGE}
    return service


schema = schemathesis.openapi.from_asgi("/openapi.json", gateway)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@schema.parametrize()
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_is_described(case: schemathesis.Case[Any]) -> None:
    checks: list[Any] = [CHECKS.get_one(name) for name in ASKED]

    case.call_and_validate(headers={"x-api-key": KEY}, checks=checks)
