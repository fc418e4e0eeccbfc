"""The push API against its own description: schemathesis makes calls of it, right and wrong ones, and looks at every answer.

It stands behind `tests.gateway_app`, in this process.
"""

from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS, load_all_checks

from kairan.line.ids import UserId
from tests import media_files
from tests.gateway import Context
from tests.gateway_app import gateway_app
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


def invoke(event: dict[str, Any]) -> Mapping[str, Any]:
    """Each call meets the same few followers and files."""
    service = _service()
    return service.handler(event, Context(service.clock))  # type: ignore[no-any-return]


def _service() -> Service:
    service = Service(checks={"ledger": lambda: None})
    service.audience.register(UserId(USER), at=service.clock.now())
    service.images.files["cat.jpg"] = IMAGE
    service.audio.files["hi.mp3"] = media_files.audio()
    service.video.files |= {"tour.mp4": media_files.video(), "tour.jpg": IMAGE}
    return service


schema = schemathesis.openapi.from_asgi("/openapi.json", gateway_app(invoke, key=KEY))


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
