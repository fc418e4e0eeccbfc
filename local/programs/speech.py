"""The speech engine as a program of the local cloud."""

import os
from pathlib import Path

from cli.errors import CommandError
from local import processes
from local.ports import Ports
from local.processes import Program
from local.programs import readiness
from local.state_dir import StateDir
from tools.run import ROOT, SPEECH_VENV

NAME = "speech"
STYLE_ID = 888753760
"""The default style here. The settings may name a style for AWS that this engine does not have."""


def start(state_dir: StateDir, ports: Ports) -> Program:
    python = SPEECH_VENV / "bin" / "python"
    if not python.exists():
        raise CommandError("The speech engine is not installed.", fix="Run `make setup`.")
    environment = {
        "PATH": os.pathsep.join([str(SPEECH_VENV / "bin"), os.defpath]),
        "HOME": str(Path.home()),
        "LANG": "C.UTF-8",
    }
    command: list[str | Path] = [python, "-m", "simulators.speech", "--port", str(ports.speech)]
    return processes.start(NAME, command, environment=environment, folder=ROOT, log=state_dir.log(NAME))


def wait_until_ready(program: Program, state_dir: StateDir, ports: Ports) -> None:
    version = f"{ports.speech_url}/version"
    readiness.wait_until_ready(program, version, log=state_dir.log(NAME), says=f"ready at {ports.speech_url}")
