"""`app.py` as the CDK command line runs it, on a machine that has Python and Node and nothing else: no Docker, no
credentials.

One real synthesis, with everything bundled, is what most of these tests look into.
"""

import importlib.util
import json
import marshal
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

import pytest

from infra.bundling import (
    FROM_NPM,
    LAYERS,
    NODE_MODULES,
    SHARED,
    BundlingError,
    Target,
    bundle_function,
    function_files,
    npm_files,
    requirements_files,
)
from kairan.contract import folder_of
from tests.infra.deployed import Deployed, short, synthesised
from tools.run import environment

ROOT = Path(__file__).parents[2]
RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
"""The functions are bundled for the Python of the tests, so that it can read their bytecode."""
CHECKED_BY_NOTHING = 0b01
"""PEP 552: by hash, and the source is never looked at."""
JSII_CACHE = Path.home() / ".cache" / "aws" / "jsii" / "package-cache"
"""Where the CDK's modules are unpacked already: ten seconds less."""
EARLIEST_IN_ZIP = (1980, 1, 1, 0, 0, 0)


def app(context: Mapping[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `app.py` with next to no environment: only where uv looks for packages is taken over."""
    tools = folder / "bin"
    tools.mkdir()
    node = shutil.which("node", path=str(Path(sys.executable).parent))
    assert node is not None
    (tools / "node").symlink_to(node)
    uv = {name: value for name, value in environment().items() if name.startswith(("UV_", "SSL_CERT_"))}
    cache = subprocess.run([sys.executable, "-m", "uv", "cache", "dir"], capture_output=True, text=True, check=True)
    return subprocess.run(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=uv
        | {
            "PATH": str(tools),
            "HOME": str(folder),
            "UV_CACHE_DIR": cache.stdout.strip(),
            "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(JSII_CACHE),
            "CDK_OUTDIR": str(folder / "out"),
            "CDK_CONTEXT_JSON": json.dumps(context),
        },
        capture_output=True,
        text=True,
        check=False,
    )


@dataclass(frozen=True)
class Assembly:
    """What a synthesis wrote."""

    folder: Path
    stack: Deployed

    def function(self, name: str) -> Path:
        return self._asset(self.stack.functions[name]["Code"])

    def layer(self, name: str) -> Path:
        return self._asset(self.stack.all("Lambda::LayerVersion")[f"Layers{name}"]["Content"])

    def assets(self) -> list[Path]:
        return [
            *map(self.function, self.stack.functions),
            *(self.layer(short(name).removeprefix("Layers")) for name in self.stack.all("Lambda::LayerVersion")),
        ]

    def _asset(self, code: Mapping[str, str]) -> Path:
        return self.folder / f"asset.{code['S3Key'].removesuffix('.zip')}"


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    folder = tmp_path_factory.mktemp("synth")
    done = app({"python_version": RUNNING, "@aws-cdk/aws-iam:minimizePolicies": True}, folder)
    assert done.returncode == 0, done.stderr
    template = json.loads((folder / "out" / "kairan.template.json").read_text(encoding="utf-8"))
    return Assembly(folder / "out", Deployed(template))


def test_the_template_needs_no_account_and_no_region_to_be_known(assembly: Assembly) -> None:
    manifest = json.loads((assembly.folder / "manifest.json").read_text(encoding="utf-8"))

    stacks = [each for each in manifest["artifacts"].values() if each["type"] == "aws:cloudformation:stack"]
    assert [stack["environment"] for stack in stacks] == ["aws://unknown-account/unknown-region"]
    assert "missing" not in manifest


def test_a_function_is_its_folder_as_a_package_and_nothing_else(assembly: Assembly) -> None:
    for name in assembly.stack.functions:
        (package,) = assembly.function(name).iterdir()
        assert package.name == folder_of(name)
        assert {path.name for path in package.glob("*.py")} == {
            path.name for path in (ROOT / "lambdas" / folder_of(name)).glob("*.py")
        }


def test_the_pages_of_the_api_bring_what_a_browser_needs_and_its_licences(assembly: Assembly) -> None:
    pages = assembly.function("api") / "api" / "pages"
    redoc = NODE_MODULES / "redoc"

    assert (pages / "redoc.standalone.js").read_bytes() == (redoc / "bundles" / "redoc.standalone.js").read_bytes()
    assert "MIT License" in (pages / "redoc.LICENSE.txt").read_text(encoding="utf-8")
    assert "Licensed under" in (pages / "redoc.standalone.js.LICENSE.txt").read_text(encoding="utf-8")


def test_what_comes_from_npm_is_part_of_an_assets_name() -> None:
    files = dict(function_files("api"))

    assert files.keys() >= FROM_NPM["api"].keys()
    assert not files.keys() & {"pages/redoc.standalone.js.map"}
    assert dict(function_files("webhook")).keys() == {"app.py", "handler.py", "refusals.py"}


def test_what_npm_did_not_install_stops_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BundlingError, match=r"^The function api needs .*redoc\.standalone\.js, .*: run `make setup`$"):
        list(npm_files("api", tmp_path))


def test_npm_installs_what_is_used_and_nothing_that_it_was_made_of() -> None:
    """ReDoc's one file has all it needs inside. `npm update` would lock a hundred packages beside it: take them out
    again."""
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))

    assert lock["packages"].keys() == {"", "node_modules/aws-cdk", "node_modules/redoc"}
    for package in lock["packages"].values():
        assert not package.keys() & {"resolved", "dependencies", "peerDependencies"}
    assert lock["packages"][""]["devDependencies"] == json.loads((ROOT / "package.json").read_text())["devDependencies"]


def test_the_shared_layer_is_kairan(assembly: Assembly) -> None:
    (python,) = assembly.layer("Shared").iterdir()

    assert [path.name for path in python.iterdir()] == ["kairan"]
    assert python_files(python) == {f"kairan/{name}" for name in python_files(SHARED)}


@pytest.mark.parametrize(
    ("layer", "packages"),
    [("Powertools", {"aws_lambda_powertools"}), ("Dependencies", {"pydantic", "PIL", "python_multipart"})],
)
def test_a_layer_of_packages_holds_what_is_locked_for_it(assembly: Assembly, layer: str, packages: set[str]) -> None:
    locked = (LAYERS / layer.lower() / "requirements.txt").read_text(encoding="utf-8").splitlines()
    python = assembly.layer(layer) / "python"

    names = {line.split("==")[0].strip().lower().replace("-", "_") for line in locked if "==" in line}
    installed = {path.name.split("-")[0].lower() for path in python.glob("*.dist-info")}
    assert installed == names
    assert packages <= {path.name for path in python.iterdir()}
    assert not (python / "bin").exists()


def test_the_layers_run_on_the_processor_that_was_asked_for(assembly: Assembly) -> None:
    """In an ELF file's header, bytes 18 and 19 name the machine: 0xB7 is AArch64."""
    compiled = list((assembly.layer("Dependencies") / "python").rglob("*.so"))

    assert compiled
    assert {path.read_bytes()[18:20] for path in compiled} == {b"\xb7\x00"}


def python_files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}


# bytecode


def bytecode(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in sorted(folder.rglob("*.py")):
        yield path, Path(importlib.util.cache_from_source(path)).read_bytes()


def test_every_module_has_bytecode_of_the_target_version_that_nothing_makes_stale(assembly: Assembly) -> None:
    seen = 0
    for asset in assembly.assets():
        for source, compiled in bytecode(asset):
            seen += 1
            assert compiled[:4] == importlib.util.MAGIC_NUMBER, source
            assert int.from_bytes(compiled[4:8], "little") == CHECKED_BY_NOTHING, source
            assert compiled[8:16] == importlib.util.source_hash(source.read_bytes()), source
    assert seen > 400


@pytest.mark.parametrize(("part", "runs_in"), [("webhook", "/var/task"), ("Shared", "/opt"), ("Powertools", "/opt")])
def test_tracebacks_name_files_where_they_are_in_lambda(assembly: Assembly, part: str, runs_in: str) -> None:
    folder = assembly.function(part) if part == "webhook" else assembly.layer(part)
    for source, compiled in bytecode(folder):
        code = marshal.loads(compiled[16:])
        assert isinstance(code, CodeType)
        assert code.co_filename == f"{runs_in}/{source.relative_to(folder).as_posix()}"


def in_lambda(parts: Mapping[str, Path], folder: Path) -> list[str]:
    """Zip each part as the CDK does, unpack it as Lambda does: every file is of 1980. Answers where to import from."""
    for name, part in parts.items():
        archive = folder / f"{name}.zip"
        with zipfile.ZipFile(archive, "w") as zipped:
            for path in sorted(part.rglob("*")):
                if path.is_file():
                    entry = zipfile.ZipInfo(path.relative_to(part).as_posix(), EARLIEST_IN_ZIP)
                    zipped.writestr(entry, path.read_bytes())
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(folder / name)
        for path in (folder / name).rglob("*"):
            os.utime(path, (315532800, 315532800))
    return [str(folder / "task"), *(str(folder / name / "python") for name in parts if name != "task")]


def test_code_unpacked_from_a_zip_of_1980_runs_from_its_bytecode(assembly: Assembly, tmp_path: Path) -> None:
    """Proved by sources that would not even compile. The imports are the test."""
    parts = {
        "task": assembly.function("webhook"),
        "shared": assembly.layer("Shared"),
        "powertools": assembly.layer("Powertools"),
    }
    paths = in_lambda(parts, tmp_path)
    for path in tmp_path.rglob("*.py"):
        path.write_text("this was compiled again")
    code = (
        f"import sys; sys.path[:0] = {paths!r}\n"
        "import webhook.app, kairan.observability, aws_lambda_powertools; print(webhook.app.__file__)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"POWERTOOLS_SERVICE_NAME": "kairan", "POWERTOOLS_METRICS_NAMESPACE": "Kairan"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "task" / "webhook" / "app.py")


# hashes


def test_a_second_synthesis_finds_its_assets_by_name_and_bundles_nothing(assembly: Assembly) -> None:
    """A name is a hash of what goes in, the same in another process and another folder."""
    again = Assembly(assembly.folder, synthesised({"python_version": RUNNING}))

    assert again.assets() == assembly.assets()
    assert all(path.is_dir() for path in again.assets())


def test_bundling_again_makes_the_same_files(assembly: Assembly, tmp_path: Path) -> None:
    bundle_function("webhook", tmp_path, Target(RUNNING, "arm64"))

    assert contents(tmp_path) == contents(assembly.function("webhook"))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_another_file_another_python_or_another_processor_make_another_asset() -> None:
    here = Target(RUNNING, "arm64")
    files = [("app.py", b"a"), ("handler.py", b"b")]

    assert here.fingerprint(files) == here.fingerprint(reversed(files))
    assert here.fingerprint(files) != here.fingerprint([("app.py", b"a"), ("handler.py", b"c")])
    assert here.fingerprint(files) != here.fingerprint([("app.py", b"a"), ("handler2.py", b"b")])
    assert here.fingerprint(files) != here.fingerprint([("app.py", b"ahandler.pyb")])
    assert here.fingerprint(files) != Target("2.7", "arm64").fingerprint(files)
    for layer in ("powertools", "dependencies"):
        there = Target(RUNNING, "x86_64")
        assert here.fingerprint(requirements_files(layer, here)) != there.fingerprint(requirements_files(layer, there))


def test_without_a_python_of_the_target_version_code_goes_without_bytecode_and_that_is_said(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    bundle_function("webhook", tmp_path, Target("9.9", "arm64"))

    assert sorted(contents(tmp_path)) == ["webhook/app.py", "webhook/handler.py", "webhook/refusals.py"]
    assert "Python 9.9 was not found" in capfd.readouterr().err


# a wrong setting


def test_a_wrong_setting_stops_the_synthesis_with_one_sentence(tmp_path: Path) -> None:
    done = app({"push_per_second": "fast"}, tmp_path)

    assert done.returncode == 1
    assert done.stderr == "Kairan: push_per_second is 'fast', but must be a whole number from 1 to 2000.\n"
    assert done.stdout == ""
    assert not (tmp_path / "out" / "kairan.template.json").exists()
