"""What `make start` and `make demo` show."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from local.demo_messages import CAMPAIGN_SPEECH, PUSHED_SPEECH, PUSHED_TEXT, DemoPerson, demo_messages
from local.demonstration import DemonstrationResult
from tests.local.cloud import COMMAND_TIMEOUT_S, Cloud, Running, free_port_base, is_free
from tools.run import ROOT

AIKO, BEN, CHIKA = DemoPerson("Aiko", "U1"), DemoPerson("Ben", "U2"), DemoPerson("Chika", "U3", blocked=True)
TEXT = {"type": "text", "text": "Good morning, Aiko! The market opens at ten."}
DIRECT = {"type": "text", "text": "Only for you: a seat is free at eight."}
ALL: list[Mapping[str, Any]] = [
    TEXT,
    {"type": "image", "originalContentUrl": "http://127.0.0.1/images/sample_image.jpg"},
    {"type": "audio", "originalContentUrl": "http://127.0.0.1/audio/sample_audio.mp3"},
    {"type": "video", "originalContentUrl": "http://127.0.0.1/video/sample_video.mp4"},
    {"type": "audio", "originalContentUrl": "http://127.0.0.1/audio/tts/1.mp3", "text": CAMPAIGN_SPEECH},
    DIRECT,
    {"type": "text", "text": PUSHED_TEXT},
    {"type": "audio", "originalContentUrl": "http://127.0.0.1/audio/tts/2.mp3", "text": PUSHED_SPEECH},
    {"type": "image", "originalContentUrl": "http://127.0.0.1/images/uploads/1/2.jpg"},
]


def differences(received: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    people = (AIKO, BEN, CHIKA)
    return DemonstrationResult(people, demo_messages(people), received).differences()


def test_everything_once_for_friends_and_nothing_for_a_person_who_blocked_is_right() -> None:
    assert differences({"U1": ALL, "U2": ALL, "U3": []}) == []


@pytest.mark.parametrize(
    ("received", "difference"),
    [
        ({"U1": [*ALL, TEXT], "U2": ALL, "U3": []}, "Aiko received the text 2 times instead of 1"),
        ({"U1": ALL, "U2": ALL[1:], "U3": []}, "Ben received the text 0 times instead of 1"),
        ({"U1": ALL, "U2": ALL, "U3": [DIRECT]}, "Chika received the direct invoke 1 times instead of 0"),
        (
            {"U1": ALL, "U2": [*ALL, {"type": "sticker"}], "U3": []},
            "Ben received 1 messages that the demonstration did not send",
        ),
        ({"U1": [*ALL, ALL[4]], "U2": ALL, "U3": []}, "Aiko received the speech 2 times instead of 1"),
        ({"U1": ALL[:-1], "U2": ALL, "U3": []}, "Aiko received the pushed image 0 times instead of 1"),
    ],
)
def test_any_difference_is_named(received: Mapping[str, Sequence[Mapping[str, Any]]], difference: str) -> None:
    assert differences(received) == [difference]


def test_with_a_local_cloud_that_is_up_only_the_demonstration_is_shown(running: Running) -> None:
    before = running.cloud.record

    result = running.cloud.local("demo", "--port-base", str(before["port_base"]))

    assert result.code == 0, result.err
    assert "Who got what" in result.out
    assert re.search(r"│ pushed speech +│ push API, /tts +│ twice +│ +1 +│ +1 +│ +– +│", result.out), result.out
    assert running.cloud.record == before


def test_start_shows_the_demonstration_and_ends_in_order_when_it_is_interrupted_twice(cloud: Cloud) -> None:
    base = free_port_base()
    with subprocess.Popen(
        [sys.executable, "-m", "local", "up", "--port-base", str(base)],
        cwd=ROOT,
        env={**os.environ, "KAIRAN_LOCAL_DIR": str(cloud.folder), "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as started:
        assert started.stdout
        output = ""
        for line in started.stdout:
            output += line
            if "until Ctrl-C" in line or "… Stopping" in line:
                started.send_signal(signal.SIGINT)
        code = started.wait(timeout=COMMAND_TIMEOUT_S)

    assert code == 130, output
    assert "┃ Aiko ┃" in output
    assert "/webhook" in output
    assert is_free(base)
    assert is_free(base + 1)
    assert is_free(base + 2)
    assert not (cloud.folder / "running.json").exists()
