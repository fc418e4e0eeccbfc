"""The synthesizer's contract: the fake, and the real one before a real server and a bucket, keep the same promises."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.session import get_session

from kairan.clock import SystemClock
from kairan.content import Speech
from kairan.contract import MediaAccess, SpeechAccess
from kairan.errors import SpeechRejectedError, SpeechTimedOutError, SpeechUnavailableError
from kairan.media import mp3
from kairan.speech.port import Synthesizer
from kairan.speech.wiring import synthesizer_in
from tests.contract.speech_server import STYLE_IDS, SpeechServer, running_speech_server
from tests.fakes.speech import FakeSynthesizer
from tests.rigs import sounds

BASE = "https://audio.example"
CLOCK = SystemClock()
WORDS = Speech("回覧です。", 888753760)


@dataclass
class SpeakingRig:
    """`down` and `up` are what a test does to its engine."""

    synthesizer: Synthesizer
    server: SpeechServer | None

    def down(self) -> None:
        if self.server is not None:
            for path in ("/audio_query", "/synthesis"):
                self.server.answers(path, status=503)
        else:
            assert isinstance(self.synthesizer, FakeSynthesizer)
            self.synthesizer.fails = SpeechUnavailableError("the speech engine answered 503")

    def up(self) -> None:
        if self.server is not None:
            self.server.instead.clear()
        else:
            assert isinstance(self.synthesizer, FakeSynthesizer)
            self.synthesizer.fails = None


@pytest.fixture
def bucket(moto: None) -> Any:
    client: Any = get_session().create_client("s3")
    client.create_bucket(Bucket="audio")
    return client


@pytest.fixture(params=["fake", "engine", "wrapper"])
def rig(request: pytest.FixtureRequest) -> Iterator[SpeakingRig]:
    if request.param == "fake":
        yield SpeakingRig(FakeSynthesizer(base_url=BASE, clock=CLOCK, style_ids=STYLE_IDS), None)
        return
    request.getfixturevalue("bucket")
    with running_speech_server() as server:
        yield SpeakingRig(speaking_by(server, request.param, media_url=f"{BASE}/"), server)


def speaking_by(server: SpeechServer, api: str, *, media_url: str = BASE) -> Synthesizer:
    access = SpeechAccess(api, 888753760, tts_max_characters=10_000, aivis_speech_url=server.url)
    return synthesizer_in(access, MediaAccess("audio", media_url), CLOCK, secret_url=str)


def soon() -> float:
    return CLOCK.monotonic() + 10


def test_words_have_a_link_and_a_duration(rig: SpeakingRig) -> None:
    spoken = rig.synthesizer.speak(WORDS, until=soon())

    link = urlsplit(spoken.url)
    assert len(spoken.media_keys) == 1
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{BASE}/{spoken.media_keys[0]}"
    assert link.query.startswith("v=")
    assert spoken.duration_ms > 0


def test_the_same_words_are_the_same_message(rig: SpeakingRig) -> None:
    assert rig.synthesizer.speak(WORDS, until=soon()) == rig.synthesizer.speak(WORDS, until=soon())


def test_other_words_are_another_message(rig: SpeakingRig) -> None:
    others = [WORDS, Speech("回覧です", 888753760), Speech("回覧です。", -1), Speech("回覧です。", 0, speed=2.0)]

    assert len({rig.synthesizer.speak(speech, until=soon()).url for speech in others}) == len(others)


def test_an_unknown_style_is_refused(rig: SpeakingRig) -> None:
    with pytest.raises(SpeechRejectedError, match="404"):
        rig.synthesizer.speak(Speech("回覧です。", 7), until=soon())


def test_white_space_is_refused(rig: SpeakingRig) -> None:
    with pytest.raises(SpeechRejectedError):
        rig.synthesizer.speak(Speech(" \n", 0), until=soon())


def test_there_is_no_speech_without_time(rig: SpeakingRig) -> None:
    with pytest.raises(SpeechTimedOutError):
        rig.synthesizer.speak(WORDS, until=CLOCK.monotonic())


def test_an_engine_that_is_down_says_only_what_it_said_before(rig: SpeakingRig) -> None:
    said = rig.synthesizer.speak(WORDS, until=soon())
    rig.down()

    with pytest.raises(SpeechUnavailableError):
        rig.synthesizer.speak(Speech("何か", 0), until=soon())
    assert rig.synthesizer.speak(WORDS, until=soon()) == said

    rig.up()
    assert rig.synthesizer.speak(Speech("何か", 0), until=soon()).duration_ms > 0


@pytest.fixture(params=["engine", "wrapper"])
def server_and_synthesizer(request: pytest.FixtureRequest, bucket: Any) -> Iterator[tuple[SpeechServer, Synthesizer]]:
    with running_speech_server() as server:
        yield server, speaking_by(server, request.param)


def test_the_mp3_is_what_the_engine_spoke(
    server_and_synthesizer: tuple[SpeechServer, Synthesizer], bucket: Any
) -> None:
    server, synthesizer = server_and_synthesizer
    server.sound = sounds.tone(2.5, rate=24_000)

    spoken = synthesizer.speak(WORDS, until=soon())

    data = bucket.get_object(Bucket="audio", Key=spoken.media_keys[0])["Body"].read()
    assert abs(spoken.duration_ms - 2500) <= 20
    assert abs(mp3.duration_ms(data) - 2500) <= 2 * 26.2


def test_many_who_ask_at_the_same_moment_hear_one_synthesis(
    server_and_synthesizer: tuple[SpeechServer, Synthesizer],
) -> None:
    server, synthesizer = server_and_synthesizer

    with ThreadPoolExecutor(16) as threads:
        spoken = set(threads.map(lambda _: synthesizer.speak(WORDS, until=soon()), range(16)))

    assert len(spoken) == 1
    assert sum(asked.path == "/synthesis" for asked in server.asked) == 1
