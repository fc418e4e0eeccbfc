"""Functions and layers as in Lambda: built as for a deployment, zipped with CDK's dates of 1980, and unpacked again.

Bytecode that is checked by its source's date is stale there, so only the bytecode that Lambda would use counts.
"""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement

from infra.bundling import Target, bundle_function, bundle_requirements, bundle_shared
from local.deployment import ARCHITECTURES

REFERENCES = Path(__file__).parent / "references"
DATE_OF_CDK = (1980, 1, 1, 0, 0, 0)
RUNTIME = "boto3"
"""Lambda has this package installed, with its dependencies: botocore, urllib3 …"""

LINE_BOT_SDK = "line-bot-sdk"
LAYERS = frozenset({"shared", "powertools", "dependencies", LINE_BOT_SDK})
LAYER_FOLDER = "python"


@dataclass(frozen=True)
class Unpacked:
    """Functions, layers and the runtime's own packages, unpacked below `root`."""

    root: Path

    def python_path(self, *assets: str) -> str:
        """`PYTHONPATH` in Lambda's order: the function, its layers, and last the runtime."""
        folders = [self.root / asset / (LAYER_FOLDER if asset in LAYERS else "") for asset in assets]
        return os.pathsep.join(map(str, [*folders, self.root / RUNTIME]))


def unpack(assets: Collection[str], root: Path) -> Unpacked:
    """Builds these functions (Kairan's or references) and layers. Unpacks them and the runtime's packages in `root`."""
    target = Target(f"{sys.version_info.major}.{sys.version_info.minor}", ARCHITECTURES[platform.machine().lower()])
    for name in {RUNTIME, *assets}:
        _unpack_as_in_lambda(partial(_build, name, target), root / name)
    return Unpacked(root)


def _build(asset: str, target: Target, output: Path) -> None:
    if asset == RUNTIME:
        _installed(RUNTIME, output)
    elif asset == LINE_BOT_SDK:
        _installed(LINE_BOT_SDK, output / LAYER_FOLDER)
    elif asset == "shared":
        bundle_shared(output, target)
    elif asset in LAYERS:
        bundle_requirements(asset, output, target)
    elif (REFERENCES / asset).exists():
        shutil.copytree(REFERENCES / asset, output / asset, ignore=shutil.ignore_patterns("__pycache__"))
        _compile(output)
    else:
        bundle_function(asset, output, target)


def _installed(distribution: str, output: Path) -> None:
    """Copies an installed distribution with its dependencies, and compiles it as the layers are compiled."""
    for name in _with_dependencies(distribution, set()):
        for file in importlib.metadata.files(name) or ():
            if file.suffix != ".pyc" and ".." not in file.parts:
                (output / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.locate(), output / file)
    _compile(output)


def _with_dependencies(name: str, collected: set[str]) -> set[str]:
    if name not in collected:
        collected.add(name)
        for requirement in map(Requirement, importlib.metadata.requires(name) or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                _with_dependencies(requirement.name, collected)
    return collected


def _compile(folder: Path) -> None:
    """Compiles as `infra.bundling` does, but ignores files for other Pythons, which some packages have."""
    options = ["-qq", "--invalidation-mode", "unchecked-hash", str(folder)]
    subprocess.run([sys.executable, "-I", "-W", "ignore", "-m", "compileall", *options], check=False)


def _unpack_as_in_lambda(build: Callable[[Path], None], folder: Path) -> None:
    date = datetime(*DATE_OF_CDK).timestamp()  # noqa: DTZ001  a zip's dates have no time zone
    with TemporaryDirectory() as scratch:
        built, archive = Path(scratch, "built"), Path(scratch, "asset.zip")
        built.mkdir()
        build(built)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as zipped:
            for path in sorted(built.rglob("*")):
                if path.is_file():
                    entry = zipfile.ZipInfo(path.relative_to(built).as_posix(), DATE_OF_CDK)
                    zipped.writestr(entry, path.read_bytes())
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(folder)
    for path in folder.rglob("*"):
        os.utime(path, (date, date))
