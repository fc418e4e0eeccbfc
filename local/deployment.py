"""The real `cdk bootstrap` and `cdk deploy`, which reach only the emulator."""

import json
import os
import platform
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from boto3 import Session

from cli.errors import CommandError
from infra.bundling import Target
from infra.settings import Settings, SettingsError
from kairan.contract import Output
from local.log_files import tail
from local.ports import LOOPBACK, Ports
from local.programs import aws, speech
from local.programs.aws import ACCOUNT, REGION
from local.progress import Step
from local.state_dir import StateDir
from tools import run
from tools.run import NODE_MODULES, ROOT

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
FAILED = re.compile(r"(CREATE|UPDATE)_FAILED|^\S*Error:")
ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


UNCHANGED = ("account", "channel")
"""Settings that the programs of the local cloud know by their default."""


def build_target() -> Target:
    """The platform of the functions here: the emulator's Python on this machine's processor."""
    machine = platform.machine().lower()
    if machine not in ARCHITECTURES:
        raise CommandError(f"The functions cannot be built for the processor {machine}.")
    return Target(python_version=aws.python_version(), architecture=ARCHITECTURES[machine])


def bootstrap(state_dir: StateDir, ports: Ports, step: Step) -> None:
    """Runs in an empty folder: in a folder with an app, CDK would synthesize the app first."""
    empty = state_dir.scratch / "empty"
    empty.mkdir(exist_ok=True)
    cdk(
        ["bootstrap", f"aws://{ACCOUNT}/{REGION}"],
        endpoint=ports.aws_url,
        folder=empty,
        log=state_dir.log("bootstrap"),
        step=step,
    )


def deploy(state_dir: StateDir, ports: Ports, step: Step, settings: Mapping[str, str]) -> dict[str, str]:
    """Deploys the stack and returns its outputs, with addresses that work on this machine."""
    outputs = state_dir.scratch / "cdk-outputs.json"
    command = ["deploy", "--require-approval", "never", "--progress", "events", "--outputs-file", str(outputs)]
    command += ["--output", str(state_dir.assembly)]
    for name, value in settings.items():
        command += ["--context", f"{name}={value}"]
    cdk(command, endpoint=ports.aws_url, folder=ROOT, log=state_dir.log("deploy"), step=step)
    (stack,) = json.loads(outputs.read_text(encoding="utf-8")).values()
    return {
        **local_outputs(stack, ports),
        "LineApiUrl": settings["line_api_url"],
        "AivisSpeechUrl": settings["aivis_speech_url"],
        "ApiKey": _key_value(stack[Output.API_KEY_ID], ports),
    }


def settings(
    ports: Ports, line_api_url: str, aivis_speech_url: str | None, context: Mapping[str, str]
) -> dict[str, str]:
    """The settings that differ from a deployment to AWS, and those of `context`. All others are those of `cdk.json`.

    Without `aivis_speech_url` the local cloud's own engine speaks. Raises CommandError for a value that a deployment
    refuses, and for a setting of `context` that the local cloud decides.
    """
    built_for = build_target()
    bucket_url = f"{ports.aws_url}/{{bucket}}"
    chosen = {
        "architecture": built_for.architecture,
        "python_version": built_for.python_version,
        "line_api_url": line_api_url,
        "aivis_speech_url": aivis_speech_url or ports.speech_url,
        "images_url": bucket_url,
        "audio_url": bucket_url,
        "video_url": bucket_url,
        "retain_data": "false",
        # these exist only in the owner's account
        "existing_secret_arn": "",
        "connect_instance_arn": "",
        "alarm_email": "",
        # the emulator does not answer Pinpoint's calls
        "audience_store": "dynamodb",
        # the emulator does not check signatures, so only a key can be tried
        "api_auth": "key",
    }
    if aivis_speech_url is None:
        chosen |= {"aivis_speech_api": "engine", "aivis_speech_speaker": str(speech.STYLE_ID)}
    if decided := [name for name in context if name in {*chosen, *UNCHANGED}]:
        raise CommandError(f"The local cloud decides {decided[0]} itself.", fix="Leave out that -c.")
    chosen |= context
    try:
        Settings.read(chosen)
    except SettingsError as error:
        raise CommandError(str(error)) from error
    return chosen


def local_outputs(stack: Mapping[str, str], ports: Ports) -> dict[str, str]:
    """The stack's outputs with the addresses of the emulator, and the values that a tool needs to reach it."""
    api_id, stage = _api_of(stack[Output.API_URL])
    api_url = f"{ports.aws_url}/_aws/execute-api/{api_id}/{stage}/"
    return {
        **stack,
        Output.API_URL: api_url,
        Output.WEBHOOK_URL: f"{api_url}webhook",
        Output.IMAGES_URL: f"{ports.aws_url}/{stack[Output.IMAGES_BUCKET]}",
        Output.AUDIO_URL: f"{ports.aws_url}/{stack[Output.AUDIO_BUCKET]}",
        Output.VIDEO_URL: f"{ports.aws_url}/{stack[Output.VIDEO_BUCKET]}",
        "AwsEndpointUrl": ports.aws_url,
        "AwsRegion": REGION,
    }


def cdk(command: list[str], *, endpoint: str, folder: Path, log: Path, step: Step) -> None:
    """Runs the CDK, which never outlives this command. Raises CommandError with the end of its output if it fails."""
    full = [str(NODE_MODULES / ".bin" / "cdk"), *command, "--no-color", "--no-notices"]
    child = subprocess.Popen(
        full,
        cwd=folder,
        env=environment(endpoint),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    try:
        with log.open("w", encoding="utf-8") as file:
            for line in child.stdout or ():
                file.write(line)
                if detail := ANSI.sub("", line).strip():
                    step.show(detail)
        code = child.wait()
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    if code != 0:
        raise CommandError(f"`cdk {command[0]}` failed:\n{reason_in(log)}", fix=f"Its whole output is in {log}.")


def reason_in(log: Path) -> str:
    """The first lines that name a failure, else the last lines."""
    failures = [line for line in log.read_text(encoding="utf-8").splitlines() if FAILED.search(line)]
    return "\n".join(failures[:5]) or tail(log)


def environment(endpoint: str) -> dict[str, str]:
    """The tools' environment without the variables that could lead to a real AWS account."""
    if urlsplit(endpoint).hostname != LOOPBACK:
        raise CommandError(
            f"{endpoint} is not this machine.", fix="The local cloud deploys to loopback addresses only."
        )
    without_aws = {name: value for name, value in run.environment().items() if not name.startswith("AWS_")}
    return {
        **without_aws,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ENDPOINT_URL_S3": endpoint,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _key_value(key_id: str, ports: Ports) -> str:
    """The value of an API key; the stack's outputs hold its id."""
    session = Session(aws_access_key_id="local", aws_secret_access_key="local", region_name=REGION)
    client: APIGatewayClient = session.client("apigateway", endpoint_url=ports.aws_url)
    return client.get_api_key(apiKey=key_id, includeValue=True)["value"]


def _api_of(url: str) -> tuple[str, str]:
    """`https://<api id>.execute-api.<region>.…/<stage>/`."""
    parts = urlsplit(url)
    return (parts.hostname or "").split(".")[0], parts.path.strip("/")
