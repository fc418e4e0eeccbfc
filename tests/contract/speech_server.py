"""A speech engine on a loopback port of its own, with the routes of an engine and of the wrapper, that does as a test
says."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from kairan.speech.wav import Sound
from tests.rigs import sounds

STYLE_IDS = {888753760, 0, -1}


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Answer:
    """`length` is what the body claims to be long."""

    status: int = 200
    type: str = "application/json"
    body: bytes = b"{}"
    length: int | None = None


@dataclass
class SpeechServer:
    """Speaks a tone of 0.3 s for everything, until `instead` has another answer for a path. Behind `gate` all answers
    wait."""

    url: str = ""
    instead: dict[str, Callable[[Asked], Answer]] = field(default_factory=dict)
    sound: Sound = field(default_factory=lambda: sounds.tone(0.3))
    gate: threading.Event = field(default_factory=threading.Event)
    asked: list[Asked] = field(default_factory=list)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def answers(self, path: str, **answer: Any) -> None:
        self.instead[path] = lambda _: Answer(**answer)

    def answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        self.arrived.release()
        self.gate.wait(20)
        if asked.path in self.instead:
            return self.instead[asked.path](asked)
        if int(asked.query["speaker"]) not in STYLE_IDS:
            return Answer(404, body=json.dumps({"detail": f"no style {asked.query['speaker']}"}).encode())
        if asked.path.endswith("/audio_query"):
            return Answer(body=json.dumps(AUDIO_QUERY).encode())
        return Answer(type="audio/wav", body=sounds.wav(self.sound))


AUDIO_QUERY = {
    "accent_phrases": [],
    "speedScale": 1.0,
    "intonationScale": 1.0,
    "pitchScale": 0.0,
    "volumeScale": 1.0,
    "prePhonemeLength": 0.1,
    "outputSamplingRate": 24_000,
    "outputStereo": True,
}


@contextmanager
def running_speech_server() -> Iterator[SpeechServer]:
    server = SpeechServer()
    server.gate.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._answer(None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            self._answer(json.loads(body) if body else None)

        def _answer(self, body: Any) -> None:
            parts = urlsplit(self.path)
            answer = server.answer(Asked(self.command, parts.path, dict(parse_qsl(parts.query)), body))
            self.send_response(answer.status)
            self.send_header("content-type", answer.type)
            self.send_header("content-length", str(len(answer.body) if answer.length is None else answer.length))
            self.end_headers()
            with suppress(ConnectionError):  # the other has had enough
                self.wfile.write(answer.body)
            self.close_connection = self.close_connection or answer.length is not None

        def log_message(self, *_: object) -> None:
            """Quiet."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
    thread.start()
    server.url = f"http://127.0.0.1:{listening.server_port}"
    try:
        yield server
    finally:
        server.gate.set()
        listening.shutdown()
        thread.join()
        listening.server_close()
