"""The program's arguments."""

import pytest

from simulators.line.__main__ import arguments_of


def test_only_the_port_is_needed() -> None:
    arguments = arguments_of(["--port", "4800"])

    assert (arguments.host, arguments.port) == ("127.0.0.1", 4800)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--port", "0", "--host", "0.0.0.0"], "0.0.0.0 is no loopback address"),
        (["--port", "http"], "http is no port"),
        (["--port", "65536"], "65536 is no port"),
        ([], "--port"),
    ],
)
def test_wrong_arguments_are_named(given: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments_of(given)

    assert said in capsys.readouterr().err
