"""A bot server for the phone: it takes every webhook, remembers the events, and serves the sample media."""

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tools.run import ROOT

MEDIA = ROOT / "lambdas" / "sample_media" / "files"
IMAGEMAP = "imagemap"
"""The base path of an imagemap. The sample image answers for every width below it."""


class SampleBot:
    def __init__(self, url: str) -> None:
        self.url = url
        self.status = 200
        """The answer to webhooks."""
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()

    @property
    def webhook_url(self) -> str:
        return f"{self.url}/webhook"

    @property
    def image(self) -> str:
        return f"{self.url}/sample_image.jpg"

    @property
    def audio(self) -> str:
        return f"{self.url}/sample_audio.mp3"

    @property
    def video(self) -> str:
        return f"{self.url}/sample_video.mp4"

    @property
    def imagemap(self) -> str:
        return f"{self.url}/{IMAGEMAP}"


@contextmanager
def running() -> Iterator[SampleBot]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler)
    bot = SampleBot(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = partial(_Handler, bot)
    thread = threading.Thread(target=server.serve_forever, name="sample-bot")
    thread.start()
    try:
        yield bot
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, bot: SampleBot, *arguments: Any) -> None:
        self._bot = bot
        super().__init__(*arguments)

    def translate_path(self, path: str) -> str:
        requested = Path(path)
        return str(MEDIA / ("sample_image.jpg" if IMAGEMAP in requested.parts else requested.name))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        for event in body["events"]:
            self._bot.events.put(event)
        self.send_response(self._bot.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass
