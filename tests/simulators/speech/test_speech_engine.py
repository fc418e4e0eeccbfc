"""The speech engine of the local cloud, run in its own environment, as the local cloud runs it."""

import io
import json
import os
import re
import signal
import socket
import threading
import wave
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from requests import Response

from tests.rigs.programs import PATIENCE_S, end_of, running, start
from tools.loopback import LoopbackSession
from tools.run import SPEECH_VENV

NORMAL, HIGH, LOW, SLOW, FAST, QUIET = 888753760, 888753761, 888753762, 0, 1, -1
SENTENCE = "市場は、十時に開きますか？"
COMMAND: list[str | Path] = [SPEECH_VENV / "bin" / "python", "-W", "error", "-m", "simulators.speech"]


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
        """How often the wave crosses zero, in samples that can be heard. A higher voice crosses more often."""
        audible = [sample for sample in self.samples if abs(sample) > 500]
        return sum((one < 0) != (other < 0) for one, other in pairwise(audible)) / len(audible)


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


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with running([*COMMAND, "--port", "0"], os.environ) as (url, _):
        yield Engine(url)


# the words


def test_a_sentence_is_spoken_as_an_aivisspeech_engine_speaks_it(engine: Engine) -> None:
    sound = engine.say(SENTENCE)

    assert (sound.channels, sound.rate) == (1, 44100)
    assert 2 < sound.seconds < 4
    assert sound.loudness > 500
    assert max(map(abs, sound.samples)) < 32767


def test_the_query_says_how_the_text_is_read(engine: Engine) -> None:
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


def test_the_query_has_every_parameter_at_its_default(engine: Engine) -> None:
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


def test_a_query_without_its_text_speaks_the_words_of_its_phrases(engine: Engine) -> None:
    whole = engine.say(SENTENCE)

    spelled = engine.say(SENTENCE, kana=None)

    assert spelled.seconds == pytest.approx(whole.seconds, rel=0.1)


@pytest.mark.parametrize("text", ["", " \n", "😀", "👨‍👩‍👧🎉", "。、…", "안녕", "\0"])
def test_a_text_that_cannot_be_pronounced_is_a_moment_of_silence(engine: Engine, text: str) -> None:
    query = engine.query(text)
    sound = sound_in(engine.wav(query))

    assert query["accent_phrases"] == []
    assert sound.seconds == pytest.approx(0.2, abs=0.001)
    assert set(sound.samples) == {0}


@pytest.mark.parametrize(
    "text", ["Kairanです", "3,000円", "𠮷野家", "か\u0301", "https://a.example", "ｶﾀｶﾅ", "\U00030b31の本", "あ" * 500]
)
def test_every_other_text_is_spoken(engine: Engine, text: str) -> None:
    sound = engine.say(text)

    assert sound.seconds > 0.3
    assert sound.loudness > 100


# the voice


def test_the_speed_changes_the_duration(engine: Engine) -> None:
    whole = engine.say(SENTENCE)

    assert engine.say(SENTENCE, speedScale=2).seconds == pytest.approx(whole.seconds / 2, rel=0.15)
    assert engine.say(SENTENCE, speedScale=0.5).seconds == pytest.approx(whole.seconds * 2, rel=0.15)


def test_the_pitch_changes_the_height_and_not_the_duration(engine: Engine) -> None:
    low, high = (engine.say(SENTENCE, pitchScale=pitch) for pitch in (-0.15, 0.15))

    assert low.brightness < high.brightness
    assert low.seconds == pytest.approx(high.seconds, rel=0.02)


def test_the_volume_changes_the_loudness(engine: Engine) -> None:
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
    sounds = {style: engine.say(SENTENCE, style) for style in (NORMAL, HIGH, LOW, SLOW, FAST, QUIET)}

    assert sounds[LOW].brightness < sounds[HIGH].brightness
    assert sounds[FAST].seconds < sounds[NORMAL].seconds < sounds[SLOW].seconds
    assert sounds[QUIET].loudness < 0.8 * sounds[NORMAL].loudness


def test_calls_at_the_same_time_each_get_their_own_voice(engine: Engine) -> None:
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
    answer = engine.call("POST", "/initialize_speaker", speaker=NORMAL, skip_reinit="true")

    assert (answer.status_code, answer.content) == (204, b"")
    assert engine.call("GET", "/is_initialized_speaker", speaker=NORMAL).json() is True


# refusals


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
    ("parameters", "location", "kind"),
    [
        ({"speaker": NORMAL}, ["query", "text"], "missing"),
        ({"text": "あ"}, ["query", "speaker"], "missing"),
        ({"text": "あ", "speaker": "x"}, ["query", "speaker"], "int_parsing"),
        ({"text": "あ" * 501, "speaker": NORMAL}, ["query", "text"], "string_too_long"),
    ],
)
def test_a_wrong_parameter_is_named(
    engine: Engine, parameters: dict[str, object], location: list[str], kind: str
) -> None:
    answer = engine.call("POST", "/audio_query", **parameters)

    assert answer.status_code == 422
    (violation,) = answer.json()["detail"]
    assert (violation["loc"], violation["type"]) == (location, kind)
    assert violation["msg"]


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
def test_a_body_that_is_not_a_query_is_refused(engine: Engine, body: bytes) -> None:
    with LoopbackSession() as session:
        answer = session.post(f"{engine.url}/synthesis", params={"speaker": NORMAL}, data=body)

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body"]


def test_a_body_without_a_length_or_over_a_megabyte_is_not_read(engine: Engine) -> None:
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
def test_an_unknown_route_differs_from_a_wrong_method(
    engine: Engine, method: str, path: str, status: int, detail: str
) -> None:
    answer = engine.call(method, path)

    assert (answer.status_code, answer.json()) == (status, {"detail": detail})


# the program


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_on_a_signal_though_a_connection_is_open_and_its_log_has_no_words(stop: signal.Signals) -> None:
    with running([*COMMAND, "--port", "0"], os.environ) as (url, process):
        engine = Engine(url)
        engine.say("内緒の話です。")
        process.send_signal(stop)
        code, log = end_of(process)

    assert code == 0
    assert re.fullmatch(r"\S+ \S+ simulators\.speech INFO spoke style=888753760 characters=7 in \S+ s\n", log)


def test_a_busy_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with start([*COMMAND, "--port", str(port)], os.environ) as process:
            end = end_of(process)

    assert end == (1, f"simulators.speech: 127.0.0.1:{port} is in use; choose another port with --port\n")


def test_its_help_credits_the_voice() -> None:
    with start([*COMMAND, "--help"], os.environ) as process:
        code, output = end_of(process)

    assert code == 0
    assert "--port" in output
    assert "CC BY 3.0" in " ".join(output.split())
