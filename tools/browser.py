"""The browser of the tests and the pictures: Debian's chromium, driven by playwright.

`python -m tools.browser` installs it with apt if it is missing; `make test` runs that first. When apt cannot install
it, the command succeeds all the same. The browser tests are then skipped, with the reason that `missing` returns.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
FONTS = ("fonts-noto-cjk", "fonts-noto-color-emoji")
"""The pictures in the docs need these fonts. Tests look at the document, so they need none."""
APT = ("apt-get", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::https::Timeout=20")
"""These options make it give up soon without a network."""
APT_TIMEOUT_S = 240


def chromium() -> str | None:
    """Its path, or None when it is not installed."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def missing() -> str | None:
    """Why there is no browser. None when there is one."""
    if chromium():
        return None
    return f"chromium is not installed, and {_no_apt() or '`make browser` did not install it'}"


@contextmanager
def opened() -> Iterator[Browser]:
    """Raises RuntimeError when there is no browser."""
    from playwright.sync_api import sync_playwright  # not needed to install the browser

    if (reason := missing()) is not None:
        raise RuntimeError(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.browser", description="Install the browser of the tests.")
    parser.add_argument("--fonts", action="store_true", help="and fonts for Japanese and emoji")
    packages = _wanted(fonts=parser.parse_args().fonts)
    if not packages:
        return 0
    if reason := _no_apt():
        _print(f"No browser: {' '.join(packages)} is not installed, and {reason}. Tests that need it are skipped.")
        return 0
    _print(f"Installing {' '.join(packages)} with apt")
    for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *packages]):
        if not _apt(command):
            _print("apt failed (see above). Tests that need a browser are skipped.")
            return 0
    return 0


def _wanted(*, fonts: bool) -> list[str]:
    wanted = [] if chromium() else ["chromium"]
    if fonts:
        wanted += [name for name in FONTS if not _is_installed(name)]
    return wanted


def _is_installed(package: str) -> bool:
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    if shutil.which("dpkg-query") is None:
        return False
    return subprocess.run(query, capture_output=True, text=True, check=False).stdout == "installed"


def _no_apt() -> str | None:
    """Why apt cannot install anything. None when it can."""
    if shutil.which("apt-get") is None:
        return "there is no apt here"
    if os.geteuid() != 0:
        return "apt needs root: run `sudo apt-get install chromium`"
    return None


def _apt(arguments: list[str]) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = [*APT, *arguments]
    try:
        ran = subprocess.run(command, env=environment, check=False, timeout=APT_TIMEOUT_S, stdout=sys.stderr)
    except subprocess.TimeoutExpired:
        _print(f"`apt-get {' '.join(arguments)}` took longer than {APT_TIMEOUT_S} s")
        return False
    return ran.returncode == 0


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
