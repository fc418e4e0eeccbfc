"""Unit tests open no sockets and read no AWS configuration of this machine."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_socket import disable_socket

from kairan.observability import logger, metrics


@pytest.fixture(autouse=True)
def _no_sockets() -> None:
    disable_socket(allow_unix_socket=True)


@pytest.fixture
def counted() -> Iterator[Callable[[str], int]]:
    """How much was added to a metric in this test."""
    metrics.clear_metrics()
    yield lambda name: int(sum(metrics.metric_set.get(name, {"Value": []})["Value"]))
    metrics.clear_metrics()


@pytest.fixture
def logged() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """The lines that were logged in this test, as they leave the function."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logger.registered_formatter)
    ours = logging.getLogger(logger.name)
    ours.addHandler(handler)
    yield lambda: [json.loads(line) for line in lines.getvalue().splitlines()]
    ours.removeHandler(handler)
