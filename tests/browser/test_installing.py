"""Where there is no browser, one is installed if that is possible, and nothing fails if it is not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.run import ROOT

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="apt needs root")


def install(path: Path, *arguments: str) -> tuple[int, str]:
    """With nothing on PATH but what a test puts there."""
    command = [sys.executable, "-m", "tools.browser", *arguments]
    environment = {"PATH": str(path), "LANG": "C.UTF-8"}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    return ran.returncode, ran.stdout


def program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_without_apt_it_says_so_and_goes_on(tmp_path: Path) -> None:
    code, said = install(tmp_path)

    assert code == 0
    assert said == "No browser: chromium is not installed, and there is no apt here. What needs it is skipped.\n"


@as_root
def test_an_apt_that_fails_is_no_failure(tmp_path: Path) -> None:
    program(tmp_path / "apt-get", "exit 100")

    code, said = install(tmp_path)

    assert code == 0
    assert said.endswith("What needs a browser is skipped.\n")


@as_root
def test_what_is_missing_is_installed(tmp_path: Path) -> None:
    program(tmp_path / "apt-get", f'echo "$@" >> {tmp_path}/asked')
    program(tmp_path / "dpkg-query", "echo installed")

    code, _ = install(tmp_path)

    update, chromium = (tmp_path / "asked").read_text().splitlines()
    assert code == 0
    assert update.endswith("update -qq")
    assert chromium.endswith("install -qq -y --no-install-recommends chromium")


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    for name in ("chromium", "apt-get"):
        program(tmp_path / name, "exit 1")

    assert install(tmp_path) == (0, "")
