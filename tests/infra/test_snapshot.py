"""Every change of what is deployed shows itself in a diff (`pytest tests/infra/test_snapshot.py --snapshot-update`)."""

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.infra.deployed import Deployed

HASH = re.compile(r"\b[0-9a-f]{64}\b")


@pytest.fixture
def json_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def normalised(template: Any) -> Any:
    """Without the hashes of assets, which change with every line of code."""
    return json.loads(HASH.sub("<hash>", json.dumps(template)))


def test_the_default_template_is_the_one_that_was_looked_at(
    default: Deployed, json_snapshot: SnapshotAssertion
) -> None:
    assert normalised(default.template) == json_snapshot
