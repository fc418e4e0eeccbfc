import pytest

from tests.rigs.push_service import PushServiceRig


@pytest.fixture
def service() -> PushServiceRig:
    return PushServiceRig()
