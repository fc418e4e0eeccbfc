"""Installs all tools of the project, on a machine with git, make and Python. `make setup` runs it.

    .local/tools/uv      uv, which installs the rest
    .venv                the project with its tools, the Node.js runtime among them
    .local/tools/cloud   the AWS emulator, which needs another version of botocore
    .local/tools/speech  the speech engine's voice and dictionary
    .local/tools/older-urllib3  the older urllib3 that a Lambda runtime may bring, for the tests
    node_modules         from npm: the CDK command line, and ReDoc for the push API

Everything stays inside this folder, and no Python is downloaded. A part whose source files are unchanged is skipped,
so a second run takes no time. Standard library only.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tools.run import CLOUD_VENV, NODE_MODULES, OLDER_URLLIB3, ROOT, SPEECH_VENV, TOOLS, UV_VENV, VENV, environment

WANTED = (3, 13)
"""The functions' default Python in AWS."""
OLDEST = (3, 11)
STAMP = ".made-from"
QUIET = () if sys.stdout.isatty() else ("--quiet",)
"""On a terminal uv and pip show their progress. In a log their lists of packages would hide the rest."""


class SetupError(Exception):
    """What failed, and how to fix it."""


@dataclass(frozen=True)
class Part:
    """A folder that one function makes from some files."""

    title: str
    folder: Path
    made_from: tuple[str, ...]
    make: Callable[[], None]
    proof: str
    """A file in the folder. Without it the folder is useless."""
    stamp: str = STAMP
    recipe: str = ""
    """Text that its content depends on, besides files."""

    def fingerprint(self) -> str:
        digest = hashlib.sha256(f"{ROOT}\n{self.recipe}\n".encode())
        for name in self.made_from:
            digest.update((ROOT / name).read_bytes())
        return digest.hexdigest()

    def is_current(self) -> bool:
        stamp = self.folder / self.stamp
        return (self.folder / self.proof).exists() and stamp.exists() and stamp.read_text() == self.fingerprint()

    def bring_up_to_date(self) -> None:
        (self.folder / self.stamp).unlink(missing_ok=True)
        self.make()
        (self.folder / self.stamp).write_text(self.fingerprint())


def parts() -> tuple[Part, ...]:
    return (
        Part("uv, the installer", UV_VENV, (), make_uv, "bin/uv", recipe=pinned_uv()),
        Part("the project's tools (.venv)", VENV, ("requirements-dev.txt",), make_venv, "bin/python"),
        Part(
            "the project (.venv)",
            VENV,
            ("pyproject.toml", "requirements-dev.txt"),
            make_project,
            "bin/kairan",
            ".project-made-from",
        ),
        Part(
            "the AWS emulator (.local/tools/cloud)", CLOUD_VENV, ("local/requirements.txt",), make_cloud, "bin/python"
        ),
        Part(
            "the voice of the speech engine (.local/tools/speech)",
            SPEECH_VENV,
            ("simulators/speech/requirements.txt",),
            make_speech,
            "bin/python",
        ),
        Part(
            "an older urllib3, for the tests (.local/tools/older-urllib3)",
            OLDER_URLLIB3,
            ("tests/rigs/older_urllib3.txt",),
            make_older_urllib3,
            "urllib3/__init__.py",
        ),
        Part("the CDK command line, and ReDoc", NODE_MODULES, ("package-lock.json",), make_cdk, ".bin/cdk"),
    )


def main() -> int:
    try:
        with one_at_a_time():
            outdated = [part for part in parts() if not part.is_current()]
            for number, part in enumerate(outdated, start=1):
                print_line(f"[{number}/{len(outdated)}] Installing {part.title}")
                began = time.monotonic()
                part.bring_up_to_date()
                print_line(f"      done in {time.monotonic() - began:.1f} s")
    except SetupError as error:
        print_line(f"Setup failed: {error}")
        return 1
    except KeyboardInterrupt:
        print_line("Setup was interrupted. Run `make setup` again to continue.")
        return 130
    return 0


