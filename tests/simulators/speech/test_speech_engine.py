"""The speech engine of the local cloud, run in its own environment as the local cloud runs it."""

import io
import json
import re
import signal
import socket
import subprocess
import threading
import wave
from array import array
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from requests import Response

from local.web import LoopbackSession
from tools.run import ROOT, SPEECH_VENV

NORMAL, HIGH, LOW, SLOW, FAST, QUIET = 888753760, 888753761, 888753762, 0, 1, -1
SENTENCE = "市場は、十時に開きますか？"
PATIENCE_S = 30


@dataclass(frozen=True)
class Sound:
    channels: int
    rate: int
    samples: tuple[int, ...]

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.channels / self.rate

    @property
    def loudness(self) -> float:
        return float((sum(sample**2 for sample in self.samples) / len(self.samples)) ** 0.5)

    @property
    def brightness(self) -> float:
        """How often a second the wave changes its side, while there is something to hear: a higher voice does more often."""
        heard = [sample for sample in self.samples if abs(sample) > 500]
        return sum((one < 0) != (other < 0) for one, other in pairwise(heard)) / len(heard)


def sound_in(wav: bytes) -> Sound:
    with wave.open(io.BytesIO(wav)) as file:
        assert file.getsampwidth() == 2
        samples = array("h", file.readframes(file.getnframes()))
        return Sound(file.getnchannels(), file.getframerate(), tuple(samples))


