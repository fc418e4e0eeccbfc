"""`python -m simulators.line --port 4800`: runs the simulated LINE platform until it is stopped."""

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

from simulators.line.app import create_app, new_state
from simulators.line.channel import ChannelCredentials
from simulators.line.connection import AbortableConnection
from simulators.line.loopback import is_loopback
from simulators.line.state import State
from simulators.line.webhooks import WebhookSender

log = logging.getLogger("simulators.line")

KEEP_ALIVE_S = 75
SHUTDOWN_S = 3


def main() -> int:
    arguments = arguments_of(sys.argv[1:])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(levelname)s %(message)s")
    try:
        listening = _listen(arguments.host, arguments.port)
    except OSError as error:
        busy = error.errno == errno.EADDRINUSE
        reason = "is in use; choose another port with --port" if busy else f"cannot be used: {error.strerror}"
        sys.stderr.write(f"simulators.line: {arguments.host}:{arguments.port} {reason}\n")
        return 1
    credentials = ChannelCredentials.from_environment(os.environ)
    state = new_state(credentials, time.time)
    config = uvicorn.Config(
        create_app(state, WebhookSender(state)),
        http=AbortableConnection,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=SHUTDOWN_S,
        log_config=None,
    )
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _exit)
    _Server(config, state).run([listening])
    return 0


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, state: State) -> None:
        super().__init__(config)
        self._state = state

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        host, port = (sockets or [])[0].getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        log.info("ready at http://%s:%s (phone at /phone/, control API at /_sim/)", shown, port)
        for name, value in _generated(self._state.channel.credentials):
            log.info("%s is not set; this run uses %s", name, value)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """The streams end first: the server would wait for the pages that watch."""
        self._state.announcements.close()
        await super().shutdown(sockets)


def _generated(credentials: ChannelCredentials) -> list[tuple[str, str]]:
    """The credentials that the environment did not set. They open nothing else, so the log may show them."""
    values = {
        "LINE_CHANNEL_ID": credentials.channel_id,
        "LINE_CHANNEL_SECRET": credentials.channel_secret,
        "LINE_CHANNEL_ACCESS_TOKEN": credentials.channel_access_token,
    }
    return [(name, value) for name, value in values.items() if not os.environ.get(name)]


def arguments_of(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m simulators.line",
        description="A simulated LINE platform: Messaging API, webhooks and people, in memory, on this machine only.",
        epilog="LINE_CHANNEL_ID, LINE_CHANNEL_SECRET and LINE_CHANNEL_ACCESS_TOKEN set the channel's credentials. "
        "A missing one is generated and logged.",
    )
    parser.add_argument("--port", type=_port, required=True, help="0 takes any free port; the log shows which")
    parser.add_argument("--host", type=_host, default="127.0.0.1", help="a loopback address (default: %(default)s)")
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port; use a number from 0 to 65535")
    return int(text)


def _host(text: str) -> str:
    if not is_loopback(text):
        raise argparse.ArgumentTypeError(f"{text} is not a loopback address; the simulator is for this machine only")
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
