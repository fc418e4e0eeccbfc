"""A missing browser is installed when that is possible, and the command succeeds when it is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.run import ROOT

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="apt needs root")


def install(path: Path, *arguments: str) -> tuple[int, str]:
    """PATH holds only the programs that a test puts there."""
    command = [sys.executable, "-m", "tools.browser", *arguments]
    environment = {"PATH": str(path), "LANG": "C.UTF-8"}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return ran.returncode, ran.stdout


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_without_apt_it_says_so_and_succeeds(tmp_path: Path) -> None:
    code, output = install(tmp_path)

    assert code == 0
    assert output == (
        "No browser: chromium is not installed, and there is no apt here. Tests that need it are skipped.\n"
    )


@as_root
def test_an_apt_that_fails_is_no_failure(tmp_path: Path) -> None:
    program(tmp_path / "apt-get", "exit 100")

    code, output = install(tmp_path)

    assert code == 0
    assert output.endswith("Tests that need a browser are skipped.\n")


@as_root
def test_a_missing_browser_is_installed(tmp_path: Path) -> None:
    program(tmp_path / "apt-get", f'echo "$@" >> {tmp_path}/calls')
    program(tmp_path / "dpkg-query", "echo installed")

    code, _ = install(tmp_path)

    update, chromium = (tmp_path / "calls").read_text().splitlines()
    assert code == 0
    assert update.endswith("update -qq")
    assert chromium.endswith("install -qq -y --no-install-recommends chromium")


def test_an_installed_browser_is_left_alone(tmp_path: Path) -> None:
    for name in ("chromium", "apt-get"):
        program(tmp_path / name, "exit 1")

    assert install(tmp_path) == (0, "")
