"""`python -m simulators.line --port 4800`: run the simulated LINE platform until it is stopped."""

import argparse
import errno
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence

import uvicorn

from simulators.line.app import create_app, new_platform
from simulators.line.channel import Credentials
from simulators.line.checks import is_loopback
from simulators.line.connection import Connection
from simulators.line.platform import Platform
from simulators.line.webhooks import WebhookSender

log = logging.getLogger("line_platform")

KEEP_ALIVE_S = 75
SHUTDOWN_S = 3


def main() -> int:
    arguments = arguments_of(sys.argv[1:])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        listening = _listen(arguments.host, arguments.port)
    except OSError as error:
        busy = error.errno == errno.EADDRINUSE
        what = "is in use; choose another with --port" if busy else f"cannot be listened on: {error.strerror}"
        sys.stderr.write(f"line_platform: {arguments.host}:{arguments.port} {what}\n")
        return 1
    credentials = Credentials.from_environment(os.environ)
    platform = new_platform(credentials, time.time)
    config = uvicorn.Config(
        create_app(platform, WebhookSender(platform)),
        http=Connection,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=SHUTDOWN_S,
        log_config=None,
    )
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _exit)
    _Server(config, platform).run([listening])
    return 0


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, platform: Platform) -> None:
        super().__init__(config)
        self._platform = platform

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = (sockets or [])[0].getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        log.info("ready at http://%s:%s (phone at /phone/, control API at /_sim/)", shown, port)
        for name, value in _made_up(self._platform.channel.credentials):
            log.info("%s is not set; made up for this run: %s", name, value)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """A page that watches would keep the server waiting."""
        self._platform.announcements.close()
        await super().shutdown(sockets)


def _made_up(credentials: Credentials) -> list[tuple[str, str]]:
    """A simulated channel's credentials open nothing else, so those nobody chose may be read in the log."""
    values = {
        "LINE_CHANNEL_ID": credentials.channel_id,
        "LINE_CHANNEL_SECRET": credentials.channel_secret,
        "LINE_CHANNEL_ACCESS_TOKEN": credentials.channel_access_token,
    }
    return [(name, value) for name, value in values.items() if not os.environ.get(name)]


def arguments_of(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulators.line",
        description="A simulated LINE platform: Messaging API, webhooks and people, in memory, on this machine only.",
        epilog="The channel is that of LINE_CHANNEL_ID, LINE_CHANNEL_SECRET and LINE_CHANNEL_ACCESS_TOKEN; "
        "what is not set is made up and logged.",
    )
    parser.add_argument("--port", type=_port, required=True, help="0 takes any free one; it stands in the log")
    parser.add_argument("--host", type=_host, default="127.0.0.1", help="a loopback address (default: %(default)s)")
    return parser.parse_args(given)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is no port; one is from 0 to 65535")
    return int(text)


def _host(text: str) -> str:
    if not is_loopback(text):
        raise argparse.ArgumentTypeError(f"{text} is no loopback address; the simulation is for this machine only")
    return text


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen()
    except OSError:
        listening.close()
        raise
    return listening


def _exit(*_: object) -> None:
    """uvicorn raises the signal again once it has shut down."""
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