def print_line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def one_at_a_time() -> Iterator[None]:
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print_line("Waiting for another setup of this folder to end …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(command: list[str | Path], *, advice: str) -> None:
    if subprocess.run(list(map(str, command)), cwd=ROOT, env=environment(), check=False).returncode != 0:
        raise SetupError(f"`{' '.join(map(str, command))}` failed. Its messages are above.\n{advice}")


NETWORK_ADVICE = (
    "If they name the network or a missing package, check that pip can reach a package index "
    "(`pip config list`). Then run `make setup` again."
)


@cache
def python() -> Path:
    """Python 3.13 if there is one, else the Python that runs this."""
    for candidate in candidates():
        if (version_of(candidate) or (0,))[:2] == WANTED:
            return real_path_of(candidate)
    if sys.version_info < OLDEST:
        raise SetupError(
            f"Kairan needs Python {dotted(OLDEST)} or later, preferably {dotted(WANTED)}. "
            f"This is {dotted(sys.version_info[:3])}. "
            f"Put `python{dotted(WANTED)}` on PATH, then run `make setup` again."
        )
    print_line(
        f"There is no Python {dotted(WANTED)} on PATH or in pyenv. "
        f"Using {sys.executable} ({dotted(sys.version_info[:3])}), for the local cloud's functions too."
    )
    return real_path_of(Path(sys.executable))


def candidates() -> Iterator[Path]:
    """Every `python3.13` on PATH, then pyenv's, the newest first."""
    name = f"python{dotted(WANTED)}"
    for folder in os.environ.get("PATH", os.defpath).split(os.pathsep):
        if (path := Path(folder or os.curdir) / name).exists():
            yield path
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")

    def patch_number(folder: Path) -> int:
        return int([*re.findall(r"\d+", folder.name), 0, 0, 0][2])

    for version in sorted(pyenv.glob(f"versions/{dotted(WANTED)}*"), key=patch_number, reverse=True):
        yield version / "bin" / name


def version_of(python: Path) -> tuple[int, ...] | None:
    """None when it does not run: pyenv puts a `python3.13` on PATH that fails unless that version is selected."""
    answer = ask(python, "import sys; print(*sys.version_info[:3])")
    return tuple(map(int, answer.split())) if answer else None


def real_path_of(python: Path) -> Path:
    """The interpreter itself: neither pyenv's shim nor one in a virtual environment that may be removed later."""
    return Path(ask(python, "import sys; print(getattr(sys, '_base_executable', None) or sys.executable)") or python)


def ask(python: Path, code: str) -> str | None:
    try:
        answer = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def make_uv() -> None:
    """uv from PyPI, in the version of the requirements.

    When this Python cannot make a virtual environment with pip, its own pip installs uv. Without pip, the uv on PATH is
    used.
    """
    shutil.rmtree(UV_VENV, ignore_errors=True)
    if ask(python(), "import ensurepip, venv; print('ok')"):
        run([python(), "-m", "venv", UV_VENV], advice="Remove .local/tools and run `make setup` again.")
        run([UV_VENV / "bin" / "python", "-m", "pip", "install", *QUIET, pinned_uv()], advice=NETWORK_ADVICE)
    elif ask(python(), "import pip; print('ok')"):
        run([python(), "-m", "pip", "install", *QUIET, "--target", UV_VENV, pinned_uv()], advice=NETWORK_ADVICE)
    elif existing := shutil.which("uv"):
        print_line(f"      {python()} has neither ensurepip nor pip. Using {existing}")
        (UV_VENV / "bin").mkdir(parents=True)
        (UV_VENV / "bin" / "uv").symlink_to(existing)
    else:
        raise SetupError(
            f"{python()} has neither ensurepip nor pip, and there is no uv on PATH. Install one of them "
            "(Debian and Ubuntu: `apt-get install python3-venv`). Then run `make setup` again."
        )


def pinned_uv() -> str:
    """`uv==<version>`, from the requirements."""
    pinned = re.search(r"^uv==\S+", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE)
    if pinned is None:
        raise SetupError("requirements-dev.txt names no version of uv. Run `git checkout requirements-dev.txt`.")
    return pinned[0]


def make_venv() -> None:
    make_environment(VENV, "requirements-dev.txt")


def make_cloud() -> None:
    make_environment(CLOUD_VENV, "local/requirements.txt")


def make_speech() -> None:
    make_environment(SPEECH_VENV, "simulators/speech/requirements.txt")


def make_older_urllib3() -> None:
    """A folder to put before all others on the path."""
    shutil.rmtree(OLDER_URLLIB3, ignore_errors=True)
    requirements = ROOT / "tests" / "rigs" / "older_urllib3.txt"
    uv("pip", "install", *QUIET, "--python", VENV / "bin" / "python", "--target", OLDER_URLLIB3, "-r", requirements)


def make_environment(folder: Path, requirements: str) -> None:
    """A virtual environment with exactly the packages of the requirements."""
    interpreter = folder / "bin" / "python"
    if (version_of(interpreter) or (0,)) != version_of(python()):
        uv("venv", *QUIET, "--clear", "--no-python-downloads", "--python", python(), folder)
    uv("pip", "sync", *QUIET, "--python", interpreter, requirements)


def make_project() -> None:
    """Editable: the code that runs is the code in this folder."""
    uv("pip", "install", *QUIET, "--python", VENV / "bin" / "python", "--no-deps", "--editable", ".")


def make_cdk() -> None:
    run(["npm", "ci", "--no-progress", "--loglevel=error"], advice=NETWORK_ADVICE.replace("pip", "npm"))


def uv(*arguments: str | Path) -> None:
    run([UV_VENV / "bin" / "uv", *arguments], advice=NETWORK_ADVICE)


if __name__ == "__main__":
    sys.exit(main())
