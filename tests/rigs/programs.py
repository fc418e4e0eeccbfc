"""A simulator as a program of its own, started as a person starts it."""

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tools.run import ROOT

PATIENCE_S = 30


def start(command: Sequence[str | Path], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@contextmanager
def running(
    command: Sequence[str | Path], environment: Mapping[str, str]
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Yields the address and the process, once the first line of the log says that it is ready."""
    with start(command, environment) as process:
        try:
            assert process.stdout
            ready = process.stdout.readline()
            address = re.search(r"ready at (http://127\.0\.0\.1:\d+)", ready)
            assert address, ready
            yield address[1], process
        finally:
            process.terminate()


def end_of(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code, and the rest of the output."""
    output, _ = process.communicate(timeout=PATIENCE_S)
    return process.returncode, output
