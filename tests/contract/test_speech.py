"""The voice's contract: the fake, and the real one before a real server and a bucket, keep the same promises."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.session import get_session

from kairan.clock import SystemClock
from kairan.errors import SpeechRejectedError, SpeechTimedOutError, SpeechUnavailableError
from kairan.media import mp3
from kairan.speech.model import Words, name_of
from kairan.speech.port import Speech
from kairan.speech.wiring import speech_in
from tests import sounds
from tests.contract.speech_server import SPEAKERS, SpeechServer, running_speech_server
from tests.fakes.speech import FakeSpeech

BASE = "https://audio.example"
CLOCK = SystemClock()
WORDS = Words("回覧です。", 888753760)


@dataclass
class Voice:
    """`down` and `up` are what a test does to its engine."""

    speech: Speech
    server: SpeechServer | None

    def down(self) -> None:
        if self.server is not None:
            for path in ("/audio_query", "/synthesis"):
                self.server.answers(path, status=503)
        else:
            assert isinstance(self.speech, FakeSpeech)
            self.speech.fails = SpeechUnavailableError("the speech engine answered 503")

    def up(self) -> None:
        if self.server is not None:
            self.server.instead.clear()
        else:
            assert isinstance(self.speech, FakeSpeech)
            self.speech.fails = None


@pytest.fixture
def bucket(moto: None) -> Any:
    client: Any = get_session().create_client("s3")
    client.create_bucket(Bucket="audio")
    return client


@pytest.fixture(params=["fake", "engine", "wrapper"])
def voice(request: pytest.FixtureRequest) -> Iterator[Voice]:
    if request.param == "fake":
        yield Voice(FakeSpeech(base_url=BASE, clock=CLOCK, speakers=SPEAKERS), None)
        return
    request.getfixturevalue("bucket")
    with running_speech_server() as server:
        yield Voice(
            speech_in(url=server.url, api=request.param, bucket="audio", media_url=f"{BASE}/", clock=CLOCK), server
        )


def soon() -> float:
    return CLOCK.monotonic() + 10


def test_words_have_a_link_and_a_duration(voice: Voice) -> None:
    spoken = voice.speech.speak(WORDS, until=soon())

    link = urlsplit(spoken.url)
    assert spoken.key == f"tts/{name_of(WORDS)}.mp3"
    assert f"{link.scheme}://{link.netloc}{link.path}" == f"{BASE}/{spoken.key}"
    assert link.query.startswith("v=")
    assert spoken.duration_ms > 0


def test_the_same_words_are_the_same_message(voice: Voice) -> None:
    assert voice.speech.speak(WORDS, until=soon()) == voice.speech.speak(WORDS, until=soon())


def test_other_words_are_another_message(voice: Voice) -> None:
    others = [WORDS, Words("回覧です", 888753760), Words("回覧です。", -1), Words("回覧です。", 0, speed=2.0)]

    assert len({voice.speech.speak(words, until=soon()).url for words in others}) == len(others)


def test_an_unknown_speaker_is_refused(voice: Voice) -> None:
    with pytest.raises(SpeechRejectedError, match="404"):
        voice.speech.speak(Words("回覧です。", 7), until=soon())


def test_white_space_is_refused(voice: Voice) -> None:
    with pytest.raises(SpeechRejectedError):
        voice.speech.speak(Words(" \n", 0), until=soon())


def test_there_is_no_speech_without_time(voice: Voice) -> None:
    with pytest.raises(SpeechTimedOutError):
        voice.speech.speak(WORDS, until=CLOCK.monotonic())


def test_an_engine_that_is_down_says_only_what_it_said_before(voice: Voice) -> None:
    said = voice.speech.speak(WORDS, until=soon())
    voice.down()

    with pytest.raises(SpeechUnavailableError):
        voice.speech.speak(Words("何か", 0), until=soon())
    assert voice.speech.speak(WORDS, until=soon()) == said

    voice.up()
    assert voice.speech.speak(Words("何か", 0), until=soon()).duration_ms > 0


@pytest.fixture(params=["engine", "wrapper"])
def server_and_speech(request: pytest.FixtureRequest, bucket: Any) -> Iterator[tuple[SpeechServer, Speech]]:
    with running_speech_server() as server:
        yield (
            server,
            speech_in(url=server.url, api=request.param, bucket="audio", media_url=BASE, clock=CLOCK),
        )


def test_the_mp3_is_what_the_engine_spoke(server_and_speech: tuple[SpeechServer, Speech], bucket: Any) -> None:
    server, speech = server_and_speech
    server.sound = sounds.tone(2.5, rate=24_000)

    spoken = speech.speak(WORDS, until=soon())

    data = bucket.get_object(Bucket="audio", Key=spoken.key)["Body"].read()
    assert abs(spoken.duration_ms - 2500) <= 20
    assert abs(mp3.duration_ms(data) - 2500) <= 2 * 26.2


def test_a_long_text_is_joined_from_its_parts(server_and_speech: tuple[SpeechServer, Speech]) -> None:
    server, speech = server_and_speech

    spoken = speech.speak(Words("吾輩は猫である。" * 1250, 0), until=soon())

    parts = [asked.query["text"] for asked in server.asked if "text" in asked.query]
    assert "".join(parts) == "吾輩は猫である。" * 1250
    assert max(map(len, parts)) <= 500
    assert spoken.duration_ms == 300 * len(parts)


def test_what_the_engine_does_not_speak_leaves_nothing_in_the_bucket(
    server_and_speech: tuple[SpeechServer, Speech], bucket: Any
) -> None:
    server, speech = server_and_speech
    server.answers("/synthesis", type="audio/wav", body=b'{"error": "out of memory"}')

    with pytest.raises(SpeechUnavailableError):
        speech.speak(WORDS, until=soon())

    assert "Contents" not in bucket.list_objects_v2(Bucket="audio")


def test_many_who_ask_at_the_same_moment_hear_one_synthesis(
    server_and_speech: tuple[SpeechServer, Speech],
) -> None:
    server, speech = server_and_speech

    with ThreadPoolExecutor(16) as threads:
        spoken = set(threads.map(lambda _: speech.speak(WORDS, until=soon()), range(16)))

    assert len(spoken) == 1
    assert sum(asked.path == "/synthesis" for asked in server.asked) == 1
