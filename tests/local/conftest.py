"""End to end on the local cloud. One cloud serves all tests that do not need one of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.local.cloud import Cloud, Running, free_port_base

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They share ports and two processors, so they keep to one worker of pytest-xdist, which looks at its marks next."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("local"))


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    cloud = Cloud(tmp_path_factory.mktemp("cloud"))
    cloud.up("--port-base", str(free_port_base()))
    yield Running(cloud)
    cloud.down()
