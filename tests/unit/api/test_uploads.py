"""Where a file goes that is too large for a call."""

import json
from typing import Any

import pytest

from tests.rigs.push_service import PushServiceRig


@pytest.mark.parametrize(
    ("bucket", "name", "content_type"),
    [
        ("images", "cat.jpg", "image/jpeg"),
        ("images", "CAT.PNG", "image/png"),
        ("audio", "こんにちは.mp3", "audio/mpeg"),
        ("audio", "a.m4a", "audio/mp4"),
        ("video", "a.mp4", "video/mp4"),
        ("video", "cover.jpg", "image/jpeg"),
    ],
)
def test_an_upload_is_answered_with_a_form_and_a_key(
    service: PushServiceRig, bucket: str, name: str, content_type: str
) -> None:
    answer = create_upload(service, bucket, {"name": name, "content_type": content_type, "size": 1_000_000})

    assert answer.status == 200
    assert answer.json["key"].startswith("incoming/")
    assert answer.json["key"].endswith(f"/{name}")
    assert answer.json["upload"]["fields"]["key"] == answer.json["key"]
    assert answer.json["upload"]["url"].startswith("https://")
    assert answer.json["expires_at"] == "2026-11-21T09:15:00.000Z"


def test_an_upload_ticket_has_no_key_of_a_push(service: PushServiceRig) -> None:
    answer = create_upload(service, "images", {"name": "cat.jpg", "content_type": "image/jpeg", "size": 1})

    assert "x-line-retry-key" not in answer.headers


def create_upload(service: PushServiceRig, bucket: str, body: Any) -> Any:
    return service.ask("POST", f"/v1/media/{bucket}", body=json.dumps(body))
