"""The routes of the engine: from a request to a response, without sockets.

Errors have the form of FastAPI, on which the real engines are built: `{"detail": …}`, and for bad input a list of
what is wrong and where.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, to_json

from simulators.speech.query import AudioQuery, QueryParameters, StyleParameters
from simulators.speech.styles import Style, speakers, style_of
from simulators.speech.voice import VERSION, Voice

log = logging.getLogger("simulators.speech")

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class EngineRequest:
    method: str
    address: str
    body: bytes = b""


@dataclass(frozen=True)
class EngineResponse:
    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] | None = None


class RequestRefused(Exception):
    """The request is wrong. `detail` says why."""

    def __init__(self, status: int, detail: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.response = as_json({"detail": detail}, status, headers)


class SpeechEngine:
    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._routes: dict[str, tuple[str, Callable[[EngineRequest], EngineResponse]]] = {
            "/audio_query": ("POST", self._audio_query),
            "/synthesis": ("POST", self._synthesis),
            "/speakers": ("GET", lambda _: as_json(speakers())),
            "/version": ("GET", lambda _: as_json(VERSION)),
            "/initialize_speaker": ("POST", self._initialize_speaker),
            "/is_initialized_speaker": ("GET", self._is_initialized_speaker),
        }

    def answer(self, request: EngineRequest) -> EngineResponse:
        try:
            return self._route(request)(request)
        except RequestRefused as refused:
            return refused.response

    def _route(self, request: EngineRequest) -> Callable[[EngineRequest], EngineResponse]:
        path = urlsplit(request.address).path
        if path not in self._routes:
            raise RequestRefused(404, "Not Found")
        method, handle = self._routes[path]
        if request.method != method:
            raise RequestRefused(405, "Method Not Allowed", {"allow": method})
        return handle

    def _audio_query(self, request: EngineRequest) -> EngineResponse:
        parameters = _parameters(request, QueryParameters)
        _style(parameters)
        text = parameters.text
        return as_json(AudioQuery(accent_phrases=self._voice.phrases(text), kana=text).model_dump())

    def _synthesis(self, request: EngineRequest) -> EngineResponse:
        style = _style(_parameters(request, StyleParameters))
        query = _checked("body", lambda: AudioQuery.model_validate_json(request.body or b"null"))
        began = time.monotonic()
        sound = self._voice.speak(query, style)
        log.info("spoke style=%d characters=%d in %.3f s", style.id, len(query.text()), time.monotonic() - began)
        return EngineResponse(200, sound, content_type="audio/wav")

    def _initialize_speaker(self, request: EngineRequest) -> EngineResponse:
        _style(_parameters(request, StyleParameters))
        return EngineResponse(204)

    def _is_initialized_speaker(self, request: EngineRequest) -> EngineResponse:
        """The one voice is ready from the start."""
        _style(_parameters(request, StyleParameters))
        return as_json(True)


def as_json(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> EngineResponse:
    return EngineResponse(status, to_json(content, inf_nan_mode="null"), headers=headers)


def _parameters(request: EngineRequest, model: type[Model]) -> Model:
    """The parameters in the address. When one comes twice, the last counts."""
    query = parse_qs(urlsplit(request.address).query, keep_blank_values=True)
    return _checked("query", lambda: model.model_validate({name: values[-1] for name, values in query.items()}))


def _checked(where: str, read: Callable[[], Model]) -> Model:
    try:
        return read()
    except ValidationError as error:
        raise RequestRefused(
            422, [_located(where, violation) for violation in error.errors(include_url=False, include_input=False)]
        ) from error


def _located(where: str, violation: ErrorDetails) -> dict[str, Any]:
    return {**violation, "loc": (where, *violation["loc"])}


def _style(parameters: StyleParameters) -> Style:
    style = style_of(parameters.speaker)
    if style is None:
        raise RequestRefused(404, f"There is no style {parameters.speaker}. GET /speakers lists the styles.")
    return style
