"""Programs are ended by process id, and other processes never are."""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from local.processes import Interrupted, Program, began_at, end_in_order, start, uninterrupted
from local.record import Record, load
from local.state_dir import StateDir
from tests.local.cloud import eventually

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


def run(code: str, tmp_path: Path) -> Program:
    return start("test", [sys.executable, "-c", code], environment={}, folder=tmp_path, log=tmp_path / "log")


def test_a_program_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    program = run("import time; time.sleep(60)", tmp_path)
    assert program.is_alive()

    program.stop(patience_s=10)

    assert not program.is_alive()


def test_a_program_that_ignores_the_signal_is_killed_with_all_it_started(tmp_path: Path) -> None:
    program = run(STUBBORN, tmp_path)
    eventually(lambda: (tmp_path / "log").read_text().endswith("\n"), "it did not start its child")
    child = int((tmp_path / "log").read_text())

    program.stop(patience_s=0.2)

    assert not program.is_alive()
    eventually(lambda: began_at(child) is None, "its child is still there")


def test_another_process_with_the_same_id_is_left_alone(tmp_path: Path) -> None:
    program = run("import time; time.sleep(60)", tmp_path)
    earlier = replace(program, began="another moment")

    earlier.stop(patience_s=0)

    assert not earlier.is_alive()
    assert program.is_alive()
    program.stop(patience_s=10)


def test_an_interruption_waits_until_an_uninterrupted_block_has_ended() -> None:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    done = []

    def do() -> None:
        with uninterrupted():
            with uninterrupted():
                os.kill(os.getpid(), signal.SIGTERM)
            done.append("all of it")

    try:
        end_in_order()
        with pytest.raises(Interrupted):
            do()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)

    assert done == ["all of it"]


def test_a_record_is_loaded_as_it_was_saved_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    state_dir = StateDir(tmp_path)
    saved = Record(4910, "https://line.example", keep=True).with_program(Program("aws", 1, "then")).save(state_dir)

    assert load(state_dir) == saved
    assert state_dir.record.stat().st_mode & 0o777 == 0o600
    assert load(StateDir(tmp_path / "elsewhere")) is None
