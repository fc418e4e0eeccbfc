"""Waiting for a program that has just started."""

from pathlib import Path

from cli.errors import CommandError
from local.log_files import tail
from local.processes import Program
from local.waiting import until
from tools.loopback import answers


def wait_until_ready(program: Program, url: str, *, log: Path, says: str) -> None:
    """Waits until the program's log says that it has its port, and the program answers there.

    The log comes first, because another program may have taken the port. Raises CommandError when the program ends or
    takes too long.
    """

    def is_ready() -> bool:
        if not program.is_alive():
            raise CommandError(
                f"The program `{program.name}` ended by itself:\n{tail(log)}", fix=f"Its whole log is {log}."
            )
        return says in log.read_text(encoding="utf-8", errors="replace") and answers(url)

    until(is_ready, what=f"`{program.name}` does not answer at {url}", timeout_s=60)
