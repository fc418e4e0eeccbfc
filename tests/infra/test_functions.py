"""What all functions have in common, and what each is given."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.settings import MAX_TARGET_CHARACTERS, MAX_TARGETS
from kairan.contract import (
    ApiEnvironment,
    AudienceAccess,
    Environment,
    ForwardEnvironment,
    InboxEnvironment,
    LedgerAccess,
    LineAccess,
    MediaAccess,
    MediaBucket,
    MediaStoresAccess,
    Pace,
    Sender,
    SenderEnvironment,
    SpeechAccess,
    WebhookEnvironment,
    folder_of,
    variables,
)
from tests.infra.deployed import Deployed, deployed, text

ROOT = Path(__file__).parents[2]
FUNCTIONS = ["webhook", "inbox", "api", *Sender, "sample_media"]
COMMON = {
    "POWERTOOLS_SERVICE_NAME": "kairan",
    "POWERTOOLS_METRICS_NAMESPACE": "Kairan",
    "POWERTOOLS_LOG_LEVEL": "INFO",
}
LINE = LineAccess(secret_arn="CredentialsSecret", line_api_url="https://api.line.me")
LEDGER = LedgerAccess(deliveries_table="SendersDeliveries")
AUDIENCE = AudienceAccess(
    account="line", audience_store="dynamodb", unfollowed_retention_days=30, audience_table="AudienceTable"
)
SPEECH = SpeechAccess(aivis_speech_api="engine", aivis_speech_speaker=888753760, tts_max_characters=1500)
STORES = {
    kind: MediaAccess(
        media_bucket=f"Media{kind.capitalize()}Bucket",
        media_url=f"https://Media{kind.capitalize()}Distribution.DomainName",
    )
    for kind in MediaBucket
}


def sending(sender: Sender) -> SenderEnvironment:
    return SenderEnvironment(
        sender=sender,
        line=LINE,
        ledger=LEDGER,
        pace=Pace(multicast_per_second=50, push_per_second=500, push_connections=32),
        batches_bucket="CampaignsBucket",
        connect_user_id_attribute="line_user_id",
        media=STORES[sender.media] if sender.media else None,
        speech=SPEECH if sender.speaks else None,
    )


ENVIRONMENTS: dict[str, Environment] = {
    "webhook": WebhookEnvironment(secret_arn="CredentialsSecret", inbox_queue_url="WebhookQueue", account="line"),
    "inbox": InboxEnvironment(
        line=LINE,
        audience=AUDIENCE,
        inbox_queue_url="WebhookQueue",
        inbox_dead_letter_queue_url="WebhookDeadLetters",
        events_seen_table="AudienceEventsSeen",
    ),
    "api": ApiEnvironment(
        line=LINE,
        ledger=LEDGER,
        audience=AUDIENCE,
        media=MediaStoresAccess(
            images_bucket="MediaImagesBucket",
            images_url="https://MediaImagesDistribution.DomainName",
            audio_bucket="MediaAudioBucket",
            audio_url="https://MediaAudioDistribution.DomainName",
            video_bucket="MediaVideoBucket",
            video_url="https://MediaVideoDistribution.DomainName",
        ),
        speech=SPEECH,
        push_per_second=500,
    ),
    **{sender: sending(sender) for sender in Sender},
}
QUEUES_OF_TARGETS = "ForwardingTarget78e74ff3d5e1Queue ForwardingTarget89b9609242e7Queue"
WITH_TARGETS: dict[str, Environment] = {
    "webhook": WebhookEnvironment(
        secret_arn="CredentialsSecret",
        inbox_queue_url="WebhookQueue",
        account="line",
        forward_queue_urls=QUEUES_OF_TARGETS,
        batches_bucket="CampaignsBucket",
    ),
    "forward": ForwardEnvironment(
        forward_urls="https://bot.example.com/line?key=k1 http://127.0.0.1:5001/",
        forward_queue_urls=QUEUES_OF_TARGETS,
        forward_dead_letter_queue_urls=QUEUES_OF_TARGETS.replace("Queue", "DeadLetters"),
        batches_bucket="CampaignsBucket",
    ),
}
"""What the two functions have in a stack with the setting `forward_webhooks_to`."""
TIMEOUTS_S = {"webhook": 10, "inbox": 30, "api": 28, "sample_media": 120} | dict.fromkeys(map(str, Sender), 50)
MEMORY_MB = {"webhook": 1024, "inbox": 512, "api": 1769, "sample_media": 256} | dict.fromkeys(map(str, Sender), 1769)

READ_THE_ENVIRONMENT = """
import importlib, json, os, sys