class Engine:
    def __init__(self, url: str) -> None:
        self.url = url
        self._session = LoopbackSession()

    def call(self, method: str, path: str, body: object = None, **parameters: object) -> Response:
        data = json.dumps(body).encode() if body is not None else None
        return self._session.request(method, self.url + path, params=dict(parameters), data=data)

    def query(self, text: str, speaker: int = NORMAL) -> Any:
        answer = self.call("POST", "/audio_query", text=text, speaker=speaker)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def wav(self, query: Mapping[str, Any], speaker: int = NORMAL) -> bytes:
        answer = self.call("POST", "/synthesis", query, speaker=speaker)
        assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav"), answer.text
        return answer.content

    def say(self, text: str, speaker: int = NORMAL, **changes: object) -> Sound:
        return sound_in(self.wav({**self.query(text, speaker), **changes}, speaker))


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [SPEECH_VENV / "bin" / "python", "-W", "error", "-m", "simulators.speech", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def speaking() -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with start("--port", "0") as process:
        assert process.stdout
        ready = process.stdout.readline()
        address = re.search(r"ready at (http://127\.0\.0\.1:\d+)", ready)
        assert address, ready
        try:
            yield address[1], process
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with speaking() as (url, _):
        yield Engine(url)


# what is said


def test_a_sentence_is_spoken_as_the_engine_it_stands_for_speaks(engine: Engine) -> None:
    sound = engine.say(SENTENCE)

    assert (sound.channels, sound.rate) == (1, 44100)
    assert 2 < sound.seconds < 4
    assert sound.loudness > 500
    assert max(map(abs, sound.samples)) < 32767


def test_the_query_tells_how_the_text_is_read(engine: Engine) -> None:
    query = engine.query(SENTENCE)

    phrases = query["accent_phrases"]
    assert ["".join(mora["text"] for mora in phrase["moras"]) for phrase in phrases] == [
        "シジョオワ",
        "ジュウジニ",
        "ヒラキマスカ",
    ]
    assert [phrase["accent"] for phrase in phrases] == [1, 1, 4]
    assert [phrase["pause_mora"] is not None for phrase in phrases] == [True, False, False]
    assert [phrase["is_interrogative"] for phrase in phrases] == [False, False, True]
    assert phrases[0]["moras"][1] == {
        "text": "ジョ",
        "consonant": "j",
        "consonant_length": 0.0,
        "vowel": "o",
        "vowel_length": 0.0,
        "pitch": 0.0,
    }


def test_the_query_has_everything_that_can_be_changed_at_its_default(engine: Engine) -> None:
    query = engine.query(SENTENCE)

    del query["accent_phrases"]
    assert query == {
        "speedScale": 1.0,
        "intonationScale": 1.0,
        "tempoDynamicsScale": 1.0,
        "pitchScale": 0.0,
        "volumeScale": 1.0,
        "prePhonemeLength": 0.1,
        "postPhonemeLength": 0.1,
        "pauseLength": None,
        "pauseLengthScale": 1.0,
        "outputSamplingRate": 44100,
        "outputStereo": False,
        "kana": SENTENCE,
    }


@pytest.mark.parametrize(
    ("spoken", "kana"),
    [
        ("きゃきゅきょしゃちゅにょひゃみゅりょ", "キャキュキョシャチュニョヒャミュリョ"),
        ("ファ、ティ、ヴェ、ウォ、チェ、デュ", "ファティヴェウォチェデュ"),
        ("がっこうでほんをよんだ", "ガッコオデホンオヨンダ"),
        ("すきです", "スキデス"),
    ],
)
def test_every_sound_of_japanese_has_its_kana(engine: Engine, spoken: str, kana: str) -> None:
    phrases = engine.query(spoken)["accent_phrases"]

    assert "".join(mora["text"] for phrase in phrases for mora in phrase["moras"]) == kana


def test_the_same_words_are_the_same_sound_to_the_last_bit(engine: Engine) -> None:
    query = engine.query(SENTENCE)

    first = engine.wav(query)
    engine.wav({**query, "pitchScale": 0.1, "speedScale": 1.5}, HIGH)

    assert engine.wav(query) == first


def test_a_query_without_its_text_speaks_what_its_phrases_spell(engine: Engine) -> None:
    whole = engine.say(SENTENCE)

    spelled = engine.say(SENTENCE, kana=None)

    assert spelled.seconds == pytest.approx(whole.seconds, rel=0.1)


@pytest.mark.parametrize("text", ["", " \n", "😀", "👨‍👩‍👧🎉", "。、…", "안녕", "\0"])
def test_what_cannot_be_pronounced_is_a_moment_of_silence(engine: Engine, text: str) -> None:
    query = engine.query(text)
    sound = sound_in(engine.wav(query))

    assert query["accent_phrases"] == []
    assert sound.seconds == pytest.approx(0.2, abs=0.001)
    assert set(sound.samples) == {0}


@pytest.mark.parametrize(
    "text", ["Kairanです", "3,000円", "𠮷野家", "か\u0301", "https://a.example", "ｶﾀｶﾅ", "\U00030b31の本", "あ" * 500]
)
def test_all_else_is_spoken(engine: Engine, text: str) -> None:
    sound = engine.say(text)

    assert sound.seconds > 0.3
    assert sound.loudness > 100


# how it is said


def test_the_speed_changes_how_long_it_takes(engine: Engine) -> None:
    whole = engine.say(SENTENCE)

    assert engine.say(SENTENCE, speedScale=2).seconds == pytest.approx(whole.seconds / 2, rel=0.15)
    assert engine.say(SENTENCE, speedScale=0.5).seconds == pytest.approx(whole.seconds * 2, rel=0.15)


def test_the_pitch_changes_how_high_it_is_and_not_how_long(engine: Engine) -> None:
    low, high = (engine.say(SENTENCE, pitchScale=pitch) for pitch in (-0.15, 0.15))

    assert low.brightness < high.brightness
    assert low.seconds == pytest.approx(high.seconds, rel=0.02)


def test_the_volume_changes_how_loud_it_is(engine: Engine) -> None:
    whole = engine.say(SENTENCE)

    assert engine.say(SENTENCE, volumeScale=0.5).loudness == pytest.approx(whole.loudness / 2, rel=0.01)
    assert set(engine.say(SENTENCE, volumeScale=0).samples) == {0}
    loudest = max(engine.say(SENTENCE, volumeScale=2).samples)
    assert 32000 < loudest <= 32767


@pytest.mark.parametrize("rate", [8000, 24000, 48000, 96000])
def test_the_rate_changes_the_number_of_samples_only(engine: Engine, rate: int) -> None:
    whole = engine.say(SENTENCE)

    sound = engine.say(SENTENCE, outputSamplingRate=rate)

    assert sound.rate == rate
    assert sound.seconds == pytest.approx(whole.seconds, abs=0.001)
    assert sound.loudness == pytest.approx(whole.loudness, rel=0.1)


def test_stereo_is_the_same_on_both_sides(engine: Engine) -> None:
    mono, stereo = engine.say(SENTENCE), engine.say(SENTENCE, outputStereo=True)

    assert stereo.channels == 2
    assert stereo.samples[::2] == stereo.samples[1::2] == mono.samples


def test_the_silence_around_it_can_be_chosen(engine: Engine) -> None:
    whole = engine.say(SENTENCE)

    longer = engine.say(SENTENCE, prePhonemeLength=1.1, postPhonemeLength=0.6)

    assert longer.seconds == pytest.approx(whole.seconds + 1.5, abs=0.002)
    assert set(longer.samples[: int(1.09 * longer.rate)]) == {0}


def test_the_styles_differ_in_pitch_speed_and_volume(engine: Engine) -> None:
    said = {style: engine.say(SENTENCE, style) for style in (NORMAL, HIGH, LOW, SLOW, FAST, QUIET)}

    assert said[LOW].brightness < said[HIGH].brightness
    assert said[FAST].seconds < said[NORMAL].seconds < said[SLOW].seconds
    assert said[QUIET].loudness < 0.8 * said[NORMAL].loudness


def test_many_are_spoken_to_at_the_same_time_and_none_hears_anothers_voice(engine: Engine) -> None:
    styles = [NORMAL, HIGH, LOW, SLOW, FAST, QUIET] * 2
    queries = {style: engine.query(SENTENCE, style) for style in styles}
    alone = {style: engine.wav(queries[style], style) for style in styles}
    together: dict[int, bytes] = {}

    def speak(number: int, style: int) -> None:
        together[number] = Engine(engine.url).wav(queries[style], style)

    threads = [threading.Thread(target=speak, args=pair) for pair in enumerate(styles)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)

    assert together == {number: alone[style] for number, style in enumerate(styles)}


# the other routes


def test_the_speaker_has_styles_also_with_ids_of_zero_and_below(engine: Engine) -> None:
    (speaker,) = engine.call("GET", "/speakers").json()

    assert set(speaker) >= {"name", "speaker_uuid", "styles", "version"}
    assert {style["id"] for style in speaker["styles"]} == {NORMAL, HIGH, LOW, SLOW, FAST, QUIET}
    assert all(set(style) == {"name", "id", "type"} and style["type"] == "talk" for style in speaker["styles"])


def test_the_version_is_a_string(engine: Engine) -> None:
    assert re.fullmatch(r"\d+\.\d+.*", engine.call("GET", "/version").json())


def test_the_voice_is_ready_from_the_start(engine: Engine) -> None:
    asked = engine.call("POST", "/initialize_speaker", speaker=NORMAL, skip_reinit="true")

    assert (asked.status_code, asked.content) == (204, b"")
    assert engine.call("GET", "/is_initialized_speaker", speaker=NORMAL).json() is True


# what is refused


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/audio_query"),
        ("POST", "/synthesis"),
        ("POST", "/initialize_speaker"),
        ("GET", "/is_initialized_speaker"),
    ],
)
def test_a_style_that_does_not_exist_is_not_found(engine: Engine, method: str, path: str) -> None:
    answer = engine.call(method, path, engine.query("あ"), text="あ", speaker=7)

    assert answer.status_code == 404
    assert "style 7" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("parameters", "place", "type_"),
    [
        ({"speaker": NORMAL}, ["query", "text"], "missing"),
        ({"text": "あ"}, ["query", "speaker"], "missing"),
        ({"text": "あ", "speaker": "x"}, ["query", "speaker"], "int_parsing"),
        ({"text": "あ" * 501, "speaker": NORMAL}, ["query", "text"], "string_too_long"),
    ],
)
def test_a_wrong_parameter_is_named(
    engine: Engine, parameters: dict[str, object], place: list[str], type_: str
) -> None:
    answer = engine.call("POST", "/audio_query", **parameters)

    assert answer.status_code == 422
    (fault,) = answer.json()["detail"]
    assert (fault["loc"], fault["type"]) == (place, type_)
    assert fault["msg"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"speedScale": 0}, "speedScale"),
        ({"speedScale": 2.1}, "speedScale"),
        ({"speedScale": "fast"}, "speedScale"),
        ({"pitchScale": 0.2}, "pitchScale"),
        ({"volumeScale": -0.1}, "volumeScale"),
        ({"volumeScale": float("nan")}, "volumeScale"),
        ({"volumeScale": float("inf")}, "volumeScale"),
        ({"prePhonemeLength": 1e9}, "prePhonemeLength"),
        ({"outputSamplingRate": 0}, "outputSamplingRate"),
        ({"accent_phrases": None}, "accent_phrases"),
    ],
)
def test_a_query_out_of_its_ranges_is_refused(engine: Engine, change: dict[str, object], field: str) -> None:
    answer = engine.call("POST", "/synthesis", {**engine.query("あ"), **change}, speaker=NORMAL)

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][:2] == ["body", field]


