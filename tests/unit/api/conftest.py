import pytest

from tests.unit.api.service import Service


@pytest.fixture
def service() -> Service:
    return Service()
