"""Cold start as a fact: what the two handlers import, each in a Python of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BANNED = {"boto3", "linebot", "PIL", "pydantic", "requests", "tinytag"}
ENVIRONMENT = {
    "webhook": {"SECRET_ARN": "arn", "INBOX_QUEUE_URL": "https://sqs.invalid/inbox.fifo"},
    "inbox": {
        "SECRET_ARN": "arn",
        "INBOX_QUEUE_URL": "https://sqs.invalid/inbox.fifo",
        "INBOX_DEAD_LETTER_QUEUE_URL": "https://sqs.invalid/dead.fifo",
        "EVENTS_SEEN_TABLE": "events-seen",
        "CHANNEL": "line",
        "AUDIENCE_STORE": "dynamodb",
        "AUDIENCE_TABLE": "audience",
        "UNFOLLOWED_RETENTION_DAYS": "30",
        "LINE_API_URL": "https://api.line.me",
        "LINE_DATA_URL": "https://api-data.line.me",
    },
}
MODULES_OF_A_CLIENT = "import hmac; from botocore.session import get_session; get_session().create_client('sqs')"
PRINT_MODULES = "; import json, sys; print(json.dumps(sorted(sys.modules)))"


def python(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(str(ROOT / part) for part in ("lambdas", "layers/shared/python"))
    common = {"POWERTOOLS_SERVICE_NAME": "kairan", "POWERTOOLS_METRICS_NAMESPACE": "Kairan"}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": paths, "AWS_DEFAULT_REGION": "us-east-1", **common, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def modules(code: str, environment: dict[str, str]) -> set[str]:
    done = python(code + PRINT_MODULES, environment)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("function", ["webhook", "inbox"])
def test_a_handler_imports_nothing_heavy(function: str) -> None:
    loaded = modules(f"import {function}.handler", ENVIRONMENT[function])

    assert not loaded & BANNED


@pytest.mark.parametrize("store", ["dynamodb", "pinpoint"])
def test_the_inbox_loads_the_store_it_was_given_and_not_the_other(store: str) -> None:
    environment = ENVIRONMENT["inbox"] | {"AUDIENCE_STORE": store, "PINPOINT_APPLICATION_ID": "app"}

    loaded = modules("import inbox.handler", environment)

    assert {f"kairan.audience.{name}" for name in ("dynamodb", "pinpoint")} & loaded == {f"kairan.audience.{store}"}


def test_the_webhook_loads_few_modules_more_than_one_botocore_client() -> None:
    floor = modules(MODULES_OF_A_CLIENT, {})

    loaded = modules("import webhook.handler", ENVIRONMENT["webhook"])

    assert len(loaded) <= 1.3 * len(floor)


@pytest.mark.parametrize("function", ["webhook", "inbox"])
def test_a_handler_names_everything_that_is_missing_from_its_environment(function: str) -> None:
    done = python(f"import {function}.handler", {})

    assert done.returncode != 0
    assert "ConfigurationError" in done.stderr
    for name in ("SECRET_ARN", "INBOX_QUEUE_URL"):
        assert f"{name} is missing" in done.stderr
