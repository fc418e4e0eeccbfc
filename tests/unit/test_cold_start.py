"""Cold start as a fact: what each handler imports, in a Python of its own with its own environment."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HANDLERS = sorted(path.parent.name for path in (ROOT / "lambdas").glob("*/handler.py"))
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
    "tinytag",
    "yaml",
}
SENDER = {
    "SECRET_ARN": "arn",
    "DELIVERIES_TABLE": "deliveries",
    "SEND_FAILURES_QUEUE_URL": "https://sqs.invalid/send-failures",
    "LINE_API_URL": "https://api.line.me",
    "MULTICAST_PER_SECOND": "50",
    "PUSH_PER_SECOND": "500",
    "PUSH_CONNECTIONS": "32",
}
SPEECH = {
    "AIVIS_SPEECH_URL": "https://speech.invalid",
    "AIVIS_SPEECH_API": "engine",
    "AIVIS_SPEECH_SPEAKER": "888753760",
    "TTS_MAX_CHARACTERS": "1500",
}
AUDIENCE = {
    "CHANNEL": "line",
    "AUDIENCE_STORE": "dynamodb",
    "AUDIENCE_TABLE": "audience",
    "UNFOLLOWED_RETENTION_DAYS": "30",
}
MEDIA = {"MEDIA_BUCKET": "media", "MEDIA_URL": "https://media.invalid"}
ENVIRONMENT = {
    "webhook": {"SECRET_ARN": "arn", "INBOX_QUEUE_URL": "https://sqs.invalid/inbox.fifo"},
    "inbox": {
        "SECRET_ARN": "arn",
        "INBOX_QUEUE_URL": "https://sqs.invalid/inbox.fifo",
        "INBOX_DEAD_LETTER_QUEUE_URL": "https://sqs.invalid/dead.fifo",
        "EVENTS_SEEN_TABLE": "events-seen",
        **AUDIENCE,
        "LINE_API_URL": "https://api.line.me",
        "LINE_DATA_URL": "https://api-data.line.me",
    },
    "send_text": SENDER,
    "send_messages": SENDER,
    "send_image": SENDER | MEDIA,
    "send_audio": SENDER | MEDIA,
    "send_video": SENDER | MEDIA,
    "send_speech": SENDER | MEDIA | SPEECH,
    "api": {
        "SECRET_ARN": "arn",
        "DELIVERIES_TABLE": "deliveries",
        "LINE_API_URL": "https://api.line.me",
        "PUSH_PER_SECOND": "500",
        **{f"{kind}_{what}": "media" for kind in ("IMAGES", "AUDIO", "VIDEO") for what in ("BUCKET", "URL")},
        **AUDIENCE,
        **SPEECH,
    },
    "sample_media": {},
}
SOMETIMES = {"AUDIENCE_TABLE", "LINE_DATA_URL", *MEDIA, *SPEECH}
"""Not asked for by every setting of a function."""
NEEDED = {"api": {"pydantic"}}
"""Of what is heavy, what a function cannot begin without: every call of the push API is validated."""
MODULES_BESIDE_THE_FLOOR = {"api": 2.0, "send_speech": 1.4}
ONE_CLIENT = "import hmac; from botocore.session import get_session; get_session().create_client('sqs')"
PRINT_MODULES = "; import json, sys; print(json.dumps(sorted(sys.modules)))"


def python(code: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    paths = os.pathsep.join(str(ROOT / part) for part in (".", "lambdas"))
    common = {"POWERTOOLS_SERVICE_NAME": "kairan", "POWERTOOLS_METRICS_NAMESPACE": "Kairan"}
    return subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": paths, "AWS_DEFAULT_REGION": "us-east-1", **common, **environment},
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
    return modules(f"import {function}.handler", ENVIRONMENT[function])


@cache
def floor() -> frozenset[str]:
    """What no function that talks to AWS can do without."""
    return modules(ONE_CLIENT, {})


def banned_among(names: frozenset[str]) -> set[str]:
    return BANNED & {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("function", HANDLERS)
def test_a_handler_imports_nothing_heavy(function: str) -> None:
    assert banned_among(loaded_by(function)) == NEEDED.get(function, set())


@pytest.mark.parametrize("function", HANDLERS)
def test_a_handler_loads_few_modules_more_than_one_botocore_client(function: str) -> None:
    assert len(loaded_by(function)) <= MODULES_BESIDE_THE_FLOOR.get(function, 1.3) * len(floor())


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
        "tinytag",
    }
    code = "import importlib.util, sys; print(*[n for n in sys.argv[1:] if importlib.util.find_spec(n)])"

    done = subprocess.run([sys.executable, "-c", code, *BANNED], capture_output=True, text=True, check=True)

    assert installed <= set(done.stdout.split())


@pytest.mark.parametrize(("sender", "data"), [("TEXT", "'Hello {{Address}}'"), ("MESSAGES", "None")])
def test_not_even_a_first_delivery_loads_anything_heavy_unless_it_looks_into_a_file(sender: str, data: str) -> None:
    code = f"""
from kairan.delivery.content import compose
from kairan.delivery.model import Delivery, DeliveryId, Recipient, Sender
from kairan.delivery.planning import plan
from kairan.line.ids import UserId
import {f"send_{sender.lower()}"}.handler
people = (Recipient("e", UserId("U" + "0" * 32), {{"Address": "a"}}),)
plan(Delivery(DeliveryId("0b8e9c1c-5f2f-5b52-9d0e-3a1b7c3b9f11"), None, people), compose(Sender.{sender}, {data}))
"""

    assert banned_among(modules(code.strip(), SENDER)) == set()


@pytest.mark.parametrize("store", ["dynamodb", "pinpoint"])
def test_the_inbox_loads_the_store_it_was_given_and_not_the_other(store: str) -> None:
    environment = ENVIRONMENT["inbox"] | {"AUDIENCE_STORE": store, "PINPOINT_APPLICATION_ID": "app"}

    loaded = modules("import inbox.handler", environment)

    assert {f"kairan.audience.{name}" for name in ("dynamodb", "pinpoint")} & loaded == {f"kairan.audience.{store}"}


@pytest.mark.parametrize("function", [name for name in HANDLERS if ENVIRONMENT[name]])
def test_a_handler_names_everything_that_is_missing_from_its_environment(function: str) -> None:
    done = python(f"import {function}.handler", {})

    assert done.returncode != 0
    assert "ConfigurationError" in done.stderr
    for name in set(ENVIRONMENT[function]) - SOMETIMES:
        assert f"{name} is missing" in done.stderr
