"""Where a local cloud keeps what it knows, and on which ports it listens."""

import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cli.errors import CommandError
from local.waiting import until
from tools.run import ROOT

LOOPBACK = "127.0.0.1"
DEFAULT_PORT_BASE = 4566
LARGEST_PORT = 65535
PATIENCE_WITH_OTHERS_S = 120


@dataclass(frozen=True)
class Ports:
    """Consecutive, from one base, so that one setting moves a local cloud out of another's way."""

    base: int = DEFAULT_PORT_BASE

    def __post_init__(self) -> None:
        if not 1024 <= self.base <= LARGEST_PORT - 2:
            raise CommandError(
                f"The port base {self.base} is not usable.", fix=f"Take one from 1024 to {LARGEST_PORT - 2}."
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
    """Raises CommandError when something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise CommandError(
                f"Port {port}, wanted for {wanted_for}, is taken: {error.strerror}.",
                fix="End what listens there, or take other ports with --port-base (make start ARGS='--port-base 5566').",
            ) from error


@dataclass(frozen=True)
class Place:
    """One folder, `.local` of this clone unless told otherwise. Two local clouds share nothing but the installed tools."""

    root: Path = ROOT / ".local"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def outputs(self) -> Path:
        return self.root / "outputs.json"

    @property
    def record(self) -> Path:
        """What runs: see `local.record`."""
        return self.root / "running.json"

    @property
    def scratch(self) -> Path:
        """The emulator's temporary files."""
        return self.root / "tmp"

    @property
    def kept(self) -> Path:
        """The data of a local cloud that was started with `--keep`."""
        return self.root / "kept"

    @property
    def assembly(self) -> Path:
        """What `cdk synth` writes; built assets are found again there."""
        return self.root / "cdk.out"

    def prepare(self, *, keep: bool) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        for folder in (self.scratch, self.kept) if keep else (self.scratch,):
            folder.mkdir(mode=0o700, exist_ok=True)

    def forget(self) -> None:
        """What belongs to one run; logs, kept data and built assets stay."""
        for file in (self.outputs, self.record):
            file.unlink(missing_ok=True)
        shutil.rmtree(self.scratch, ignore_errors=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One command at a time changes what runs here. Raises CommandError when another one takes too long."""
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / "lock").open("w") as lock:
            until(
                lambda: _locked(lock.fileno()),
                what="another command is starting or stopping this local cloud",
                timeout_s=PATIENCE_WITH_OTHERS_S,
            )
            yield


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_private(path: Path, text: str) -> None:
    """In one step, so that nobody reads half of it; readable by its owner only."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
