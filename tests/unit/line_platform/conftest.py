from collections.abc import Iterator

import pytest

from tests.unit.line_platform.simulation import Simulation


@pytest.fixture
def sim() -> Iterator[Simulation]:
    simulation = Simulation()
    yield simulation
    simulation.close()
