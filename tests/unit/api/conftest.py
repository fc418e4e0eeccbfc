import pytest

from tests.rigs.push_service import Service


@pytest.fixture
def service() -> Service:
    return Service()
