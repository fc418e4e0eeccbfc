"""What the engine adapters make of every answer there is, from a server that answers anything."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kairan.clock import SystemClock
from kairan.content import Speech
from kairan.errors import SpeechFailedError, SpeechRejectedError, SpeechTimedOutError, SpeechUnavailableError
from kairan.speech.engine import AivisSpeechEngine
from kairan.speech.http import CALLS_AT_ONCE
from kairan.speech.port import Engine
from kairan.speech.wrapper import AivisSpeechWrapper
from tests.contract.speech_server import AUDIO_QUERY, SpeechServer, running_speech_server
from tests.rigs import sounds

CLOCK = SystemClock()
WORDS = Speech("回覧です。100% & more + 猫", 888753760, speed=1.25, pitch=-0.1, volume=0.0)
Make = Callable[[str], Engine]
ENGINES: dict[str, Make] = {
    "engine": lambda url: AivisSpeechEngine(url, clock=CLOCK),
    "wrapper": lambda url: AivisSpeechWrapper(url, clock=CLOCK),
}


@pytest.fixture
def server() -> Iterator[SpeechServer]:
    with running_speech_server() as running:
        yield running


@pytest.fixture(params=ENGINES)
def make(request: pytest.FixtureRequest) -> Make:
    return ENGINES[request.param]


@pytest.fixture
def engine(make: Make, server: SpeechServer) -> Engine:
    return make(server.url)


def soon(seconds: float = 10) -> float:
    return CLOCK.monotonic() + seconds


def test_words_become_a_sound(server: SpeechServer, engine: Engine) -> None:
    assert engine.say(WORDS, until=soon()) == server.sound


@pytest.mark.parametrize("style_id", [0, -1])
def test_a_style_id_may_be_zero_or_less(engine: Engine, style_id: int) -> None:
    assert engine.say(Speech("はい", style_id), until=soon()).duration_ms == 300


def test_an_engine_is_asked_how_to_pronounce_and_then_to_speak(server: SpeechServer) -> None:
    AivisSpeechEngine(server.url, clock=CLOCK).say(WORDS, until=soon())

    query, synthesis = server.asked
    assert (query.method, query.path) == ("POST", "/audio_query")
    assert query.query == {"text": WORDS.text, "speaker": "888753760"}
    assert (synthesis.method, synthesis.path, synthesis.query) == ("POST", "/synthesis", {"speaker": "888753760"})
    assert synthesis.body == AUDIO_QUERY | {
        "speedScale": 1.25,
        "pitchScale": -0.1,
        "volumeScale": 0.0,
        "outputSamplingRate": 44_100,
        "outputStereo": False,
    }


def test_a_wrapper_is_asked_once_for_a_wav_of_a_given_volume(server: SpeechServer) -> None:
    AivisSpeechWrapper(server.url, clock=CLOCK).say(WORDS, until=soon())

    [synthesis] = server.asked
    assert (synthesis.method, synthesis.path) == ("GET", "/synthesis")
    assert synthesis.query == {
        "text": WORDS.text,
        "volume": "0.0",
        "pitch": "-0.1",
        "speed": "1.25",
        "speaker": "888753760",
        "format": "wav",
    }


@pytest.mark.parametrize("base", ["/", "/tts", "/tts/"])
def test_an_engine_may_live_below_a_path(server: SpeechServer, make: Make, base: str) -> None:
    make(server.url + base).say(WORDS, until=soon())

    assert server.asked[-1].path == f"{base.rstrip('/')}/synthesis"


def test_one_connection_serves_many_words(server: SpeechServer, engine: Engine) -> None:
    for _ in range(3 * CALLS_AT_ONCE):
        assert engine.say(WORDS, until=soon()) == server.sound


VALIDATION = {"detail": [{"loc": ["body"], "msg": "field required", "input": WORDS.text}, {"msg": "too long"}, "odd"]}


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (422, VALIDATION, "422: field required; too long"),
        (422, {"error": "no kana"}, "422: no kana"),
        (400, {"message": " no \n kana "}, "400: no kana"),
        (404, {"detail": f"cannot say {WORDS.text} as 7"}, "404: cannot say … as 7"),
        (422, {"detail": "long " * 100}, "422: " + ("long " * 100)[:200]),
        (422, b"", "422: Unprocessable"),
        (422, b"<html>", "422: Unprocessable"),
        (422, [], "422: Unprocessable"),
        (422, {}, "422: Unprocessable"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_refusal_tells_why_and_never_what_was_to_be_said(
    server: SpeechServer, engine: Engine, status: int, body: Any, told: str
) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    server.answers("/synthesis", status=status, body=data)

    with pytest.raises(SpeechRejectedError) as raised:
        engine.say(WORDS, until=soon())

    assert str(raised.value).startswith(f"the speech engine answered {told}")
    assert WORDS.text not in str(raised.value)


@pytest.mark.parametrize("status", [201, 204, 301, 307, 401, 403, 405, 413, 429, 500, 502, 503, 504])
def test_every_other_status_is_an_engine_that_is_not_there(server: SpeechServer, engine: Engine, status: int) -> None:
    server.answers("/synthesis", status=status, body=b"" if status == 204 else sounds.wav(server.sound))

    with pytest.raises(SpeechUnavailableError, match=str(status)) as raised:
        engine.say(WORDS, until=soon())

    assert type(raised.value) is (SpeechFailedError if status == 500 else SpeechUnavailableError)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"detail": "CUDA out of memory"}', "JSON"),
        (b"", "something"),
        (b"<html>", "something"),
        (b"ID3" + bytes(500), "something"),
        (sounds.wav(sounds.tone(0.3))[:-300], "cut off"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_no_wav_under_an_audio_type_is_no_speech(server: SpeechServer, engine: Engine, body: bytes, told: str) -> None:
    server.answers("/synthesis", type="audio/wav", body=body)

    with pytest.raises(SpeechUnavailableError, match=f"answered (a WAV that was )?{told}") as raised:
        engine.say(WORDS, until=soon())

    assert type(raised.value) is SpeechFailedError


@pytest.mark.parametrize("body", [b"", b"no", b"[]", b"null", b'"query"'])
def test_no_audio_query_is_no_speech(server: SpeechServer, body: bytes) -> None:
    server.answers("/audio_query", body=body)

    with pytest.raises(SpeechUnavailableError, match="AudioQuery"):
        AivisSpeechEngine(server.url, clock=CLOCK).say(WORDS, until=soon())

    assert [asked.path for asked in server.asked] == ["/audio_query"]


def test_an_unknown_style_is_not_asked_to_speak(server: SpeechServer) -> None:
    with pytest.raises(SpeechRejectedError):
        AivisSpeechEngine(server.url, clock=CLOCK).say(Speech("はい", 7), until=soon())

    assert [asked.path for asked in server.asked] == ["/audio_query"]


def test_an_answer_that_breaks_off_is_no_speech_and_the_next_one_is(server: SpeechServer, engine: Engine) -> None:
    whole = sounds.wav(server.sound)
    server.answers("/synthesis", type="audio/wav", body=whole[:-1000], length=len(whole))

    for _ in range(2 * CALLS_AT_ONCE):
        with pytest.raises(SpeechUnavailableError, match=r"ProtocolError|IncompleteRead"):
            engine.say(WORDS, until=soon())

    server.instead.clear()
    assert engine.say(WORDS, until=soon()) == server.sound


def test_an_answer_without_an_end_is_cut_short(
    server: SpeechServer, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kairan.speech.http.MAX_ANSWER_BYTES", 10_000)

    for _ in range(2 * CALLS_AT_ONCE):
        with pytest.raises(SpeechUnavailableError, match="more than 10,000 bytes"):
            engine.say(WORDS, until=soon())


def test_a_slow_engine_is_given_up_when_the_time_is_over(server: SpeechServer, engine: Engine) -> None:
    server.gate.clear()
    began = time.monotonic()

    with pytest.raises(SpeechTimedOutError):
        engine.say(WORDS, until=soon(0.3))

    assert time.monotonic() - began < 5


def test_without_time_nothing_is_asked(server: SpeechServer, engine: Engine) -> None:
    with pytest.raises(SpeechTimedOutError):
        engine.say(WORDS, until=soon(0))

    assert server.asked == []


def test_what_takes_its_time_byte_by_byte_is_given_up_too(make: Make) -> None:
    """A read that goes on and on never waits for long."""
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
        while not over.wait(0.02):
            connection.sendall(b"R")

    with misbehaving(drip) as url, pytest.raises(SpeechTimedOutError):
        make(url).say(WORDS, until=soon(0.4))
    over.set()


def test_no_more_calls_are_under_way_than_an_engine_can_bear(server: SpeechServer, engine: Engine) -> None:
    server.gate.clear()
    threads = [threading.Thread(target=lambda: engine.say(WORDS, until=soon())) for _ in range(3 * CALLS_AT_ONCE)]
    for thread in threads:
        thread.start()
    for _ in range(CALLS_AT_ONCE):
        assert server.arrived.acquire(timeout=10)

    with pytest.raises(SpeechTimedOutError, match="had done other texts"):
        engine.say(WORDS, until=soon(0.2))
    under_way = len(server.asked)

    server.gate.set()
    for thread in threads:
        thread.join()
    assert under_way == CALLS_AT_ONCE
    assert sum(asked.path == "/synthesis" for asked in server.asked) == len(threads)


def test_who_waits_for_others_is_done_when_the_time_is_over(server: SpeechServer, engine: Engine) -> None:
    """Having waited, a call does not begin with as much time as it had before."""
    server.gate.clear()
    began = time.monotonic()

    with ThreadPoolExecutor(2 * CALLS_AT_ONCE) as pool:
        until = [soon(1.0) for _ in range(CALLS_AT_ONCE)] + [soon(1.5) for _ in range(CALLS_AT_ONCE)]
        said = [pool.submit(engine.say, WORDS, until=each) for each in until]
        errors = [each.exception() for each in said]

    assert all(isinstance(error, SpeechTimedOutError) for error in errors)
    assert time.monotonic() - began < 2.2


def test_nobody_at_home_is_unavailable(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    with pytest.raises(SpeechUnavailableError, match="NewConnectionError") as raised:
        make(f"http://127.0.0.1:{port}").say(WORDS, until=soon())

    assert type(raised.value) is SpeechUnavailableError
    assert WORDS.text not in str(raised.value)


def hangs_up(connection: socket.socket) -> None:
    connection.recv(65536)


def talks_nonsense(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"\x00\x01 good day\r\n\r\n")


@pytest.mark.parametrize("manner", [hangs_up, talks_nonsense])
def test_who_does_not_speak_http_is_unavailable(make: Make, manner: Callable[[socket.socket], None]) -> None:
    with misbehaving(manner) as url, pytest.raises(SpeechUnavailableError) as raised:
        make(url).say(WORDS, until=soon())

    assert type(raised.value) is SpeechFailedError


class misbehaving:
    """A server that treats its first connection in some manner."""

    def __init__(self, manner: Callable[[socket.socket], None]) -> None:
        self._manner = manner
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection:
            try:
                self._manner(connection)
            except OSError:
                """The other has had enough."""

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._thread.join(timeout=10)
        self._listening.close()
