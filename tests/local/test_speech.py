"""Words become voice messages: with the local cloud's own engine, which logs, and with an engine that misbehaves."""

import io
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from threading import Event
from typing import Any
from uuid import uuid4

import av
import pytest
from requests import Response

from local.demo_messages import DemoPerson, campaign_event
from local.functions import Answer as Invoked
from tests.contract.speech_server import Answer, Asked, running_speech_server
from tests.local.cloud import Running
from tests.local.failures import configured, new_friends

SPOKE = re.compile(r"spoke style=(-?\d+) characters=(\d+)")
RATE, FRAME = 44_100, 1152
FRAME_MS = FRAME * 1000 / RATE
PATIENCE_S = 28
SHORT_S = 15
"""A sender with this time-out waits for an engine for five seconds: it keeps ten for sending."""
_numbers = count(uuid4().int % 10**8)


def new_words(text: str = "番のかた、窓口へどうぞ。") -> str:
    """Words that are new, so that the engine has to speak them."""
    return f"{next(_numbers)}{text}"


@pytest.fixture
def friend(running: Running) -> DemoPerson:
    [person] = new_friends(running, 1).people
    return person


@dataclass(frozen=True)
class Spoken:
    style: int
    characters: int


class SpeechLog:
    """What the local cloud's engine speaks from now on, by its log, which has no words."""

    def __init__(self, running: Running) -> None:
        self._log = running.cloud.folder / "logs" / "speech.log"
        self._from = self._log.stat().st_size

    def spoken(self) -> list[Spoken]:
        with self._log.open("rb") as log:
            log.seek(self._from)
            return [Spoken(int(style), int(length)) for style, length in SPOKE.findall(log.read().decode())]


@pytest.fixture
def speech_log(running: Running) -> SpeechLog:
    return SpeechLog(running)


def played_ms(running: Running, url: str) -> float:
    """How long a player plays an MP3: the duration of its frames."""
    answer = running.web.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mpeg")
    with av.open(io.BytesIO(answer.content), "r", format="mp3") as file:
        assert (file.streams.audio[0].rate, file.streams.audio[0].channels) == (RATE, 1)
        return sum(frame.samples for frame in file.decode(audio=0)) * 1000 / RATE


def audio_of(running: Running, person: DemoPerson) -> list[dict[str, Any]]:
    received = running.line.received(person.user_id)
    assert [message["type"] for message in received] == ["audio"] * len(received)
    return received


# the push API speaks


def test_the_same_words_are_spoken_once_for_all_recipients(running: Running, speech_log: SpeechLog) -> None:
    people, words = new_friends(running, 3).people, new_words()

    answers = [running.push(person.user_id, "tts", {"tts": words}) for person in people]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.json()["tts_audio_url"] for answer in answers}) == 1
    assert [len(audio_of(running, person)) for person in people] == [1] * 3
    assert len(speech_log.spoken()) == 1


def test_the_duration_is_that_of_the_sound(running: Running, friend: DemoPerson) -> None:
    answer = running.push(friend.user_id, "tts", {"tts": new_words()}).json()

    [message] = audio_of(running, friend)
    assert (message["originalContentUrl"], message["duration"]) == (
        answer["tts_audio_url"],
        answer["tts_audio_duration"],
    )
    assert_as_long_as(played_ms(running, answer["tts_audio_url"]), answer["tts_audio_duration"])


def assert_as_long_as(played_ms: float, duration_ms: int) -> None:
    """An MP3 begins with the encoder's delay, about a frame, and ends with a whole frame."""
    assert duration_ms > 0
    assert 0 <= played_ms - duration_ms <= 2 * FRAME_MS


