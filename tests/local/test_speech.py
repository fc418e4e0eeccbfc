"""Words become voice messages: with the local cloud's own engine, which logs, and with an engine that misbehaves."""

import io
import json
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
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

from kairan.speech.wav import Sound
from local.demo_messages import DemoPerson, campaign_event
from local.functions import Answer as Invoked
from tests.contract.speech_server import AUDIO_QUERY, Answer, Asked, SpeechServer, running_speech_server
from tests.local.cloud import Running
from tests.local.failures import configured, new_friends
from tests.rigs import sounds

SPOKE = re.compile(r"spoke style=(-?\d+) characters=(\d+)")
RATE, FRAME = 44_100, 1152
FRAME_MS = FRAME * 1000 / RATE
UNKNOWN_STYLE = 7
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


@dataclass(frozen=True)
class Sounding:
    """An MP3 as a player finds it: the duration of its frames, and its loudest sample (1 is the maximum)."""

    duration_ms: float
    loudest: float


def listen(running: Running, url: str) -> Sounding:
    answer = running.web.get(url)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/mpeg")
    with av.open(io.BytesIO(answer.content), "r", format="mp3") as file:
        assert (file.streams.audio[0].rate, file.streams.audio[0].channels) == (RATE, 1)
        frames = [array("f", bytes(frame.planes[0])[: 4 * frame.samples]) for frame in file.decode(audio=0)]
    return Sounding(sum(map(len, frames)) * 1000 / RATE, max(max(map(abs, frame)) for frame in frames))


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
    assert_as_long_as(listen(running, answer["tts_audio_url"]), answer["tts_audio_duration"])


def assert_as_long_as(sound: Sounding, duration_ms: int) -> None:
    """An MP3 begins with the encoder's delay, about a frame, and ends with a whole frame."""
    assert duration_ms > 0
    assert 0 <= sound.duration_ms - duration_ms <= 2 * FRAME_MS


def test_zero_is_a_value(running: Running, friend: DemoPerson, speech_log: SpeechLog) -> None:
    words = new_words()
    loud, silent = (running.push(friend.user_id, "tts", {"tts": words, "volume": volume}) for volume in (1, 0))
    slow = running.push(friend.user_id, "tts", {"tts": words, "speaker": 0, "pitch": 0})

    assert listen(running, loud.json()["tts_audio_url"]).loudest > 0.1
    assert listen(running, silent.json()["tts_audio_url"]).loudest < 0.001
    assert slow.json()["tts_audio_duration"] > loud.json()["tts_audio_duration"]
    assert [spoken.style for spoken in speech_log.spoken()] == [888753760, 888753760, 0]
    assert len(audio_of(running, friend)) == 3


def test_a_voice_below_zero_speaks_when_the_engine_has_it(
    running: Running, friend: DemoPerson, speech_log: SpeechLog
) -> None:
    existing = running.push(friend.user_id, "tts", {"tts": new_words(), "speaker": -1})
    unknown = running.push(friend.user_id, "tts", {"tts": new_words(), "speaker": -2})

    assert existing.status_code == 200
    assert (unknown.status_code, unknown.json()["code"]) == (422, "speech_rejected")
    assert [spoken.style for spoken in speech_log.spoken()] == [-1]
    assert len(audio_of(running, friend)) == 1


def test_more_than_the_setting_allows_is_refused_and_not_spoken(
    running: Running, friend: DemoPerson, speech_log: SpeechLog
) -> None:
    answer = running.push(friend.user_id, "tts", {"tts": "吾輩は猫である。" * 1250})

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert "10,000 characters; at most 1,500" in answer.json()["error"]
    assert speech_log.spoken() == []
    assert audio_of(running, friend) == []


def test_a_long_text_is_spoken_whole_in_parts(running: Running, friend: DemoPerson, speech_log: SpeechLog) -> None:
    texts = [new_words() + "吾輩は猫である。" * times for times in (6, 62)]

    short, long = (running.push(friend.user_id, "tts", {"tts": text, "speed": 2}).json() for text in texts)

    first, *parts = speech_log.spoken()
    assert first.characters == len(texts[0])
    assert sum(part.characters for part in parts) == len(texts[1])
    assert len(parts) > 1
    assert long["tts_audio_duration"] > 4 * short["tts_audio_duration"]
    assert_as_long_as(listen(running, long["tts_audio_url"]), long["tts_audio_duration"])
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


