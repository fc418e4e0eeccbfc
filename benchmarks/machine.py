"""The machine that the figures were measured on."""

import os
import platform
from pathlib import Path

CPU_INFO = Path("/proc/cpuinfo")


def described() -> str:
    """`2 cores of Intel(R) Xeon(R) Processor, Linux x86_64, Python 3.13.0`"""
    cores = os.cpu_count() or 1
    system = f"{platform.system()} {platform.machine()}"
    return f"{cores} core{'s' * (cores > 1)} of {_processor()}, {system}, Python {platform.python_version()}"


def load() -> str:
    """How busy the machine was with all its programs: how many wanted to run, on average, in the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


def _processor() -> str:
    if CPU_INFO.exists():
        for line in CPU_INFO.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
