"""Starting and stopping a local cloud, and what may happen on the way."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kairan.messengers.line.secret import LineCredentials
from local.line_simulator_client import LineSimulatorClient
from local.ports import Ports
from local.programs import line, speech
from local.state_dir import StateDir
from tests.local.cloud import COMMAND_TIMEOUT_S, Cloud, Running, eventually, free_port_base, is_free
from tools.run import ROOT

CHANNEL = LineCredentials(channel_secret="5" * 32, channel_access_token="a-token", channel_id="1234567890")
CODE = ("cli", "infra", "kairan", "lambdas", "layers", "local", "tools", "app.py", "cdk.json")


@pytest.fixture
def another_line(tmp_path: Path) -> Iterator[LineSimulatorClient]:
    """A Messaging API that the local cloud did not start."""
    state_dir, ports = StateDir(tmp_path / "line"), Ports(free_port_base())
    state_dir.prepare(keep=False)
    program = line.start(state_dir, ports, CHANNEL)
    try:
        line.wait_until_ready(program, state_dir, ports)
        yield LineSimulatorClient(ports.line_url)
    finally:
        program.stop(patience_s=5)


@pytest.fixture
def another_engine(tmp_path: Path) -> Iterator[str]:
    """A speech engine that the local cloud did not start."""
    state_dir, ports = StateDir(tmp_path / "speech"), Ports(free_port_base())
    state_dir.prepare(keep=False)
    program = speech.start(state_dir, ports)
    try:
        speech.wait_until_ready(program, state_dir, ports)
        yield ports.speech_url
    finally:
        program.stop(patience_s=5)


def test_with_another_messaging_api_another_engine_and_kept_data(
    cloud: Cloud, another_line: LineSimulatorClient, another_engine: str
) -> None:
    """One story, because each chapter needs the one before, and half a minute."""
    arguments = ["--keep", "--port-base", str(free_port_base()), "--line-api-url", another_line.url]
    arguments += ["--aivis-speech-url", another_engine]
    result = cloud.up(
        *arguments,
        *(
            "--channel-secret",
            CHANNEL.channel_secret or "",
            "--channel-access-token",
            CHANNEL.channel_access_token or "",
        ),
    )
    running = Running(cloud)

    # the functions call that API with these credentials, and its webhook leads here
    assert [program["name"] for program in cloud.record["programs"]] == ["aws"]
    assert running.outputs["LineApiUrl"] == another_line.url
    assert another_line.call("GET", "/health")["webhookUrl"] == running.outputs["WebhookUrl"]
    assert "Who got what" not in result.out + result.err
    aiko = running.friend("Aiko")
    assert not running.invoke("send_text", {"to": aiko, "data": "Hello"}).failed
    assert [message["text"] for message in another_line.received(aiko)] == ["Hello"]
    assert running.outputs["AivisSpeechUrl"] == another_engine
    assert not running.invoke("send_speech", {"to": aiko, "data": "こんにちは"}).failed
    assert another_line.received(aiko)[1]["type"] == "audio"

    # the data, the uploads and the credentials survive, and an API that cannot be reached is a warning
    running.target.client("s3").put_object(
        Bucket=running.outputs["ImagesBucket"], Key="夏.jpg", Body=b"a picture", ContentType="image/jpeg"
    )
    before = running.outputs
    cloud.down()
    assert not (cloud.folder / "outputs.json").exists()
    another_line.call("POST", "/reset")
    unreachable = f"http://127.0.0.1:{free_port_base()}"
    result = cloud.up("--keep", "--port-base", arguments[2], "--line-api-url", unreachable)
    running = Running(cloud)

    assert any(line.startswith("! ") for line in result.err.splitlines()), result.err
    assert running.outputs == {
        **before,
        "LineApiUrl": unreachable,
        "AivisSpeechUrl": Ports(int(arguments[2])).speech_url,
    }
    assert running.status(aiko) == "following"
    assert running.web.get(f"{running.outputs['ImagesUrl']}/夏.jpg").content == b"a picture"
    assert running.secret["CHANNEL_SECRET"] == CHANNEL.channel_secret
    assert running.secret["CHANNEL_ACCESS_TOKEN"] == CHANNEL.channel_access_token


def test_kept_data_stay_on_their_ports(cloud: Cloud) -> None:
    cloud.folder.mkdir()
    (cloud.folder / "kept").mkdir()
    (cloud.folder / "kept" / "ports.json").write_text('{"port_base": 4999}')

    result = cloud.local("up", "--detach", "--keep", "--port-base", str(free_port_base()))

    assert result.code == 1
    assert "port base 4999" in result.err


@pytest.mark.parametrize(("offset", "wanted_for"), [(0, "AWS"), (1, "LINE"), (2, "speech")])
def test_a_taken_port_is_named_and_left_alone(cloud: Cloud, offset: int, wanted_for: str) -> None:
    base = free_port_base()
    with socket.create_server(("127.0.0.1", base + offset)):
        result = cloud.local("up", "--detach", "--port-base", str(base))

    assert result.code == 1
    assert str(base + offset) in result.err
    assert wanted_for in result.err
    assert "--port-base" in result.err
    assert not (cloud.folder / "running.json").exists()


@pytest.mark.parametrize("interruption", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_start_leaves_nothing_running(cloud: Cloud, interruption: signal.Signals) -> None:
    base = free_port_base()
    with subprocess.Popen(
        [sys.executable, "-m", "local", "up", "--port-base", str(base)],
        cwd=ROOT,
        env={**os.environ, "KAIRAN_LOCAL_DIR": str(cloud.folder)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    ) as starting:
        eventually((cloud.folder / "logs" / "bootstrap.log").exists, "cdk bootstrap has not begun")
        (aws,) = cloud.record["programs"]
        starting.send_signal(interruption)
        code = starting.wait(timeout=COMMAND_TIMEOUT_S)

    assert code == 130
    assert not (cloud.folder / "running.json").exists()
    assert is_free(base)
    with pytest.raises(ProcessLookupError):
        os.killpg(aws["pid"], 0)


@pytest.mark.parametrize("option", ["--line-api-url", "--aivis-speech-url"])
def test_a_malformed_address_is_refused_before_anything_starts(cloud: Cloud, option: str) -> None:
    result = cloud.local("up", "--detach", "--port-base", str(free_port_base()), option, "nonsense")

    assert result.code == 1
    assert f"{option.removeprefix('--').replace('-', '_')} is 'nonsense'" in result.err
    assert not (cloud.folder / "logs").exists()


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("nonsense", "nonsense is no setting"),
        ("forward_webhook_to=https://bot.example.com", "the closest name is forward_webhooks_to"),
        ("forward_webhooks_to=nonsense", "forward_webhooks_to is 'nonsense'"),
        ("retain_data=true", "decides retain_data itself"),
        ("account=shop", "decides account itself"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_before_anything_starts(cloud: Cloud, setting: str, sentence: str) -> None:
    result = cloud.local("up", "--detach", "--port-base", str(free_port_base()), "-c", setting)

    assert result.code == 1
    assert sentence in result.err
    assert not (cloud.folder / "logs").exists()


def test_down_without_a_local_cloud_is_no_error(cloud: Cloud) -> None:
    assert "No local cloud is up" in cloud.down().err


@pytest.mark.parametrize("command", [["status"], ["redeploy"], ["logs"], ["invoke", "send_text", "-"]])
def test_without_a_local_cloud_the_other_commands_say_so(cloud: Cloud, command: list[str]) -> None:
    result = cloud.local(*command, text="{}")

    assert result.code == 1
    assert "No local cloud is up" in result.err


def test_changed_code_is_brought_in_by_redeploy(running: Running, tmp_path: Path) -> None:
    """From a copy of the code, so that this test changes no file of the project."""
    for name in CODE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local" / "tools").symlink_to(ROOT / ".local" / "tools")
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    (tmp_path / "kairan" / "added.py").write_text('ADDED = "brought in"\n')
    with (tmp_path / "lambdas" / "webhook" / "handler.py").open("a") as handler:
        handler.write("\nfrom kairan.added import ADDED\n\n\ndef handler(event, context):\n    return ADDED\n")

    subprocess.run(
        [sys.executable, "-m", "local", "redeploy", "--state-dir", str(running.cloud.folder)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        check=True,
        timeout=60,
    )
    changed = running.invoke("webhook", {})
    result = running.cloud.local("redeploy")
    again = running.post_webhook(json.dumps({"destination": "U" + "0" * 32, "events": []}).encode())

    assert changed.payload == "brought in"
    assert result.code == 0
    assert again.status_code == 200
