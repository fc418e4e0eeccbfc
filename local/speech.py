"""The speech engine as a program of the local cloud."""

import os
from pathlib import Path

from cli.errors import CommandError
from local import processes
from local.emulator import wait_for
from local.place import Place, Ports
from local.processes import Program
from tools.run import ROOT, SPEECH_VENV

NAME = "speech"
SPEAKER = 888753760
"""The style that a caller gets who names none: one that the engine has, whatever voice is chosen for AWS."""


def start(place: Place, ports: Ports) -> Program:
    python = SPEECH_VENV / "bin" / "python"
    if not python.exists():
        raise CommandError("The speech engine is not installed.", fix="Run `make setup`.")
    environment = {
        "PATH": os.pathsep.join([str(SPEECH_VENV / "bin"), os.defpath]),
        "HOME": str(Path.home()),
        "LANG": "C.UTF-8",
    }
    command: list[str | Path] = [python, "-m", "simulators.speech", "--port", str(ports.speech)]
    return processes.start(NAME, command, environment=environment, folder=ROOT, log=place.logs / f"{NAME}.log")


def wait_until_ready(program: Program, place: Place, ports: Ports) -> None:
    log = place.logs / f"{NAME}.log"
    wait_for(program, f"{ports.speech_url}/version", says=f"ready at {ports.speech_url}", log=log)
