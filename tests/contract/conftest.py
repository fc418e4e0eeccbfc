"""Contract tests run the real adapters against moto, in this process."""

from collections.abc import Iterator

import pytest
from moto import mock_aws

from kairan import aws


@pytest.fixture
def fresh_clients() -> Iterator[None]:
    """No client outlives its test, or is older than it."""
    aws.forget_clients()
    yield
    aws.forget_clients()


@pytest.fixture
def moto(fresh_clients: None) -> Iterator[None]:
    with mock_aws():
        yield
