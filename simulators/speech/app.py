"""The routes of the engine: from a request to an answer, without knowing of sockets.

Errors are told as FastAPI does, on which the real engines are built: `{"detail": …}`, and for bad input a list of what is
wrong and where.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, to_json

from simulators.speech.query import AudioQuery, InStyle, ToSay
from simulators.speech.styles import Style, speakers, style_of
from simulators.speech.voice import VERSION, Voice

log = logging.getLogger("speech_engine")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Request:
    method: str
    address: str
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] | None = None


class Refused(Exception):
    """The request is wrong: with this status, and for this reason."""

    def __init__(self, status: int, detail: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.answer = as_json({"detail": detail}, status, headers)


class Engine:
    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._routes: dict[str, tuple[str, Callable[[Request], Answer]]] = {
            "/audio_query": ("POST", self._audio_query),
            "/synthesis": ("POST", self._synthesis),
            "/speakers": ("GET", lambda _: as_json(speakers())),
            "/version": ("GET", lambda _: as_json(VERSION)),
            "/initialize_speaker": ("POST", self._initialize_speaker),
            "/is_initialized_speaker": ("GET", self._is_initialized_speaker),
        }

    def answer(self, request: Request) -> Answer:
        try:
            return self._route(request)(request)
        except Refused as refused:
            return refused.answer

    def _route(self, request: Request) -> Callable[[Request], Answer]:
        path = urlsplit(request.address).path
        if path not in self._routes:
            raise Refused(404, "Not Found")
        method, handle = self._routes[path]
        if request.method != method:
            raise Refused(405, "Method Not Allowed", {"allow": method})
        return handle

    def _audio_query(self, request: Request) -> Answer:
        asked = _parameters(request, ToSay)
        _style(asked)
        return as_json(AudioQuery(accent_phrases=self._voice.phrases(asked.text), kana=asked.text).model_dump())

    def _synthesis(self, request: Request) -> Answer:
        style = _style(_parameters(request, InStyle))
        query = _checked("body", lambda: AudioQuery.model_validate_json(request.body or b"null"))
        began = time.monotonic()
        sound = self._voice.speak(query, style)
        log.info("spoke style=%d characters=%d in %.3f s", style.id, len(query.text()), time.monotonic() - began)
        return Answer(200, sound, content_type="audio/wav")

    def _initialize_speaker(self, request: Request) -> Answer:
        _style(_parameters(request, InStyle))
        return Answer(204)

    def _is_initialized_speaker(self, request: Request) -> Answer:
        """The one voice is ready since the start."""
        _style(_parameters(request, InStyle))
        return as_json(True)


def as_json(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    return Answer(status, to_json(content, inf_nan_mode="null"), headers=headers)


def _parameters(request: Request, model: type[Model]) -> Model:
    """Those in the address. Of one that is given twice the last counts."""
    given = parse_qs(urlsplit(request.address).query, keep_blank_values=True)
    return _checked("query", lambda: model.model_validate({name: values[-1] for name, values in given.items()}))


def _checked(where: str, read: Callable[[], Model]) -> Model:
    try:
        return read()
    except ValidationError as error:
        raise Refused(
            422, [_fault(where, fault) for fault in error.errors(include_url=False, include_input=False)]
        ) from error


def _fault(where: str, fault: ErrorDetails) -> dict[str, Any]:
    return {**fault, "loc": (where, *fault["loc"])}


def _style(asked: InStyle) -> Style:
    style = style_of(asked.speaker)
    if style is None:
        raise Refused(404, f"There is no style {asked.speaker}; GET /speakers tells which there are.")
    return style
