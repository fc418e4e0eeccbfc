"""The CDK is imported here first, with the project's own Node: the process that runs it starts with the import and
stays."""

import os
import sys
from pathlib import Path

import pytest

with pytest.MonkeyPatch.context() as patch:
    patch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]))
    import aws_cdk  # noqa: F401

from tests.infra.deployed import Deployed, deployed


@pytest.fixture(scope="session")
def default() -> Deployed:
    """The stack as `cdk.json` has it."""
    return deployed("default")
