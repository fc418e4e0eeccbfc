"""End to end on the local cloud. All tests that do not need their own share one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.cloud import Cloud, Running, free_port_base


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    cloud = Cloud(tmp_path_factory.mktemp("cloud"))
    cloud.up("--port-base", str(free_port_base()))
    yield Running(cloud)
    cloud.down()


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    """A test's own cloud, not up yet. It goes down after the test, however the test ends."""
    cloud = Cloud(tmp_path / "cloud")
    yield cloud
    cloud.down()


@pytest.fixture
def line_as_before(running: Running) -> Iterator[None]:
    """The simulated platform has no failures and its own settings again after the test."""
    before = running.line.call("GET", "/settings")
    yield
    running.line.call("DELETE", "/faults")
    running.line.change_settings(**before)
