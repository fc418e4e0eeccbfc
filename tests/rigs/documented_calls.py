"""The calls of the push API that the pages show, and the push API to make them to: all of its own code, and nothing
else."""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from string import Template
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from api.checks import ledger_check, speech_check
from api.multipart import parse_multipart
from kairan.audience.details import Change
from kairan.audience.editing import edit
from kairan.audience.model import OptOutBy
from kairan.errors import SpeechNotConfiguredError
from kairan.people import Profile
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.line import person
from tests.rigs import media_files
from tests.rigs.pages import PAGES, Page, shell_lines
from tests.rigs.push_service import PushServiceRig

API = "https://a1b2c3d4e5.execute-api.ap-northeast-1.amazonaws.com/prod/"
USER = "U0123456789abcdef0123456789abcdef"
FILES = {
    "market.jpg": media_files.image("JPEG"),
    "cover.png": media_files.image("PNG"),
    "news.mp3": media_files.audio("mp3"),
    "tour.mp4": media_files.video(),
}
"""The files that the examples name."""

_VARIABLES = {
    "api": API,
    "user": USER,
    "key": "the-key",
    "AWS_ACCESS_KEY_ID": "AKIA",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "token",
}


@dataclass(frozen=True)
class Call:
    """A call of the push API in curl, with the answer that the page shows, if there is one."""

    page: Page
    request: requests.PreparedRequest
    reply: tuple[int, Any] | None

    def __str__(self) -> str:
        return f"{self.page}: {self.request.method} /{path_of(self.request)}"


def documented_calls() -> list[Call]:
    return [call for each in PAGES for call in _calls_of(each)]


def replies_without_a_call() -> list[str]:
    """Replies in the pages that follow no call."""
    shown = sum(fence.words[:2] == ("json", "reply") for each in PAGES for fence in each.fences())
    answered = sum(call.reply is not None for call in documented_calls())
    return [f"{shown} replies, of which {answered} belong to a call"] if shown != answered else []


def _calls_of(page: Page) -> Iterator[Call]:
    last: requests.PreparedRequest | None = None
    for fence in page.fences():
        if fence.words[:2] == ("json", "reply") and last is not None:
            yield Call(page, last, (int(fence.words[2]), json.loads(fence.text)))
            last = None
        elif fence.words[:1] == ("sh",):
            for words in shell_lines(fence):
                if words[0] == "curl" and any(word.startswith("${api}") for word in words):
                    if last is not None:
                        yield Call(page, last, None)
                    last = as_request(words)
    if last is not None:
        yield Call(page, last, None)


def as_request(words: Sequence[str]) -> requests.PreparedRequest:
    """The request that a curl command makes."""
    curl = argparse.ArgumentParser(prog="curl", exit_on_error=False)
    curl.add_argument("url")
    curl.add_argument("-s", action="store_true")
    curl.add_argument("-H", action="append", default=[])
    curl.add_argument("-d")
    curl.add_argument("-F", action="append", default=[])
    curl.add_argument("--aws-sigv4")
    curl.add_argument("--user")
    typed = [Template(word).substitute(_VARIABLES) for word in _up_to_redirection(words[1:])]
    given = curl.parse_args(typed)
    headers = dict(header.split(": ", 1) for header in given.H)
    assert given.d is None or "Content-Type" in headers, "curl would call this a form"
    form = [(name, _part(value)) for name, value in (field.split("=", 1) for field in given.F)]
    data = None if given.d is None else given.d.encode()
    method = "GET" if data is None and not form else "POST"
    return requests.Request(method, given.url, headers=headers, data=data, files=form or None).prepare()


def _up_to_redirection(words: Sequence[str]) -> Sequence[str]:
    return words[: words.index(">")] if ">" in words else words


def _part(value: str) -> tuple[str | None, bytes]:
    name = value.removeprefix("@")
    return (name, FILES[name]) if value.startswith("@") else (None, value.encode())


def path_of(request: requests.PreparedRequest) -> str:
    url = request.url or ""
    assert url.startswith(API), url
    return unquote(urlsplit(url).path.removeprefix(urlsplit(API).path))


def no_speech_url() -> str:
    raise SpeechNotConfiguredError("no speech engine is set")


class DocumentedService:
    """A deployment that holds the files the examples name. `breaks` connections break after the call was answered."""

    def __init__(self) -> None:
        clock = FakeClock()
        checks = {"secret": lambda: None, "ledger": ledger_check(FakeLedger()), "speech": speech_check(no_speech_url)}
        self.service = PushServiceRig(clock=clock, checks=checks)
        self.service.images.files["sample_image.jpg"] = FILES["market.jpg"]
        self.service.images.files["incoming/7d0e1c9a-52c4-4f1b-9c53-0f3c1f0a9be1/market.jpg"] = FILES["market.jpg"]
        self.service.audio.files["sample_audio.mp3"] = FILES["news.mp3"]
        self.service.video.files["sample_video.mp4"] = FILES["tour.mp4"]
        self.service.video.files["sample_image.jpg"] = FILES["market.jpg"]
        self._register()
        self.breaks = 0
        self.uploads: list[str] = []

    def _register(self) -> None:
        user, audience = person(USER), self.service.audience
        audience.register(
            user,
            at=datetime(2026, 11, 20, 9, tzinfo=UTC),
            profile=Profile(display_name="Aiko", language="ja"),
            is_unblocked=False,
        )
        change = Change(OptOutBy.API, tags_add=frozenset({"regular"}), attributes={"city": ("Kyoto",)})
        edit(audience, user, change, at=datetime(2026, 11, 20, 9, tzinfo=UTC))
        audience.touch(user, at=datetime(2026, 11, 21, 8, 12, 44, 120_000, tzinfo=UTC))

    def answer(self, request: requests.PreparedRequest) -> requests.Response:
        """As API Gateway would, or S3 for an upload."""
        if (request.url or "").startswith("https://uploads.example"):
            return self._upload(request)
        told = self.service.ask(
            request.method or "",
            f"/{path_of(request)}",
            headers=[(name, value) for name, value in request.headers.items() if isinstance(value, str)],
            body=_body_of(request) or None,
        )
        if self.breaks:
            self.breaks -= 1
            raise requests.ConnectionError("the connection broke before the answer")
        return _response(told.status, told.body.encode(), told.headers)

    def _upload(self, request: requests.PreparedRequest) -> requests.Response:
        content_type = request.headers["Content-Type"]
        parts = parse_multipart(_body_of(request), content_type, names=("key", "Content-Type", "file"))
        assert list(parts)[-1] == "file", "S3 looks at nothing behind the file"
        key = parts["key"].data.decode()
        self.service.video.files[key] = parts["file"].data
        self.uploads.append(key)
        return _response(204, b"", {})


def _body_of(request: requests.PreparedRequest) -> bytes:
    body = request.body or b""
    return body.encode() if isinstance(body, str) else body


def _response(status: int, body: bytes, headers: Mapping[str, str]) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body
    response.headers.update(headers)
    return response
