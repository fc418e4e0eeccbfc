"""Passes this machine's pip settings on to uv, which does not read them.

A machine that reaches packages through its own index has that index in `pip.conf` or in `PIP_…` variables. uv gets
the same settings in `UV_…` variables, for one command. So the project's files say nothing about the machine.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

SECTIONS = ("global", "install", ":env:")
"""The sections of pip's settings, the strongest last."""


def of_first(pythons: Iterable[Path | str]) -> dict[str, str]:
    """The settings of the first of these interpreters that has a pip, by name."""
    for python in pythons:
        if (settings := of(python)) is not None:
            return settings
    return {}


def of(python: Path | str) -> dict[str, str] | None:
    """None when it has no pip, or does not run."""
    if not shutil.which(python):
        return None
    listed = subprocess.run(
        [str(python), "-m", "pip", "--disable-pip-version-check", "config", "list"],
        capture_output=True,
        text=True,
        check=False,
    )
    return parse(listed.stdout) if listed.returncode == 0 else None


def parse(listing: str) -> dict[str, str]:
    """From the output of `pip config list`: lines of `section.name='value'`."""
    by_section: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in listing.splitlines():
        key, separator, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if separator and section in by_section:
            by_section[section][name] = str(ast.literal_eval(value))
    return {name: value for section in SECTIONS for name, value in by_section[section].items()}


def as_uv_variables(settings: Mapping[str, str]) -> dict[str, str]:
    """The `UV_…` variables that make uv look where pip would."""
    variables = {}
    if index := settings.get("index-url"):
        variables["UV_DEFAULT_INDEX"] = index
    if extra := settings.get("extra-index-url"):
        variables["UV_INDEX"] = " ".join(extra.split())
        # pip looks into all its indexes; uv by default stops at the first that has the package
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if links := settings.get("find-links"):
        variables["UV_FIND_LINKS"] = ",".join(links.split())
    if hosts := settings.get("trusted-host"):
        variables["UV_INSECURE_HOST"] = " ".join(hosts.split())
    if timeout := settings.get("default-timeout") or settings.get("timeout"):
        variables["UV_HTTP_TIMEOUT"] = timeout
    if certificates := settings.get("cert"):
        variables["SSL_CERT_FILE"] = certificates
    if proxy := settings.get("proxy"):
        variables["ALL_PROXY"] = proxy
    return variables
