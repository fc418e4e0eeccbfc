"""Programs that outlive the command that starts them. Later commands end them by process id, and never another process.

The system gives a process id to another process after the first has ended. So a program is recorded with the moment it
began, and is signalled only while both still agree.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

CHECK_EVERY_S = 0.05
_children: dict[int, subprocess.Popen[bytes]] = {}
"""The children of this process. The system keeps the remains of a child until its parent has asked for it."""
INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True)
class Program:
    """A running program. `began` is the system's name for the moment it was started."""

    name: str
    pid: int
    began: str

    def is_alive(self) -> bool:
        alive = began_at(self.pid) == self.began
        if not alive and (child := _children.get(self.pid)) is not None and child.poll() is not None:
            del _children[self.pid]
        return alive

    def stop(self, *, patience_s: float) -> None:
        """Asks it to end. After `patience_s` it is killed, with everything that it started."""
        if not self.is_alive():
            return
        _signal(self.pid, signal.SIGTERM)
        give_up_at = time.monotonic() + patience_s
        while self.is_alive():
            if time.monotonic() > give_up_at:
                os.killpg(self.pid, signal.SIGKILL)
                give_up_at = float("inf")
            time.sleep(CHECK_EVERY_S)


def start(
    name: str, command: Sequence[str | Path], *, environment: Mapping[str, str], folder: Path, log: Path
) -> Program:
    """In its own session. Of the caller's files it holds only the log."""
    with log.open("wb") as output:
        child = subprocess.Popen(
            list(map(str, command)),
            env=dict(environment),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _children[child.pid] = child
    return Program(name=name, pid=child.pid, began=began_at(child.pid) or "")


def began_at(pid: int) -> str | None:
    """The moment a process began, in the system's own words. None when the process has ended or is a zombie."""
    if Path("/proc/self/stat").exists():
        return _began_in_proc(pid)
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    state, _, moment = answer.partition(" ")
    return moment.strip() if state and not state.startswith("Z") else None


def _began_in_proc(pid: int) -> str | None:
    """proc(5): after the name in parentheses, the first field is the state, the twentieth the start in clock ticks."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else f"{boot} {fields[19]}"


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


class Interrupted(BaseException):
    """The command has to end. It is not KeyboardInterrupt, which the command line's library turns into a failure."""


def _interrupt(*_: object) -> None:
    raise Interrupted


def end_in_order() -> None:
    """From now on a closed terminal and SIGTERM do what Ctrl-C does, so that everything ends in order."""
    for number in INTERRUPTIONS:
        signal.signal(number, _interrupt)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """An interruption waits until the block has ended. Blocks may be nested."""
    arrived: int | None = None

    def wait(number: int, _frame: FrameType | None) -> None:
        nonlocal arrived
        arrived = number

    before = {number: signal.signal(number, wait) for number in INTERRUPTIONS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if arrived is not None:
        signal.raise_signal(arrived)
