"""Cold start as a fact: what each handler imports, in a Python of its own with its own environment."""

import json
import os
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from benchmarks.lambda_environment import ENVIRONMENTS, POWERTOOLS
from kairan.contract import MediaAccess, Sender, SpeechAccess, folder_of
from kairan.settings import names

ROOT = Path(__file__).parents[2]
BANNED = {
    "PIL",
    "aws_xray_sdk",
    "boto3",
    "jinja2",
    "lameenc",
    "linebot",
    "markdown_it",
    "multipart",
    "pydantic",
    "python_multipart",
    "requests",
    "rich",
    "yaml",
}
ENVIRONMENT = ENVIRONMENTS | {"sample_media": {}}
SOMETIMES = {"AUDIENCE_TABLE", "AIVIS_SPEECH_URL", "CAMPAIGN_SAMPLES"}
"""Not asked for by every setting of a function."""
PARTS_OF_SOME_SENDERS = {*names(MediaAccess), *names(SpeechAccess)}
NEEDED = {"api": {"pydantic"}}
"""Of what is heavy, what a function cannot begin without: every call of the push API is validated."""
MODULES_BESIDE_THE_FLOOR = {"webhook": 1.2, "inbox": 1.25, "api": 1.9, "sample_media": 1.2}
SENDERS_BESIDE_THE_FLOOR = 1.4
OTHERS_MODULES_BESIDE_THE_FLOOR = {"api": 1.65}
"""Of modules that are not ours. Ours are many and small, and cost little each."""
OURS = {"kairan", *(path.name for path in (ROOT / "lambdas").iterdir())}
ONE_CLIENT = "import hmac; from botocore.session import get_session; get_session().create_client('sqs')"
PRINT_MODULES = "; import json, sys; print(json.dumps(sorted(sys.modules)))"


def test_import_linter_knows_every_folder_of_lambdas() -> None:
    linted = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["root_packages"]

    assert {path.parent.name for path in (ROOT / "lambdas").glob("*/handler.py")} <= set(linted)


def test_every_folder_of_lambdas_is_measured() -> None:
    assert set(map(folder_of, ENVIRONMENT)) == {path.parent.name for path in (ROOT / "lambdas").glob("*/handler.py")}


def python(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(str(ROOT / part) for part in (".", "lambdas"))
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": paths, "AWS_DEFAULT_REGION": "us-east-1", **POWERTOOLS, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def modules(code: str, environment: dict[str, str]) -> frozenset[str]:
    done = python(code + PRINT_MODULES, environment)
    assert done.returncode == 0, done.stderr
    return frozenset(json.loads(done.stdout))


@cache
def loaded_by(function: str) -> frozenset[str]:
    return modules(f"import {folder_of(function)}.handler", ENVIRONMENT[function])


@cache
def floor() -> frozenset[str]:
    """What no function that talks to AWS can do without."""
    return modules(ONE_CLIENT, {})


def banned_among(names: frozenset[str]) -> set[str]:
    return BANNED & {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("function", ENVIRONMENT)
def test_a_handler_imports_nothing_heavy(function: str) -> None:
    assert banned_among(loaded_by(function)) == NEEDED.get(function, set())


@pytest.mark.parametrize("function", ENVIRONMENT)
def test_a_handler_loads_few_modules_more_than_one_botocore_client(function: str) -> None:
    limit = MODULES_BESIDE_THE_FLOOR.get(function, SENDERS_BESIDE_THE_FLOOR)

    assert len(loaded_by(function)) <= limit * len(floor())


@pytest.mark.parametrize("function", ENVIRONMENT)
def test_a_handler_loads_few_modules_of_others_more_than_one_botocore_client(function: str) -> None:
    others = {name for name in loaded_by(function) if name.partition(".")[0] not in OURS}

    assert len(others) <= OTHERS_MODULES_BESIDE_THE_FLOOR.get(function, 1.15) * len(floor())


FOR_TARGETS = {"kairan.inbox.forwarding", "kairan.inbox.s3"}


def test_only_a_webhook_with_targets_loads_what_passes_calls_on() -> None:
    targets = {"FORWARD_QUEUE_URLS": "https://sqs.invalid/forward.fifo", "BATCHES_BUCKET": "batches"}

    with_targets = modules("import webhook.handler", ENVIRONMENT["webhook"] | targets)

    assert with_targets - loaded_by("webhook") == FOR_TARGETS


def test_the_ban_list_names_what_is_installed() -> None:
    """Else it would hold by itself."""
    installed = {
        "PIL",
        "boto3",
        "lameenc",
        "linebot",
        "markdown_it",
        "python_multipart",
        "pydantic",
        "requests",
        "rich",
    }
    code = "import importlib.util, sys; print(*[n for n in sys.argv[1:] if importlib.util.find_spec(n)])"

    done = subprocess.run([sys.executable, "-c", code, *BANNED], capture_output=True, text=True, check=True)

    assert installed <= set(done.stdout.split())


@pytest.mark.parametrize(("sender", "data"), [("TEXT", "'Hello {{Address}}'"), ("MESSAGES", "None")])
def test_not_even_a_first_batch_loads_anything_heavy_unless_it_looks_into_a_file(sender: str, data: str) -> None:
    code = f"""
import send.handler
from kairan.composing.composer import Composer
from kairan.composing.read_data import Sources
from kairan.contract import Sender
from kairan.messengers.line.ids import person_id
from kairan.messengers.line.messenger import LineMessenger
from kairan.sending.batch import Batch, Recipient
from kairan.sending.planning import plan
messenger = LineMessenger(None)
person = person_id("U" + "0" * 32)
batch = Batch("0b8e9c1c-5f2f-5b52-9d0e-3a1b7c3b9f11", {data}, (Recipient("e", person, {{"Address": "a"}}),))
plan(batch, Composer(Sender.{sender}, Sources(messenger), speak_until=0), messenger)
"""

    assert banned_among(modules(code.strip(), ENVIRONMENT[Sender[sender]])) == set()


@pytest.mark.parametrize("store", ["dynamodb", "pinpoint"])
def test_the_inbox_loads_the_store_it_was_given_and_not_the_other(store: str) -> None:
    environment = ENVIRONMENT["inbox"] | {"AUDIENCE_STORE": store, "PINPOINT_APPLICATION_ID": "app"}

    loaded = modules("import inbox.handler", environment)

    assert {f"kairan.audience.{name}" for name in ("dynamodb", "pinpoint")} & loaded == {f"kairan.audience.{store}"}


@pytest.mark.parametrize("function", ENVIRONMENTS)
def test_a_handler_names_everything_that_is_missing_from_its_environment(function: str) -> None:
    done = python(f"import {folder_of(function)}.handler", {})
    parts = PARTS_OF_SOME_SENDERS if function in tuple(Sender) else set()

    assert done.returncode != 0
    assert "ConfigurationError" in done.stderr
    for name in set(ENVIRONMENTS[function]) - SOMETIMES - parts:
        assert f"{name} is missing" in done.stderr
