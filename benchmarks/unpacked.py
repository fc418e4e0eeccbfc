"""Functions and layers as Lambda finds them: built as for a deployment, zipped with CDK's dates of 1980, unpacked with those dates.

Bytecode that is checked against its source's date is stale there, so only what really travels with the code counts.
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
"""What Lambda has installed, beside its dependencies: botocore, urllib3 …"""

LINE_BOT_SDK = "line-bot-sdk"
LAYERS = frozenset({"shared", "powertools", "dependencies", LINE_BOT_SDK})
LAYER_FOLDER = "python"


@dataclass(frozen=True)
class Places:
    """Where functions, layers and the runtime's own packages were unpacked below `root`."""

    root: Path

    def python_path(self, *assets: str) -> str:
        """`PYTHONPATH` in the order in which Lambda looks: the function, its layers, and last the runtime."""
        folders = [self.root / asset / (LAYER_FOLDER if asset in LAYERS else "") for asset in assets]
        return os.pathsep.join(map(str, [*folders, self.root / RUNTIME]))


def unpack(assets: Collection[str], root: Path) -> Places:
    """Build these functions (Kairan's, or of the references) and layers, and unpack them and the runtime's packages below `root`."""
    target = Target(f"{sys.version_info.major}.{sys.version_info.minor}", ARCHITECTURES[platform.machine().lower()])
    for name in {RUNTIME, *assets}:
        _as_lambda_finds_it(partial(_build, name, target), root / name)
    return Places(root)


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
    """A distribution with all it depends on, as it is installed here, compiled as the layers are."""
    for name in _with_dependencies(distribution, set()):
        for file in importlib.metadata.files(name) or ():
            if file.suffix != ".pyc" and ".." not in file.parts:
                (output / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.locate(), output / file)
    _compile(output)


def _with_dependencies(name: str, known: set[str]) -> set[str]:
    if name not in known:
        known.add(name)
        for requirement in map(Requirement, importlib.metadata.requires(name) or ()):
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                _with_dependencies(requirement.name, known)
    return known


def _compile(folder: Path) -> None:
    """As `infra.bundling` does. Some packages carry files for other Pythons, which no Python of today compiles or imports."""
    options = ["-qq", "--invalidation-mode", "unchecked-hash", str(folder)]
    subprocess.run([sys.executable, "-I", "-W", "ignore", "-m", "compileall", *options], check=False)


def _as_lambda_finds_it(build: Callable[[Path], None], place: Path) -> None:
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
            zipped.extractall(place)
    for path in place.rglob("*"):
        os.utime(path, (date, date))
