"""HTTP/1.1 on a loopback address, with a thread for each connection."""

import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulators.speech.app import EngineRequest, EngineResponse, RequestRefused, SpeechEngine

log = logging.getLogger("simulators.speech")

LOOPBACK = "127.0.0.1"
MAX_BODY_BYTES = 1_000_000
KEEP_ALIVE_S = 75


class HttpServer(ThreadingHTTPServer):
    """Raises OSError when the port cannot be had."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, engine: SpeechEngine) -> None:
        self.engine = engine
        super().__init__((LOOPBACK, port), _Connection)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """A caller that went away. Errors of the engine are answered and do not come here."""
        log.info("a connection broke", exc_info=True)


class _Connection(BaseHTTPRequestHandler):
    server: HttpServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = KEEP_ALIVE_S

    def do_GET(self) -> None:
        self._send(self._respond())

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET

    def _respond(self) -> EngineResponse:
        try:
            request = EngineRequest(self.command, self.path, self._body())
        except RequestRefused as refused:
            self.close_connection = True
            return refused.response
        try:
            return self.server.engine.answer(request)
        except Exception:
            log.exception("%s %s", self.command, self.path.partition("?")[0])
            return EngineResponse(500, b"Internal HttpServer Error", content_type="text/plain; charset=utf-8")

    def _body(self) -> bytes:
        if "transfer-encoding" in self.headers:
            raise RequestRefused(411, "A body needs a content-length here.")
        length = self.headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            raise RequestRefused(400, "The content-length is not a number.")
        if int(length) > MAX_BODY_BYTES:
            raise RequestRefused(413, f"A body may have {MAX_BODY_BYTES} bytes.")
        return self.rfile.read(int(length))

    def _send(self, response: EngineResponse) -> None:
        self.send_response(response.status)
        for name, value in (response.headers or {}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("connection", "close")
        if response.status != 204:
            self.send_header("content-type", response.content_type)
            self.send_header("content-length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)

    def version_string(self) -> str:
        return "simulators.speech"

    def log_message(self, format: str, *arguments: Any) -> None:
        """Addresses hold words to speak, so they are not logged. The engine logs what it spoke, without the words."""
