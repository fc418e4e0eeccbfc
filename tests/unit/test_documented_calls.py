"""The calls of the push API work as they stand in the pages, in curl and in Python, and answer what the pages say."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import requests
from requests.adapters import HTTPAdapter

from tests.rigs.documented_calls import (
    API,
    FILES,
    USER,
    Call,
    DocumentedService,
    documented_calls,
    path_of,
    replies_without_a_call,
)
from tests.rigs.pages import ROOT, page

PUSH_API = page("docs/push-api.md")
OPENAPI = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
CALLS = documented_calls()
MADE_UP = {"id", "timestamp", "version", "image_url", "audio_url", "video_url", "tts_audio_url", "tts_audio_duration"}
MADE_UP |= {"key", "url", "fields", "expires_at"}
"""What LINE, the engine, S3 and the clock say: it differs from call to call. So does whether there is a
`quoteToken`."""


def foreseen(value: Any) -> Any:
    """An answer as far as it can be foretold."""
    if isinstance(value, dict):
        return {
            name: type(each).__name__ if name in MADE_UP else foreseen(each)
            for name, each in value.items()
            if name != "quoteToken"
        }
    return [foreseen(each) for each in value] if isinstance(value, list) else value


def operation_of(call: Call) -> dict[str, Any]:
    for template, operations in OPENAPI["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), f"/{path_of(call.request)}"):
            found: dict[str, Any] = operations[(call.request.method or "").lower()]
            return found
    raise AssertionError(f"{call} is no route")


def is_valid(value: Any, described: dict[str, Any]) -> bool:
    """Whether it is a body or an answer of a description, which may stand among the components."""
    while "$ref" in described:
        _, group, name = described["$ref"].removeprefix("#/").split("/")
        described = OPENAPI["components"][group][name]
    schema = described["content"]["application/json"]["schema"] | {"components": OPENAPI["components"]}
    return jsonschema_rs.is_valid(schema, value)


def test_there_are_calls_in_the_pages() -> None:
    assert {str(call.page) for call in CALLS} >= {"README.md", "docs/push-api.md", "docs/speech.md"}


def test_every_reply_belongs_to_a_call() -> None:
    assert replies_without_a_call() == []


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_in_the_pages_is_answered_as_they_say(call: Call) -> None:
    answer = DocumentedService().answer(call.request)

    status, reply = call.reply or (200, None)
    assert answer.status_code == status, answer.text
    assert reply is None or foreseen(answer.json()) == foreseen(reply)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_call_in_the_pages_is_described_for_programs(call: Call) -> None:
    operation = operation_of(call)

    status, reply = call.reply or (200, None)
    if call.request.headers.get("Content-Type") == "application/json":
        sent = json.loads(call.request.body or b"")
        assert is_valid(sent, operation["requestBody"]) == (status == 200)
    assert reply is None or is_valid(reply, operation["responses"][str(status)])


def test_every_route_that_pushes_is_shown_as_a_call() -> None:
    shown = {operation_of(call)["operationId"] for call in CALLS}

    described = {each["operationId"] for path in OPENAPI["paths"].values() for each in path.values()}

    assert described - shown == {"get_version"}


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DocumentedService:
    """What `requests` talks to, in a folder with the files of the examples."""
    shop = DocumentedService()
    monkeypatch.setattr(HTTPAdapter, "send", lambda _, request, **how: shop.answer(request))
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    return shop


def run_examples() -> dict[str, Any]:
    """All Python of the page, from top to bottom; answers the names that it leaves."""
    names: dict[str, Any] = {"api": API, "key": "the-key", "user": USER}
    for fence in PUSH_API.fences():
        if fence.words == ("python",):
            exec(compile(fence.text, str(PUSH_API), "exec"), names)
    return names


def test_the_python_examples_push_what_they_say(shop: DocumentedService) -> None:
    run_examples()

    assert [message["type"] for message in shop.service.sent(USER)] == ["text", "audio", "text", "image", "video"]
    assert [key.rpartition("/")[2] for key in shop.uploads] == ["cover.png", "tour.mp4"]


def test_the_python_example_pushes_once_when_the_connection_breaks(shop: DocumentedService) -> None:
    push: Callable[..., Any] = run_examples()["push"]
    before = len(shop.service.sent(USER))

    shop.breaks = 2
    push(USER, "text", json={"text": "Only once"})

    assert [message["text"] for message in shop.service.sent(USER)[before:]] == ["Only once"]


def test_the_python_example_repeats_when_line_is_down(shop: DocumentedService) -> None:
    push: Callable[..., Any] = run_examples()["push"]
    before = len(shop.service.sent(USER))

    shop.service.line.answers = ["lost_before"] * 5
    push(USER, "text", json={"text": "LINE was down"})

    assert [message["text"] for message in shop.service.sent(USER)[before:]] == ["LINE was down"]


def test_the_python_example_tells_what_is_wrong(shop: DocumentedService) -> None:
    names = run_examples()

    with pytest.raises(names["PushError"], match=r"^422 invalid_request: text: is missing"):
        names["push"](USER, "text", json={})


def test_the_python_example_gives_up_in_the_end(shop: DocumentedService) -> None:
    names = run_examples()

    shop.breaks = 5
    with pytest.raises(requests.ConnectionError):
        names["push"](USER, "text", json={"text": "Is anybody there?"})
