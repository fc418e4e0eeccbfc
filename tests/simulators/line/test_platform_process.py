"""The simulated platform as a program: it says when it is ready, names a busy port, and ends when told to."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).parents[3]
CHANNEL = {"LINE_CHANNEL_ID": "1", "LINE_CHANNEL_SECRET": "secret", "LINE_CHANNEL_ACCESS_TOKEN": "token"}


def start(*arguments: str, channel: Mapping[str, str] = CHANNEL) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LINE_")}
    return subprocess.Popen(
        [sys.executable, "-m", "simulators.line", *arguments],
        cwd=ROOT,
        env={**environment, **channel},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_and_ends_when_told_to(stop: signal.Signals) -> None:
    with start("--port", "0") as process:
        assert process.stdout
        ready = process.stdout.readline()
        address = re.search(r"ready at (http://127\.0\.0\.1:\d+)", ready)
        assert address, ready
        with requests.Session() as session:
            health = session.get(f"{address[1]}/_sim/health", timeout=10).json()
            process.send_signal(stop)
            rest, _ = process.communicate(timeout=20)

    assert health["channelId"] == "1"
    assert (process.returncode, rest) == (0, "")


def test_a_busy_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with start("--port", str(port)) as process:
            said, _ = process.communicate(timeout=20)

    assert process.returncode == 1
    assert said == f"line_platform: 127.0.0.1:{port} is in use; choose another with --port\n"


def test_credentials_that_nobody_chose_are_made_up_and_told() -> None:
    with start("--port", "0", channel={"LINE_CHANNEL_ID": "1"}) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(3)]
        process.terminate()
        process.communicate(timeout=20)

    assert "LINE_CHANNEL_SECRET is not set" in lines[1]
    assert "LINE_CHANNEL_ACCESS_TOKEN is not set" in lines[2]


def test_it_ends_at_once_though_a_page_watches() -> None:
    with start("--port", "0") as process:
        assert process.stdout
        address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        assert address
        with requests.get(f"{address[0]}/_sim/events", stream=True, timeout=10) as watching:
            lines = watching.iter_lines(decode_unicode=True)
            assert next(lines).startswith("retry:")
            process.terminate()
            rest = [*lines]
        said, _ = process.communicate(timeout=20)

    assert "event: snapshot" in rest
    assert (process.returncode, said) == (0, "")