def test_a_long_text_is_spoken_whole_in_parts(running: Running, friend: DemoPerson, speech_log: SpeechLog) -> None:
    texts = [new_words() + "吾輩は猫である。" * times for times in (6, 62)]

    short, long = (running.push(friend.user_id, "tts", {"tts": text, "speed": 2}).json() for text in texts)

    first, *parts = speech_log.spoken()
    assert first.characters == len(texts[0])
    assert sum(part.characters for part in parts) == len(texts[1])
    assert len(parts) > 1
    assert long["tts_audio_duration"] > 4 * short["tts_audio_duration"]
    assert_as_long_as(played_ms(running, long["tts_audio_url"]), long["tts_audio_duration"])
    assert len(audio_of(running, friend)) == 2


# campaigns speak


def test_one_sentence_to_five_hundred_people_is_spoken_once_and_reaches_each_once(
    running: Running, speech_log: SpeechLog
) -> None:
    people = new_friends(running, 500)

    answer = running.invoke("send_speech", campaign_event(people.people, new_words()))

    assert outcomes(answer) == {"sent": 500}
    assert people.received() == people.each(1)
    assert len(speech_log.spoken()) == 1


def test_batches_of_a_campaign_that_run_at_the_same_moment_speak_once(running: Running, speech_log: SpeechLog) -> None:
    batches, words = [new_friends(running, 20) for _ in range(2)], new_words()

    with ThreadPoolExecutor(2) as callers:
        answers = list(
            callers.map(
                lambda people: running.invoke("send_speech", campaign_event(people.people, words)),
                batches,
            )
        )

    assert [outcomes(answer) for answer in answers] == [{"sent": 20}] * 2
    assert [people.received() for people in batches] == [people.each(1) for people in batches]
    assert len(speech_log.spoken()) == 1
    links = {audio_of(running, person)[0]["originalContentUrl"] for people in batches for person in people.people}
    assert len(links) == 1


def outcomes(answer: Invoked) -> dict[str, int]:
    assert not answer.failed, answer.payload
    return dict(Counter(entry["EventAttributes"]["outcome"] for entry in answer.payload.values()))


# an engine that misbehaves


@pytest.fixture
def ended() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def test_an_engine_that_is_too_slow_or_gone_is_reported_in_time_and_sends_no_message(
    running: Running, friend: DemoPerson, ended: ExitStack
) -> None:
    """Before Lambda or API Gateway ends the call. `tests/contract` tries every other misbehaviour."""
    stored, enough = running.stored_files(), Event()

    def push() -> tuple[int, str]:
        return error_of(running.push(friend.user_id, "tts", {"tts": "Too slow", "text": "Listen"}))

    def send() -> tuple[bool, str]:
        answer = running.invoke("send_speech", {"to": friend.user_id, "data": {"tts": "Too slow"}})
        return answer.failed, answer.payload["errorMessage"].partition(":")[0]

    def slow(asked: Asked) -> Answer:
        enough.wait(PATIENCE_S)
        return Answer(503)

    with running_speech_server() as server:
        server.instead |= {"/audio_query": slow, "/": lambda _: Answer(503)}
        environment = {"AIVIS_SPEECH_URL": server.url}
        ended.enter_context(configured(running, "api", environment=environment))
        ended.enter_context(configured(running, "send_speech", timeout_s=SHORT_S, environment=environment))
        health = running.api("GET", "health").json()["checks"]
        with ThreadPoolExecutor(2) as callers:
            pushed, sent = callers.submit(push), callers.submit(send)
            in_time = pushed.result(), sent.result()
        enough.set()

    assert in_time == ((504, "speech_timed_out"), (True, "RetryableError speech_timed_out"))
    assert (push(), send()) == ((502, "speech_unavailable"), (True, "RetryableError speech_unavailable"))
    assert health == {"secret": "ok", "ledger": "ok", "speech": "speech_unavailable"}
    assert audio_of(running, friend) == []
    assert running.stored_files() == stored


def error_of(answer: Response) -> tuple[int, str]:
    assert set(answer.json()) == {"error", "code"}, answer.text
    return answer.status_code, answer.json()["code"]
