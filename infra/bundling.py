"""Builds the content of the assets: code with its bytecode, and the third-party layers. Needs no Docker and no CDK.

Lambda unpacks code with timestamps of 1980. Bytecode that is checked by timestamp would always be stale there, and
every cold start would compile every module again. So the assets carry bytecode that is not checked (`unchecked-hash`),
made by the Python version that runs it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
FUNCTIONS = ROOT / "lambdas"
SHARED = ROOT / "kairan"
LAYERS = ROOT / "layers"
NODE_MODULES = ROOT / "node_modules"
FROM_NPM = {
    "api": {
        "pages/redoc.standalone.js": "redoc/bundles/redoc.standalone.js",
        "pages/redoc.standalone.js.LICENSE.txt": "redoc/bundles/redoc.standalone.js.LICENSE.txt",
        "pages/redoc.LICENSE.txt": "redoc/LICENSE",
    }
}
"""Files of npm packages that a function needs: the path in the function's folder, and the path in `node_modules`."""
NOT_CODE = shutil.ignore_patterns("__pycache__", "*.pyc", ".*")
PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
"""The platforms of the layers' wheels. Amazon Linux 2023 has glibc 2.34."""


class BundlingError(Exception):
    """Says what failed. The program that failed has written its own reason to stderr."""


@dataclass(frozen=True)
class Target:
    """The platform that the code will run on: `python_version` like `3.13`, `architecture` `arm64` or `x86_64`."""

    python_version: str
    architecture: str

    def fingerprint(self, files: Iterable[tuple[str, bytes]]) -> str:
        """The same for the same files on any machine, but different when there will be no bytecode."""
        digest = hashlib.sha256(f"{self.python_version} {self.interpreter is not None}".encode())
        for name, content in [("bundling.py", Path(__file__).read_bytes()), *sorted(files)]:
            digest.update(f"\0{name}\0{len(content)}\0".encode() + content)
        return digest.hexdigest()

    @property
    def interpreter(self) -> str | None:
        return find_interpreter(self.python_version)


@cache
def find_interpreter(version: str) -> str | None:
    """A Python of that version: the running one, one on PATH, or one of pyenv's. Warns on stderr if there is none."""
    for candidate in _candidates(version):
        if _version_of(candidate) == version:
            return candidate
    sys.stderr.write(
        f"Python {version} was not found, so the functions have no bytecode and start more slowly: "
        f"install Python {version}, or change the setting python_version.\n"
    )
    return None


def _candidates(version: str) -> Iterator[str]:
    yield sys.executable
    if on_path := shutil.which(f"python{version}"):
        yield on_path
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for home in sorted(pyenv.glob(f"versions/{version}*"), reverse=True):
        yield str(home / "bin" / f"python{version}")


def _version_of(interpreter: str) -> str | None:
    """For example `3.13`. None for a program that does not run, such as pyenv's shim of an inactive version."""
    command = [interpreter, "-I", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def function_files(name: str) -> Iterator[tuple[str, bytes]]:
    """Raises BundlingError when a file of an npm package is not installed."""
    yield from _files(FUNCTIONS / name)
    for inside, path in npm_files(name):
        yield inside, path.read_bytes()


def bundle_function(name: str, output: Path, target: Target) -> None:
    """The folder `lambdas/<name>` as the package `<name>` in `output`, compiled for `/var/task`."""
    shutil.copytree(FUNCTIONS / name, output / name, ignore=NOT_CODE)
    for inside, path in npm_files(name):
        (output / name / inside).parent.mkdir(exist_ok=True)
        shutil.copyfile(path, output / name / inside)
    _compile(output, runs_in="/var/task", target=target)


def shared_files() -> Iterator[tuple[str, bytes]]:
    return _files(SHARED)


def bundle_shared(output: Path, target: Target) -> None:
    """The package `kairan` in `output/python`, compiled for `/opt`."""
    shutil.copytree(SHARED, output / "python" / SHARED.name, ignore=NOT_CODE)
    _compile(output / "python", runs_in="/opt/python", target=target)


def requirements_files(layer: str, target: Target) -> Iterator[tuple[str, bytes]]:
    yield PLATFORMS[target.architecture], (LAYERS / layer / "requirements.txt").read_bytes()


def bundle_requirements(layer: str, output: Path, target: Target) -> None:
    """The packages of `layers/<layer>/requirements.txt` for the target, in `output/python`, compiled for `/opt`."""
    packages = output / "python"
    command = [
        sys.executable, "-m", "uv", "pip", "install",
        "--quiet", "--no-deps", "--only-binary", ":all:", "--no-compile-bytecode", "--link-mode", "copy",
        "--no-python-downloads", "--python", sys.executable,
        "--python-platform", PLATFORMS[target.architecture], "--python-version", target.python_version,
        "--target", str(packages), "--requirements", str(LAYERS / layer / "requirements.txt"),
    ]  # fmt: skip
    _run(command, f"The layer {layer} could not be built: uv could not install {LAYERS / layer / 'requirements.txt'}")
    (packages / ".lock").unlink(missing_ok=True)
    shutil.rmtree(packages / "bin", ignore_errors=True)
    _compile(packages, runs_in="/opt/python", target=target)


def npm_files(name: str, node_modules: Path = NODE_MODULES) -> Iterator[tuple[str, Path]]:
    """The files of npm packages for a function: the path in its folder, and the file here."""
    for inside, source in FROM_NPM.get(name, {}).items():
        path = node_modules / source
        if not path.is_file():
            raise BundlingError(f"The function {name} needs {path}, which is missing: run `make setup`")
        yield inside, path


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file() and not NOT_CODE(str(path.parent), list(name.parts)):
            yield name.as_posix(), path.read_bytes()


def _compile(folder: Path, *, runs_in: str, target: Target) -> None:
    if target.interpreter is None:
        return
    command = [
        target.interpreter, "-I", "-m", "compileall",
        "-q", "--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", runs_in, str(folder),
    ]  # fmt: skip
    _run(command, f"{target.interpreter} could not compile the code for {runs_in}")


def _run(command: list[str], failure: str) -> None:
    if subprocess.run(command, stdout=sys.stderr, check=False).returncode != 0:  # noqa: S603
        raise BundlingError(failure)
