"""The folder of a local cloud: its records, logs and data."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.waiting import until
from tools.run import ROOT

PATIENCE_WITH_OTHERS_S = 120


@dataclass(frozen=True)
class StateDir:
    """By default `.local` in this clone. Two local clouds share only the installed tools."""

    path: Path = ROOT / ".local"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    def log(self, program: str) -> Path:
        return self.logs / f"{program}.log"

    @property
    def outputs(self) -> Path:
        return self.path / "outputs.json"

    @property
    def record(self) -> Path:
        """The running programs: see `local.record`."""
        return self.path / "running.json"

    @property
    def scratch(self) -> Path:
        """The emulator's temporary files."""
        return self.path / "tmp"

    @property
    def kept_data(self) -> Path:
        """The data of a local cloud that was started with `--keep`."""
        return self.path / "kept"

    @property
    def assembly(self) -> Path:
        """The output of `cdk synth`. The next deployment reuses the assets in it."""
        return self.path / "cdk.out"

    def prepare(self, *, keep: bool) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        for folder in (self.scratch, self.kept_data) if keep else (self.scratch,):
            folder.mkdir(mode=0o700, exist_ok=True)

    def forget_run(self) -> None:
        """Removes the files of one run. Logs, kept data and built assets stay."""
        for file in (self.outputs, self.record):
            file.unlink(missing_ok=True)
        shutil.rmtree(self.scratch, ignore_errors=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One command at a time changes what runs here. Raises CommandError when another one takes too long."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("w") as lock:
            until(
                lambda: _try_lock(lock.fileno()),
                what="another command is starting or stopping this local cloud",
                timeout_s=PATIENCE_WITH_OTHERS_S,
            )
            yield


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def write_private(path: Path, text: str) -> None:
    """In one step, so that a reader never sees half of it. Only the owner can read the file."""
    draft = path.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
