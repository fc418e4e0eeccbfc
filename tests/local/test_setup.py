"""What `make setup` decides, without installing anything."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools import install, pip_settings
from tools.install import Part
from tools.run import ROOT

LISTING = """\
:env:.find-links='/from/the/environment'
global.cert='/etc/ca.crt'
global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'
global.find-links='/from/a/file'
global.index-url='https://packages.example/simple'
install.timeout='20'
list.format='columns'
"""


def test_pip_settings_are_read_with_the_environment_first() -> None:
    assert pip_settings.parse(LISTING) == {
        "cert": "/etc/ca.crt",
        "extra-index-url": "https://one.example/simple\nhttps://two.example/simple",
        "find-links": "/from/the/environment",
        "index-url": "https://packages.example/simple",
        "timeout": "20",
    }


def test_uv_looks_for_packages_where_pip_does() -> None:
    assert pip_settings.as_uv_variables(pip_settings.parse(LISTING)) == {
        "UV_DEFAULT_INDEX": "https://packages.example/simple",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/from/the/environment",
        "UV_HTTP_TIMEOUT": "20",
        "SSL_CERT_FILE": "/etc/ca.crt",
    }


def test_a_machine_without_pip_settings_changes_nothing() -> None:
    assert pip_settings.as_uv_variables(pip_settings.parse("")) == {}


def test_a_python_that_does_not_run_has_no_version(tmp_path: Path) -> None:
    """pyenv puts a `python3.13` on PATH that fails unless that version was chosen."""
    shim = tmp_path / "python3.13"
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.13: command not found' >&2\nexit 127\n")
    shim.chmod(0o755)

    assert install.version_of(shim) is None
    assert install.version_of(tmp_path / "absent") is None
    assert install.version_of(Path(sys.executable)) == sys.version_info[:3]


def test_python_is_looked_for_on_path_then_in_pyenv_the_newest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pyenv = tmp_path / "pyenv"
    for version in ("3.13.2", "3.13.10", "3.12.9"):
        (pyenv / "versions" / version).mkdir(parents=True)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3.13").touch()
    monkeypatch.setenv("PATH", f"{tmp_path / 'empty'}:{tmp_path / 'bin'}")
    monkeypatch.setenv("PYENV_ROOT", str(pyenv))

    assert list(install.candidates()) == [
        tmp_path / "bin" / "python3.13",
        pyenv / "versions" / "3.13.10" / "bin" / "python3.13",
        pyenv / "versions" / "3.13.2" / "bin" / "python3.13",
    ]


def test_what_was_made_from_the_same_files_is_not_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "ROOT", tmp_path)
    requirements, folder = tmp_path / "requirements.txt", tmp_path / "made"
    requirements.write_text("one==1\n")
    made: list[str] = []

    def make() -> None:
        made.append(requirements.read_text())
        folder.mkdir(exist_ok=True)
        (folder / "proof").touch()

    part = Part("a part", folder, ("requirements.txt",), make, "proof")
    assert not part.is_current()
    part.bring_up_to_date()
    assert part.is_current()
    requirements.write_text("one==2\n")
    assert not part.is_current()
    part.bring_up_to_date()
    (folder / "proof").unlink()
    assert not part.is_current()
    assert made == ["one==1\n", "one==2\n"]


def test_a_part_whose_making_failed_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(install, "ROOT", tmp_path)
    (tmp_path / "requirements.txt").write_text("one==1\n")
    folder = tmp_path / "made"
    folder.mkdir()
    (folder / "proof").touch()

    def fail() -> None:
        raise install.SetupError("no network")

    part = Part("a part", folder, ("requirements.txt",), fail, "proof")
    (folder / install.STAMP).write_text(part.fingerprint())
    with pytest.raises(install.SetupError):
        part.bring_up_to_date()

    assert not part.is_current()


def test_a_second_setup_has_nothing_to_do_and_says_nothing() -> None:
    alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}

    def setup() -> subprocess.CompletedProcess[str]:
        """As from a shell, also when these tests run under make, which makes an inner one announce its folder."""
        return subprocess.run(
            ["make", "setup"], cwd=ROOT, env=alone, capture_output=True, text=True, check=True, timeout=250
        )

    first, again = setup(), setup()

    assert (again.stdout, again.stderr) == ("", ""), first.stdout
