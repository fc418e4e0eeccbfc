"""The ports of a local cloud."""

import socket
from dataclasses import dataclass

from cli.errors import CommandError

LOOPBACK = "127.0.0.1"
DEFAULT_PORT_BASE = 4566
LARGEST_PORT = 65535


@dataclass(frozen=True)
class Ports:
    """Three ports in a row. One setting, the base, moves a local cloud out of another's way."""

    base: int = DEFAULT_PORT_BASE

    def __post_init__(self) -> None:
        if not 1024 <= self.base <= LARGEST_PORT - 2:
            raise CommandError(
                f"The port base {self.base} cannot be used.", fix=f"Choose one from 1024 to {LARGEST_PORT - 2}."
            )

    @property
    def aws(self) -> int:
        return self.base

    @property
    def line(self) -> int:
        return self.base + 1

    @property
    def speech(self) -> int:
        return self.base + 2

    @property
    def aws_url(self) -> str:
        return f"http://{LOOPBACK}:{self.aws}"

    @property
    def line_url(self) -> str:
        return f"http://{LOOPBACK}:{self.line}"

    @property
    def speech_url(self) -> str:
        return f"http://{LOOPBACK}:{self.speech}"


def refuse_taken(port: int, *, wanted_for: str) -> None:
    """Raises CommandError when another program listens on the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise CommandError(
                f"Port {port}, which is for {wanted_for}, is taken: {error.strerror}.",
                fix="Stop the program that uses it, "
                "or choose other ports with --port-base (make start ARGS='--port-base 5566').",
            ) from error