@dataclass
class BadEngine:
    """The words that it has to speak choose how it misbehaves."""

    server: SpeechServer
    enough: Event
    """Ends the slow answers."""

    def query(self, asked: Asked) -> Answer:
        text = asked.query["text"]
        if asked.query["speaker"] == str(UNKNOWN_STYLE):
            return Answer(404, body=b'{"detail": "no such style"}')
        if "no query" in text:
            return Answer(body=b'["not", "a", "query"]')
        return Answer(body=json.dumps(AUDIO_QUERY | {"kana": text}).encode())

    def synthesis(self, asked: Asked) -> Answer:
        text = asked.body["kana"]
        [answer] = [answer for words, answer in self.answers().items() if words in text]
        return answer()

    def answers(self) -> Mapping[str, Callable[[], Answer]]:
        wav = sounds.wav(sounds.tone(0.3))
        return {
            "down": lambda: Answer(500, "text/plain", b"Internal Server Error"),
            "JSON": lambda: Answer(200, "audio/wav", b'{"error": "out of memory"}'),
            "nonsense": lambda: Answer(200, "audio/wav", bytes(range(256)) * 20),
            "cut off": lambda: Answer(200, "audio/wav", wav[: len(wav) // 2]),
            "broken off": lambda: Answer(200, "audio/wav", wav[: len(wav) // 2], length=len(wav)),
            "silence": lambda: Answer(200, "audio/wav", sounds.wav(Sound(RATE, 1, b""))),
            "slow": self._slow,
        }

    def _slow(self) -> Answer:
        self.enough.wait(PATIENCE_S)
        return Answer(200, "audio/wav", sounds.wav(sounds.tone(0.3)))


@pytest.fixture
def ended() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


UNAVAILABLE, TIMED_OUT = (502, "speech_unavailable"), (504, "speech_timed_out")
WRONG = {
    "down": UNAVAILABLE,
    "JSON": UNAVAILABLE,
    "nonsense": UNAVAILABLE,
    "cut off": UNAVAILABLE,
    "broken off": UNAVAILABLE,
    "silence": UNAVAILABLE,
    "no query": UNAVAILABLE,
    "slow": TIMED_OUT,
}


def test_every_misbehaviour_of_an_engine_is_reported_and_sends_no_message(
    running: Running, friend: DemoPerson, ended: ExitStack
) -> None:
    stored = running.stored_files()

    def push(words: str, **how: Any) -> tuple[int, str]:
        return error_of(running.push(friend.user_id, "tts", {"tts": words, "text": "Listen", **how}))

    def send(words: str, **how: Any) -> tuple[bool, str]:
        answer = running.invoke("send_speech", {"to": friend.user_id, "data": {"tts": words, **how}})
        return answer.failed, answer.payload["errorMessage"].partition(":")[0]

    with running_speech_server() as server:
        engine = BadEngine(server, Event())
        server.instead |= {"/audio_query": engine.query, "/synthesis": engine.synthesis, "/": lambda _: Answer(503)}
        environment = {"AIVIS_SPEECH_URL": server.url}
        ended.enter_context(configured(running, "api", environment=environment))
        ended.enter_context(configured(running, "send_speech", timeout_s=SHORT_S, environment=environment))
        with ThreadPoolExecutor(2) as callers:
            slow_push, slow_sending = callers.submit(push, "slow"), callers.submit(send, "slow")
            quick = [words for words in WRONG if words != "slow"]
            pushed, sent = {words: push(words) for words in quick}, {words: send(words) for words in quick}
            unknown = push("hello", speaker=UNKNOWN_STYLE), send("hello", speaker=UNKNOWN_STYLE)
            health = running.api("GET", "health").json()["checks"]
            pushed["slow"], sent["slow"] = slow_push.result(), slow_sending.result()
        engine.enough.set()
    gone = push("hello"), send("hello")

    assert pushed == WRONG
    assert sent == {words: (True, f"RetryableError {code}") for words, (_, code) in WRONG.items()}
    assert unknown == ((422, "speech_rejected"), (True, "RejectedError speech_rejected"))
    assert gone == (UNAVAILABLE, (True, "RetryableError speech_unavailable"))
    assert health == {"secret": "ok", "ledger": "ok", "speech": "speech_unavailable"}
    assert audio_of(running, friend) == []
    assert running.stored_files() == stored


def error_of(answer: Response) -> tuple[int, str]:
    assert set(answer.json()) == {"error", "code"}, answer.text
    return answer.status_code, answer.json()["code"]
