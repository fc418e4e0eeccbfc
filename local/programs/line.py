"""The simulated LINE platform as a program of the local cloud."""

import os
from pathlib import Path

from kairan.messengers.line.secret import LineCredentials
from local import processes
from local.ports import Ports
from local.processes import Program
from local.programs import readiness
from local.state_dir import StateDir
from tools.run import ROOT, VENV

NAME = "line"


def start(state_dir: StateDir, ports: Ports, credentials: LineCredentials) -> Program:
    environment = {
        "PATH": os.pathsep.join([str(VENV / "bin"), os.defpath]),
        "HOME": str(Path.home()),
        "LANG": "C.UTF-8",
        "LINE_CHANNEL_ID": credentials.channel_id or "",
        "LINE_CHANNEL_SECRET": credentials.channel_secret or "",
        "LINE_CHANNEL_ACCESS_TOKEN": credentials.channel_access_token or "",
    }
    command: list[str | Path] = [VENV / "bin" / "python", "-m", "simulators.line", "--port", str(ports.line)]
    return processes.start(NAME, command, environment=environment, folder=ROOT, log=state_dir.log(NAME))


def wait_until_ready(program: Program, state_dir: StateDir, ports: Ports) -> None:
    health = f"{ports.line_url}/_sim/health"
    readiness.wait_until_ready(program, health, log=state_dir.log(NAME), says=f"ready at {ports.line_url}")