class Watched(dict):
    def __init__(self, variables):
        super().__init__(variables)
        self.read = set()
    def get(self, name, default=None):
        self.read.add(name)
        return super().get(name, default)
    def __getitem__(self, name):
        self.read.add(name)
        return super().__getitem__(name)

os.environ = Watched(os.environ)
importlib.import_module(sys.argv[1] + ".handler")
print(json.dumps(sorted(os.environ.read)))
"""


def test_every_folder_of_functions_is_deployed() -> None:
    assert set(map(folder_of, [*FUNCTIONS, "forward"])) == {
        path.parent.name for path in (ROOT / "lambdas").glob("*/handler.py")
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_has_this_and_nothing_else(default: Deployed, function: str) -> None:
    """No share of the account's concurrency is reserved, and the log group is its own."""
    construct = default.construct_of(function)
    own = variables(ENVIRONMENTS[function]) if function in ENVIRONMENTS else {}
    needed = ["LayersDependencies"] if function in ("api", *Sender) else []
    properties = default.functions[function]
    layers = [text(layer) for layer in properties["Layers"]]
    group = text(properties["LoggingConfig"]["LogGroup"])

    assert properties == properties | {
        "Runtime": "python3.13",
        "Architectures": ["arm64"],
        "Handler": f"{folder_of(function)}.handler.handler",
        "Timeout": TIMEOUTS_S[function],
        "MemorySize": MEMORY_MB[function],
        "TracingConfig": {"Mode": "Active"},
    }
    assert "ReservedConcurrentExecutions" not in properties
    assert layers == ["LayersPowertools", "LayersShared", *needed]
    assert group == f"{construct}Logs"
    assert default.all("Logs::LogGroup")[group] == {"RetentionInDays": 30}
    assert default.variables(function) == COMMON | own


def test_without_targets_nothing_is_deployed_for_them(default: Deployed) -> None:
    assert set(default.functions) == set(FUNCTIONS)
    assert set(deployed("forwarding").functions) == {*FUNCTIONS, "forward"}


@pytest.mark.parametrize("function", WITH_TARGETS)
def test_with_targets_the_webhook_and_one_more_function_know_their_queues(function: str) -> None:
    stack = deployed("forwarding")

    assert stack.variables(function) == COMMON | variables(WITH_TARGETS[function])


def test_the_function_that_passes_calls_on_may_run_for_a_minute() -> None:
    properties = deployed("forwarding").functions["forward"]

    assert properties["Timeout"] == 60
    assert properties["MemorySize"] == 512
    assert properties["Handler"] == "forward.handler.handler"
    assert [text(layer) for layer in properties["Layers"]] == ["LayersPowertools", "LayersShared"]


def test_the_addresses_of_five_long_targets_fit_into_an_environment() -> None:
    """Lambda's limit for all variables is 4 KB. A queue's address ends with a name of at most 80 characters."""
    urls = [f"https://bot{number}.example.com/".ljust(MAX_TARGET_CHARACTERS, "p") for number in range(MAX_TARGETS)]
    queue_url = "https://sqs.ap-northeast-1.amazonaws.com/111122223333/".ljust(55 + 80, "q")
    queue_urls = " ".join([queue_url] * len(urls))

    environment = COMMON | variables(ForwardEnvironment(" ".join(urls), queue_urls, queue_urls, "b" * 63))

    assert sum(len(name) + len(value) for name, value in environment.items()) < 4096


