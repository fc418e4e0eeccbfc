"""The folders of the project's tools, and the environment they run in.

`python -m tools.run cdk synth` runs a tool as `make` does. Standard library only, because `tools.install` imports it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tools import pip_settings

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".local" / "tools"
VENV = ROOT / ".venv"
NODE_MODULES = ROOT / "node_modules"
CLOUD_VENV = TOOLS / "cloud"
SPEECH_VENV = TOOLS / "speech"
OLDER_URLLIB3 = TOOLS / "older-urllib3"
UV_VENV = TOOLS / "uv"


def environment() -> dict[str, str]:
    """The caller's environment, with the project's own tools first on PATH, and pip's settings for uv.

    The caller's own settings for uv win. Python may keep its compiled files: compiling the CDK's modules takes seconds.
    """
    settings = pip_settings.of_first([UV_VENV / "bin" / "python", sys.executable, "python3"])
    folders = [VENV / "bin", NODE_MODULES / ".bin", UV_VENV / "bin"]
    return {
        **pip_settings.as_uv_variables(settings),
        "UV_PYTHON_DOWNLOADS": "never",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        "PATH": os.pathsep.join([*map(str, folders), os.environ.get("PATH", os.defpath)]),
    }


def run(command: list[str]) -> None:
    """Replaces this process by the command."""
    variables = environment()
    os.execvpe(command[0], command, variables)


if __name__ == "__main__":
    run(sys.argv[1:])
