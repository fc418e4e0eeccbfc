"""Programs are ended by process id, and strangers never."""

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from local.place import Place
from local.processes import Interrupted, Program, began_at, end_in_order, start, uninterrupted
from local.record import Record, load
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


def test_one_that_does_not_listen_is_ended_with_all_it_started(tmp_path: Path) -> None:
    program = run(STUBBORN, tmp_path)
    eventually(lambda: (tmp_path / "log").read_text().endswith("\n"), "it did not start its child")
    child = int((tmp_path / "log").read_text())

    program.stop(patience_s=0.2)

    assert not program.is_alive()
    eventually(lambda: began_at(child) is None, "its child is still there")


def test_a_stranger_with_the_same_process_id_is_left_alone(tmp_path: Path) -> None:
    program = run("import time; time.sleep(60)", tmp_path)
    before_it = replace(program, began="another moment")

    before_it.stop(patience_s=0)

    assert not before_it.is_alive()
    assert program.is_alive()
    program.stop(patience_s=10)


def test_an_interruption_waits_for_what_must_not_be_done_by_halves() -> None:
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


def test_a_record_is_read_as_it_was_saved_and_by_its_owner_only(tmp_path: Path) -> None:
    place = Place(tmp_path)
    saved = Record(4910, "https://line.example", keep=True).with_program(Program("aws", 1, "then")).save(place)

    assert load(place) == saved
    assert place.record.stat().st_mode & 0o777 == 0o600
    assert load(Place(tmp_path / "elsewhere")) is None