@pytest.mark.parametrize(
    ("variant", "function"),
    [
        *(("default", function) for function in FUNCTIONS),
        ("pinpoint", "inbox"),
        ("pinpoint", "api"),
        ("connect", "send_image"),
        ("elsewhere", "api"),
        ("forwarding", "webhook"),
        ("forwarding", "forward"),
    ],
)
def test_a_function_starts_with_its_variables_and_reads_each_of_them(variant: str, function: str) -> None:
    """A Python of its own with the template's variables: a missing one would stop it, one that it does not read is
    named."""
    environment = deployed(variant).variables(function)

    done = subprocess.run(
        [sys.executable, "-c", READ_THE_ENVIRONMENT, folder_of(function)],
        env=environment
        | {
            "AWS_DEFAULT_REGION": "us-east-1",
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in (".", "lambdas")),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert environment.keys() - set(json.loads(done.stdout)) == set()


def test_the_settings_decide_processor_python_and_how_long_logs_are_kept() -> None:
    elsewhere = deployed("elsewhere")

    for function in elsewhere.functions.values():
        assert function["Architectures"] == ["x86_64"]
        assert function["Runtime"] == "python3.12"
    for layer in elsewhere.all("Lambda::LayerVersion").values():
        assert layer["CompatibleArchitectures"] == ["x86_64"]
        assert layer["CompatibleRuntimes"] == ["python3.12"]
    for group in elsewhere.all("Logs::LogGroup").values():
        assert group == {"RetentionInDays": 7}


@pytest.mark.parametrize(
    ("functions", "variables"),
    [
        (("webhook", "inbox", "api"), {"ACCOUNT": "shop2"}),
        (("inbox", "api", *Sender), {"LINE_API_URL": "http://127.0.0.1:4567"}),
        (
            ("api", "send_speech"),
            {
                "AIVIS_SPEECH_URL": "http://10.0.0.5:10101",
                "AIVIS_SPEECH_API": "wrapper",
                "AIVIS_SPEECH_SPEAKER": "-1",
                "TTS_MAX_CHARACTERS": "300",
            },
        ),
    ],
)
def test_settings_reach_the_functions_that_use_them(functions: tuple[str, ...], variables: dict[str, str]) -> None:
    for function in functions:
        assert deployed("elsewhere").variables(function).items() >= variables.items()


def test_logs_and_metrics_carry_the_stacks_name() -> None:
    trial = deployed("trial")

    assert {trial.variables(function)["POWERTOOLS_SERVICE_NAME"] for function in FUNCTIONS} == {"kairan-trial"}


def test_what_amazon_connect_sends_by_default_goes_to_the_sender_it_is_for() -> None:
    connect = deployed("connect")

    given = {function: connect.variables(function).get("CONNECT_DATA") for function in Sender}

    assert given == dict.fromkeys(Sender) | {"send_text": "Hello", "send_image": '{"image":"a.png"}'}
    assert {connect.variables(function)["CONNECT_USER_ID_ATTRIBUTE"] for function in Sender} == {"LineId"}


@pytest.mark.parametrize(("variant", "reserved"), [("default", None), ("elsewhere", 10)])
def test_only_the_senders_are_bounded_and_only_if_the_setting_says_so(variant: str, reserved: int | None) -> None:
    stack = deployed(variant)

    assert {name: each.get("ReservedConcurrentExecutions") for name, each in stack.functions.items()} == {
        name: reserved if name in tuple(Sender) else None for name in stack.functions
    }
    if reserved:
        assert stack.variables(Sender.TEXT)["MULTICAST_PER_SECOND"] == "20.0"
        assert stack.variables(Sender.TEXT)["PUSH_PER_SECOND"] == "200.0"