def test_a_query_with_too_much_to_say_is_refused(engine: Engine) -> None:
    query = engine.query("あ")
    mora = query["accent_phrases"][0]["moras"][0]
    too_long: list[dict[str, object]] = [
        {"kana": "あ" * 501},
        {"kana": None, "accent_phrases": [{"moras": [mora] * 501, "accent": 1}]},
    ]

    answers = [engine.call("POST", "/synthesis", {**query, **change}, speaker=NORMAL) for change in too_long]

    assert [(answer.status_code, answer.json()["detail"][0]["type"]) for answer in answers] == [
        (422, "text_too_long")
    ] * 2


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"\\ud800"', b"\xff"])
def test_what_is_no_query_is_refused(engine: Engine, body: bytes) -> None:
    with LoopbackSession() as session:
        answer = session.post(f"{engine.url}/synthesis", params={"speaker": NORMAL}, data=body)

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body"]


def test_a_body_without_an_end_or_beyond_all_bounds_is_not_read(engine: Engine) -> None:
    with LoopbackSession() as session:
        endless = session.post(f"{engine.url}/synthesis?speaker=0", data=iter([b"{}"]))
        huge = session.post(f"{engine.url}/synthesis?speaker=0", headers={"content-length": "1000001"})

    assert (endless.status_code, huge.status_code) == (411, 413)
    assert "detail" in huge.json()


