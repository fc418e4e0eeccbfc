"""AWS on this machine: ministack, which runs the functions in processes of its own Python.

The functions inherit its environment, so it gets a clean one: a variable of somebody's shell must not change how the
system behaves.
"""

import json
import os
import subprocess
from functools import cache
from pathlib import Path

from cli.errors import CommandError
from local import processes
from local.place import LOOPBACK, Place, Ports
from local.processes import Program
from local.waiting import until
from local.web import answers
from tools.run import CLOUD_VENV

NAME = "aws"
REGION = "us-east-1"
ACCOUNT = "000000000000"


def start(place: Place, ports: Ports, *, keep: bool) -> Program:
    environment = {
        "PATH": os.pathsep.join([str(CLOUD_VENV / "bin"), os.defpath]),
        "HOME": str(Path.home()),
        "LANG": "C.UTF-8",
        "TMPDIR": str(place.scratch),
        "GATEWAY_PORT": str(ports.aws),
        "BIND_HOST": LOOPBACK,
        "MINISTACK_HOST": LOOPBACK,
        # services that would listen on ports of their own
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
    }
    if keep:
        _belongs_to(place, ports)
        environment |= {
            "PERSIST_STATE": "1",
            "STATE_DIR": str(place.kept / "state"),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str(place.kept / "s3"),
        }
    program = CLOUD_VENV / "bin" / "ministack"
    if not program.exists():
        raise CommandError("The AWS emulator is not installed.", fix="Run `make setup`.")
    return processes.start(
        NAME, [program], environment=environment, folder=place.scratch, log=place.logs / f"{NAME}.log"
    )


def wait_until_ready(program: Program, place: Place, ports: Ports) -> None:
    log = place.logs / f"{NAME}.log"
    wait_for(program, f"{ports.aws_url}/_ministack/health", says=f"Running on {ports.aws_url}", log=log)


def wait_for(program: Program, url: str, *, says: str, log: Path) -> None:
    """Until the program has the port, as its log says, and answers there: somebody else may have been quicker.

    Raises CommandError when it ends instead, or takes too long.
    """

    def answered() -> bool:
        if not program.is_alive():
            raise CommandError(
                f"The program `{program.name}` ended by itself:\n{tail(log)}", fix=f"All it wrote is in {log}."
            )
        return says in log.read_text(encoding="utf-8", errors="replace") and answers(url)

    until(answered, what=f"`{program.name}` does not answer at {url}", timeout_s=60)


def tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


@cache
def python_version() -> str:
    """Of the emulator's Python, which runs the functions whatever runtime they name: `3.13`."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run(
        [str(CLOUD_VENV / "bin" / "python"), "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()


def _belongs_to(place: Place, ports: Ports) -> None:
    """Addresses of queues are part of the kept data, so those work on the ports they were made on only."""
    note = place.kept / "ports.json"
    if not note.exists():
        note.write_text(json.dumps({"port_base": ports.base}))
    elif (base := json.loads(note.read_text())["port_base"]) != ports.base:
        raise CommandError(
            f"The data kept in {place.kept} were made on port base {base}.",
            fix=f"Use --port-base {base}, or remove that folder to begin anew.",
        )
