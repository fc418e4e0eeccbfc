"""End to end on the local cloud. One cloud serves all tests that do not need one of their own."""

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
    """One of a test's own, not up yet; down in the end, whatever the test did."""
    cloud = Cloud(tmp_path / "cloud")
    yield cloud
    cloud.down()
