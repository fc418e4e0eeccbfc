"""Clients of AWS: made once, and failing in our own words."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from kairan import aws


@pytest.fixture(autouse=True)
def _fresh_clients() -> Iterator[None]:
    aws.forget_clients()
    yield
    aws.forget_clients()


def test_threads_that_begin_together_share_one_client() -> None:
    with ThreadPoolExecutor(8) as threads:
        clients = list(threads.map(lambda _: aws.client("sqs"), range(8)))

    assert len(set(map(id, clients))) == 1


def test_each_service_has_its_own_client() -> None:
    assert aws.client("sqs") is aws.client("sqs")
    assert aws.client("sqs").meta.service_model.service_name == "sqs"
    assert aws.client("s3").meta.service_model.service_name == "s3"
