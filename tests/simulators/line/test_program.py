"""The simulated platform as a program: its arguments, its log, and its end."""

import os
import signal
import socket
import sys
from collections.abc import Mapping

import pytest

from simulators.line.__main__ import arguments_of
from tests.rigs.programs import end_of, running, start
from tools.loopback import LoopbackSession

COMMAND = [sys.executable, "-m", "simulators.line", "--port"]
CREDENTIALS = {"LINE_CHANNEL_ID": "1", "LINE_CHANNEL_SECRET": "secret", "LINE_CHANNEL_ACCESS_TOKEN": "token"}


def environment(credentials: Mapping[str, str] = CREDENTIALS) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("LINE_")} | dict(credentials)


def test_only_the_port_is_needed() -> None:
    arguments = arguments_of(["--port", "4800"])

    assert (arguments.host, arguments.port) == ("127.0.0.1", 4800)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "0", "--host", "0.0.0.0"], "0.0.0.0 is not a loopback address"),
        (["--port", "http"], "http is not a port"),
        (["--port", "65536"], "65536 is not a port"),
        ([], "the following arguments are required: --port"),
    ],
)
def test_wrong_arguments_are_named(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments_of(arguments)

    assert message in capsys.readouterr().err


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_logs_that_it_is_ready_and_ends_on_a_signal(stop: signal.Signals) -> None:
    with running([*COMMAND, "0"], environment()) as (url, process), LoopbackSession() as session:
        health = session.get(f"{url}/_sim/health").json()
        process.send_signal(stop)
        end = end_of(process)

    assert health["channelId"] == "1"
    assert end == (0, "")


def test_a_busy_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with start([*COMMAND, str(port)], environment()) as process:
            end = end_of(process)

    assert end == (1, f"simulators.line: 127.0.0.1:{port} is in use; choose another port with --port\n")


def test_missing_credentials_are_generated_and_logged() -> None:
    with running([*COMMAND, "0"], environment({"LINE_CHANNEL_ID": "1"})) as (_, process):
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(2)]

    assert "LINE_CHANNEL_SECRET is not set" in lines[0]
    assert "LINE_CHANNEL_ACCESS_TOKEN is not set" in lines[1]


def test_it_ends_at_once_though_a_page_watches() -> None:
    with running([*COMMAND, "0"], environment()) as (url, process), LoopbackSession() as session:
        with session.get(f"{url}/_sim/events", stream=True) as watching:
            lines = watching.iter_lines(decode_unicode=True)
            assert next(lines).startswith("retry:")
            process.terminate()
            rest = [*lines]
        end = end_of(process)

    assert "event: snapshot" in rest
    assert end == (0, "")