@pytest.mark.parametrize(
    ("method", "path", "status", "detail"),
    [
        ("GET", "/", 404, "Not Found"),
        ("GET", "/synthesis", 405, "Method Not Allowed"),
        ("PUT", "/speakers", 405, "Method Not Allowed"),
    ],
)
def test_other_routes_and_methods_are_told_apart(
    engine: Engine, method: str, path: str, status: int, detail: str
) -> None:
    answer = engine.call(method, path)

    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


# the program


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_told_to_and_has_not_written_down_what_it_said(stop: signal.Signals) -> None:
    with speaking() as (url, process):
        Engine(url).say("内緒の話です。")
        process.send_signal(stop)
        said, _ = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 0
    assert "spoke style=888753760 characters=7" in said
    assert "内緒" not in said
    assert "Traceback" not in said


def test_it_ends_though_a_connection_stays_open() -> None:
    with speaking() as (url, process):
        engine = Engine(url)
        engine.query("あ")
        process.terminate()
        assert process.wait(timeout=PATIENCE_S) == 0


def test_a_busy_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with start("--port", str(port)) as process:
            said, _ = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 1
    assert said == f"speech_engine: 127.0.0.1:{port} is in use; choose another with --port\n"


def test_it_explains_itself_and_credits_the_voice() -> None:
    with start("--help") as process:
        said, _ = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 0
    assert "--port" in said
    assert "CC BY 3.0" in " ".join(said.split())


def test_only_loopback_is_listened_on(engine: Engine) -> None:
    port = int(engine.url.rpartition(":")[2])
    listening = subprocess.run(["ss", "-ltnH"], capture_output=True, text=True, check=True).stdout

    assert set(re.findall(rf"(\S+):{port}\s", listening)) == {"127.0.0.1"}
