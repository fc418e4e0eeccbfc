"""A local cloud after `python -m local up --detach`."""

import os
import re
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from kairan import contract
from tests.local.cloud import Running

OUTPUTS = {
    *(contract.OUTPUTS.keys() - contract.OUTPUTS_OF_FORWARDING),
    "AwsEndpointUrl",
    "AwsRegion",
    "LineApiUrl",
    "AivisSpeechUrl",
    "ApiKey",
}


def test_every_promised_output_is_written(running: Running) -> None:
    assert set(running.outputs) >= OUTPUTS
    assert all(running.outputs.values())


def test_every_address_is_on_this_machine(running: Running) -> None:
    addresses = {name: value for name, value in running.outputs.items() if name in OUTPUTS and name.endswith("Url")}

    assert {urlsplit(address).hostname for address in addresses.values()} == {"127.0.0.1"}


def test_the_addresses_of_the_api_end_as_documented(running: Running) -> None:
    assert running.outputs["ApiUrl"].endswith("/")
    assert running.outputs["WebhookUrl"] == running.outputs["ApiUrl"] + "webhook"


@pytest.mark.parametrize(
    ("output", "key", "kind"),
    [
        ("ImagesUrl", "sample_image.jpg", "image/jpeg"),
        ("AudioUrl", "sample_audio.mp3", "audio/mpeg"),
        ("VideoUrl", "sample_video.mp4", "video/mp4"),
        ("VideoUrl", "sample_image.jpg", "image/jpeg"),
    ],
)
def test_sample_media_are_in_their_buckets(running: Running, output: str, key: str, kind: str) -> None:
    answer = running.web.get(f"{running.outputs[output]}/{key}")

    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert len(answer.content) > 10_000


def test_status_shows_what_runs(running: Running) -> None:
    result = running.cloud.local("status")

    assert result.code == 0
    for shown in (running.outputs["WebhookUrl"], running.outputs["ApiUrl"] + "docs", running.outputs["ApiKey"]):
        assert shown in result.out
    assert [program["name"] for program in running.cloud.record["programs"]] == ["aws", "speech", "line"]
    for program in running.cloud.record["programs"]:
        assert str(program["pid"]) in result.out


def test_a_running_program_holds_no_file_and_no_session_of_the_caller(running: Running) -> None:
    """Neither files nor the session: a terminal can close, and a pipe can end, while the programs run."""
    for program in running.cloud.record["programs"]:
        pid = program["pid"]
        assert os.getsid(pid) == pid
        open_files = [Path(f"/proc/{pid}/fd/{number}").readlink() for number in (0, 1, 2)]
        log = running.cloud.folder / "logs" / f"{program['name']}.log"
        assert open_files == [Path("/dev/null"), log, log]


def test_only_loopback_is_listened_on(running: Running) -> None:
    ports = {urlsplit(running.outputs[name]).port for name in ("AwsEndpointUrl", "LineApiUrl", "AivisSpeechUrl")}
    listening = subprocess.run(["ss", "-ltnH"], capture_output=True, text=True, check=True).stdout
    addresses = re.findall(r"(\S+):(\d+)\s+\S+:\*", listening)

    assert {address for address, port in addresses if int(port) in ports} == {"127.0.0.1"}


@pytest.mark.parametrize("page", ["docs", "redoc"])
def test_the_pages_of_the_push_api_need_no_key(running: Running, page: str) -> None:
    answer = running.web.get(running.outputs["ApiUrl"] + page)

    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/html")


def test_a_second_up_finds_it_up_and_changes_nothing(running: Running) -> None:
    before = running.cloud.record

    result = running.cloud.up("--port-base", str(before["port_base"]))

    assert "is up already" in result.err
    assert running.cloud.record == before


def test_an_up_with_other_settings_is_refused(running: Running) -> None:
    result = running.cloud.local("up", "--detach", "--port-base", str(running.cloud.record["port_base"] + 3))

    assert result.code == 1
    assert "other settings" in result.err
