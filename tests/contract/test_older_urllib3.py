"""What speaks HTTP works with the older urllib3 too: Lambda's runtimes decide which one there is."""

import os
import subprocess
import sys

import pytest

from benchmarks.lambda_environment import ENVIRONMENTS, LAMBDA
from kairan.contract import folder_of
from tools.run import OLDER_URLLIB3, ROOT

PATHS = os.pathsep.join(map(str, (OLDER_URLLIB3, ROOT, ROOT / "lambdas")))
ADAPTERS = ["test_line_http", "test_speech_engines", "test_targets", "test_api_checks", "test_credentials_of_a_sender"]


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment, "PYTHONPATH": PATHS},
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_is_the_older_one() -> None:
    assert python("-c", "import urllib3; print(urllib3.__version__)").stdout.startswith("1.26.")


@pytest.mark.parametrize("adapter", ADAPTERS)
def test_an_adapter_keeps_its_contract(adapter: str) -> None:
    done = python("-m", "pytest", "-q", "-p", "no:xdist", f"tests/contract/{adapter}.py")

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("function", [*ENVIRONMENTS, "sample_media"])
def test_a_function_starts(function: str) -> None:
    done = python("-c", f"import {folder_of(function)}.handler", **LAMBDA, **ENVIRONMENTS.get(function, {}))

    assert done.returncode == 0, done.stderr
