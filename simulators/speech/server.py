"""HTTP/1.1 on a loopback address, a thread for each connection."""

import logging
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from simulators.speech.app import Answer, Engine, Refused, Request

log = logging.getLogger("speech_engine")

LOOPBACK = "127.0.0.1"
MAX_BODY_BYTES = 1_000_000
KEEP_ALIVE_S = 75


class Server(ThreadingHTTPServer):
    """Raises OSError when the port cannot be had."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, port: int, engine: Engine) -> None:
        self.engine = engine
        super().__init__((LOOPBACK, port), _Connection)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.server_port}"

    def handle_error(self, *_: object) -> None:
        """A caller that went away; what went wrong in the engine is answered before it comes here."""
        log.info("a connection broke", exc_info=True)


class _Connection(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = KEEP_ALIVE_S

    def do_GET(self) -> None:
        self._reply(self._answer())

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET

    def _answer(self) -> Answer:
        try:
            request = Request(self.command, self.path, self._body())
        except Refused as refused:
            self.close_connection = True
            return refused.answer
        try:
            return self.server.engine.answer(request)
        except Exception:
            log.exception("%s %s", self.command, self.path.partition("?")[0])
            return Answer(500, b"Internal Server Error", content_type="text/plain; charset=utf-8")

    def _body(self) -> bytes:
        if "transfer-encoding" in self.headers:
            raise Refused(411, "A body needs a content-length here.")
        length = self.headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit():
            raise Refused(400, "The content-length is not a number.")
        if int(length) > MAX_BODY_BYTES:
            raise Refused(413, f"A body may have {MAX_BODY_BYTES} bytes.")
        return self.rfile.read(int(length))

    def _reply(self, answer: Answer) -> None:
        self.send_response(answer.status)
        for name, value in (answer.headers or {}).items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("connection", "close")
        if answer.status != 204:
            self.send_header("content-type", answer.content_type)
            self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def version_string(self) -> str:
        return "speech_engine"

    def log_message(self, format: str, *arguments: Any) -> None:
        """What is said is nobody's business; the engine logs what it spoke, without the words."""
