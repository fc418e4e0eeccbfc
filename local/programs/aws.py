"""AWS on this machine: ministack, which runs the functions in processes of its own Python.

The functions inherit its environment, so it starts with a clean one: variables of the user's shell must not change
how the functions behave.
"""

import json
import os
import subprocess
from functools import cache
from pathlib import Path

from cli.errors import CommandError
from local import processes
from local.ports import LOOPBACK, Ports
from local.processes import Program
from local.programs import readiness
from local.state_dir import StateDir
from tools.run import CLOUD_VENV

NAME = "aws"
REGION = "us-east-1"
ACCOUNT = "000000000000"


def start(state_dir: StateDir, ports: Ports, *, keep: bool) -> Program:
    environment = {
        "PATH": os.pathsep.join([str(CLOUD_VENV / "bin"), os.defpath]),
        "HOME": str(Path.home()),
        "LANG": "C.UTF-8",
        "TMPDIR": str(state_dir.scratch),
        "GATEWAY_PORT": str(ports.aws),
        "BIND_HOST": LOOPBACK,
        "MINISTACK_HOST": LOOPBACK,
        # services that would listen on ports of their own
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
    if keep:
        _refuse_other_ports(state_dir, ports)
        environment |= {
            "PERSIST_STATE": "1",
            "STATE_DIR": str(state_dir.kept_data / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(state_dir.kept_data / "s3"),
        }
    program = _installed("ministack")
    return processes.start(NAME, [program], environment=environment, folder=state_dir.scratch, log=state_dir.log(NAME))


def wait_until_ready(program: Program, state_dir: StateDir, ports: Ports) -> None:
    health = f"{ports.aws_url}/_ministack/health"
    readiness.wait_until_ready(program, health, log=state_dir.log(NAME), says=f"Running on {ports.aws_url}")


@cache
def python_version() -> str:
    """The version of the emulator's Python, `3.13`. It runs all functions, and ignores the runtime that they name."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    command = [str(_installed("python")), "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _installed(program: str) -> Path:
    path = CLOUD_VENV / "bin" / program
    if not path.exists():
        raise CommandError("The AWS emulator is not installed.", fix="Run `make setup`.")
    return path


def _refuse_other_ports(state_dir: StateDir, ports: Ports) -> None:
    """Kept data hold the addresses of queues, so they work only on the ports on which they were made."""
    note = state_dir.kept_data / "ports.json"
    if not note.exists():
        note.write_text(json.dumps({"port_base": ports.base}))
    elif (base := json.loads(note.read_text())["port_base"]) != ports.base:
        raise CommandError(
            f"The data in {state_dir.kept_data} belong to port base {base}.",
            fix=f"Use --port-base {base}, or remove that folder to start without them.",
        )
