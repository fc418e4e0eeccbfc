"""The push API against its own description, behind `tests.rigs.gateway_app` in this process."""

from collections.abc import Mapping
from typing import Any

import pytest
import schemathesis

from tests.fakes.line import person
from tests.rigs import media_files
from tests.rigs.described_calls import calls_of_each_operation, check_call
from tests.rigs.gateway import Context
from tests.rigs.gateway_app import gateway_app
from tests.rigs.push_service import USER, PushServiceRig

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
@calls_of_each_operation(60)
def test_every_answer_is_one_that_is_described(case: schemathesis.Case[Any]) -> None:
    check_call(case, key=KEY, besides=("ignored_auth", "unsupported_method"))
