"""What all functions have in common, and what each is given."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra.deployed import VARIANTS, Deployed, deployed, text

ROOT = Path(__file__).parents[2]
SENDERS = ["send_text", "send_image", "send_audio", "send_video", "send_speech", "send_messages"]
FUNCTIONS = ["webhook", "inbox", "api", *SENDERS, "sample_media"]
COMMON = {
    "POWERTOOLS_SERVICE_NAME": "kairan",
    "POWERTOOLS_METRICS_NAMESPACE": "Kairan",
    "POWERTOOLS_LOG_LEVEL": "INFO",
}
SENDER = COMMON | {
    "SECRET_ARN": "CredentialsSecret",
    "DELIVERIES_TABLE": "SendersDeliveries",
    "SEND_FAILURES_QUEUE_URL": "SendersFailures",
    "LINE_API_URL": "https://api.line.me",
    "MULTICAST_PER_SECOND": "50",
    "PUSH_PER_SECOND": "500",
    "PUSH_CONNECTIONS": "32",
    "CONNECT_USER_ID_ATTRIBUTE": "line_user_id",
}
SPEECH = {
    "AIVIS_SPEECH_URL": "",
    "AIVIS_SPEECH_API": "engine",
    "AIVIS_SPEECH_SPEAKER": "888753760",
    "TTS_MAX_CHARACTERS": "1500",
}
AUDIO = {"MEDIA_BUCKET": "MediaAudioBucket", "MEDIA_URL": "https://MediaAudioDistribution.DomainName"}
VARIABLES = {
    "webhook": COMMON | {"SECRET_ARN": "CredentialsSecret", "INBOX_QUEUE_URL": "WebhookQueue"},
    "inbox": COMMON
    | {
        "SECRET_ARN": "CredentialsSecret",
        "INBOX_QUEUE_URL": "WebhookQueue",
        "INBOX_DEAD_LETTER_QUEUE_URL": "WebhookDeadLetters",
        "EVENTS_SEEN_TABLE": "AudienceEventsSeen",
        "CHANNEL": "line",
        "AUDIENCE_STORE": "dynamodb",
        "AUDIENCE_TABLE": "AudienceTable",
        "UNFOLLOWED_RETENTION_DAYS": "30",
        "LINE_API_URL": "https://api.line.me",
        "LINE_DATA_URL": "https://api-data.line.me",
    },
    "api": COMMON
    | SPEECH
    | {
        "SECRET_ARN": "CredentialsSecret",
        "DELIVERIES_TABLE": "SendersDeliveries",
        "LINE_API_URL": "https://api.line.me",
        "PUSH_PER_SECOND": "500",
        "IMAGES_BUCKET": "MediaImagesBucket",
        "IMAGES_URL": "https://MediaImagesDistribution.DomainName",
        "AUDIO_BUCKET": "MediaAudioBucket",
        "AUDIO_URL": "https://MediaAudioDistribution.DomainName",
        "VIDEO_BUCKET": "MediaVideoBucket",
        "VIDEO_URL": "https://MediaVideoDistribution.DomainName",
        "CHANNEL": "line",
        "AUDIENCE_STORE": "dynamodb",
        "AUDIENCE_TABLE": "AudienceTable",
        "UNFOLLOWED_RETENTION_DAYS": "30",
    },
    "send_text": SENDER,
    "send_messages": SENDER,
    "send_speech": SENDER | AUDIO | SPEECH,
    **{
        f"send_{kind}": SENDER
        | {
            "MEDIA_BUCKET": f"Media{store}Bucket",
            "MEDIA_URL": f"https://Media{store}Distribution.DomainName",
        }
        for kind, store in {"image": "Images", "audio": "Audio", "video": "Video"}.items()
    },
    "sample_media": COMMON,
}
AWAITED = {"inbox": {"LINE_DATA_URL"}}
"""Given already, for what people send: nothing fetches it in this version."""
TIMEOUTS_S = {"webhook": 10, "inbox": 30, "api": 28, "sample_media": 120} | dict.fromkeys(SENDERS, 50)
MEMORY_MB = {"webhook": 1024, "inbox": 512, "api": 1769, "sample_media": 256} | dict.fromkeys(SENDERS, 1769)

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


def test_there_are_these_functions(default: Deployed) -> None:
    assert sorted(default.functions) == sorted(FUNCTIONS)
    assert sorted(FUNCTIONS) == sorted(path.parent.name for path in (ROOT / "lambdas").glob("*/handler.py"))


@pytest.mark.parametrize("function", FUNCTIONS)
class TestEveryFunction:
    def test_runs_python_3_13_on_arm64(self, default: Deployed, function: str) -> None:
        assert default.functions[function]["Runtime"] == "python3.13"
        assert default.functions[function]["Architectures"] == ["arm64"]

    def test_has_its_handler_in_a_folder_of_its_name(self, default: Deployed, function: str) -> None:
        assert default.functions[function]["Handler"] == f"{function}.handler.handler"

    def test_has_its_time_and_memory(self, default: Deployed, function: str) -> None:
        assert default.functions[function]["Timeout"] == TIMEOUTS_S[function]
        assert default.functions[function]["MemorySize"] == MEMORY_MB[function]

    def test_writes_to_a_log_group_of_its_own_that_ends(self, default: Deployed, function: str) -> None:
        group = text(default.functions[function]["LoggingConfig"]["LogGroup"])

        assert group == f"{default.construct_of(function)}Logs"
        assert default.all("Logs::LogGroup")[group] == {"RetentionInDays": 30}

    def test_is_traced(self, default: Deployed, function: str) -> None:
        assert default.functions[function]["TracingConfig"] == {"Mode": "Active"}

    def test_has_no_more_layers_than_it_needs(self, default: Deployed, function: str) -> None:
        layers = [text(layer) for layer in default.functions[function]["Layers"]]

        needed = ["LayersDependencies"] if function in ("api", *SENDERS) else []
        assert layers == ["LayersPowertools", "LayersShared", *needed]

    def test_takes_nothing_from_the_accounts_concurrency(self, default: Deployed, function: str) -> None:
        assert "ReservedConcurrentExecutions" not in default.functions[function]

    def test_has_these_variables(self, default: Deployed, function: str) -> None:
        assert default.variables(function) == VARIABLES[function]


@pytest.mark.parametrize(
    ("variant", "function"),
    [
        *(("default", function) for function in FUNCTIONS),
        ("pinpoint", "inbox"),
        ("pinpoint", "api"),
        ("connect", "send_image"),
        ("elsewhere", "api"),
    ],
)
def test_a_function_starts_with_its_variables_and_reads_each_of_them(variant: str, function: str) -> None:
    """A Python of its own with the template's variables: what is missing would stop it, what nobody reads is named."""
    variables = deployed(variant).variables(function)

    done = subprocess.run(
        [sys.executable, "-c", READ_THE_ENVIRONMENT, function],
        env=variables
        | {
            "AWS_DEFAULT_REGION": "us-east-1",
            "PYTHONPATH": os.pathsep.join(str(ROOT / part) for part in (".", "lambdas")),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert variables.keys() - set(json.loads(done.stdout)) == AWAITED.get(function, set())


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


def test_other_addresses_of_line_reach_the_functions() -> None:
    for function in ("inbox", "api", *SENDERS):
        assert deployed("elsewhere").variables(function)["LINE_API_URL"] == "http://127.0.0.1:4567"


@pytest.mark.parametrize("function", ["api", "send_speech"])
def test_what_speaks_is_told_where_and_by_whose_voice(function: str) -> None:
    variables = deployed("elsewhere").variables(function)

    assert {name: variables[name] for name in SPEECH} == {
        "AIVIS_SPEECH_URL": "http://10.0.0.5:10101",
        "AIVIS_SPEECH_API": "wrapper",
        "AIVIS_SPEECH_SPEAKER": "-1",
        "TTS_MAX_CHARACTERS": "300",
    }


def test_logs_and_metrics_carry_the_stacks_name() -> None:
    trial = deployed("trial")

    assert {trial.variables(function)["POWERTOOLS_SERVICE_NAME"] for function in FUNCTIONS} == {"kairan-trial"}


def test_what_amazon_connect_sends_by_default_goes_to_the_sender_it_is_for() -> None:
    connect = deployed("connect")

    given = {function: connect.variables(function).get("CONNECT_DATA") for function in SENDERS}

    assert given == dict.fromkeys(SENDERS) | {"send_text": "Hello", "send_image": '{"image":"a.png"}'}
    assert {connect.variables(function)["CONNECT_USER_ID_ATTRIBUTE"] for function in SENDERS} == {"LineId"}


@pytest.mark.parametrize("variant", VARIANTS)
def test_no_policy_of_a_function_comes_from_elsewhere(variant: str) -> None:
    """Managed policies allow more than a function needs; the role of API Gateway, which writes the access log, has the one it wants."""
    managed = {
        name: [text(arn) for arn in role["ManagedPolicyArns"]]
        for name, role in deployed(variant).all("IAM::Role").items()
        if "ManagedPolicyArns" in role
    }

    assert managed == {
        "WebhookApiCloudWatchRole": [
            "arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
        ]
    }
