"""The push API against its own description, behind `tests.rigs.gateway_app` in this process."""

from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS, load_all_checks

from tests.fakes.line import person
from tests.rigs import media_files
from tests.rigs.gateway import Context
from tests.rigs.gateway_app import gateway_app
from tests.rigs.push_service import USER, PushServiceRig

load_all_checks()
CHECKED: list[Any] = [
    CHECKS.get_one(name)
    for name in (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "ignored_auth",
        "unsupported_method",
    )
]
KEY = "the key of a test"
IMAGE = media_files.image()


def invoke(event: dict[str, Any]) -> Mapping[str, Any]:
    """Each call meets the same few followers and files."""
    service = _service()
    return service.handler(event, Context(service.clock))  # type: ignore[no-any-return]


def _service() -> PushServiceRig:
    service = PushServiceRig(checks={"ledger": lambda: None})
    service.audience.register(person(USER), at=service.clock.now())
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
    """The same calls in every run, right and wrong ones."""
    case.call_and_validate(headers={"x-api-key": KEY}, checks=CHECKED)
