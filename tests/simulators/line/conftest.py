from collections.abc import Iterator

import pytest

from tests.simulators.line.simulation import Simulation


@pytest.fixture
def sim() -> Iterator[Simulation]:
    simulation = Simulation()
    yield simulation
    simulation.close()
