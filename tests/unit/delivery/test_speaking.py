"""The sender that speaks: once for all where all hear the same, else to each their own words."""

import json
from collections import Counter
from typing import Any

import pytest

from kairan.delivery.content import compose
from kairan.delivery.model import Sender
from kairan.delivery.samples import SAMPLE_SPEECH
from kairan.delivery.speaking import Speaker, Voice
from kairan.errors import InvalidEventError, KairanError, RetryableError, SpeechRejectedError, SpeechUnavailableError
from kairan.speech.model import Spoken, Words
from tests.fakes.clock import FakeClock
from tests.fakes.line import FakeLine, people, text
from tests.unit.delivery.deliveries import Office, delivery_to, kinds
from tests.unit.delivery.test_function import Bench, campaign

NAME = "{{Attributes.name}}"


class Engine:
    """Says everything, but for the words it was told to choke on."""

    def __init__(self, chokes_on: dict[str, KairanError] | None = None) -> None:
        self.said: Counter[str] = Counter()
        self.words: list[Words] = []
        self._chokes_on = chokes_on or {}

    def speak(self, words: Words, *, until: float) -> Spoken:
        if (error := self._chokes_on.get(words.text)) is not None:
            raise error
        self.words.append(words)
        self.said[words.text] += 1
        return Spoken("tts/a.mp3", f"https://audio.invalid/{len(words.text)}.mp3", 1000 + len(words.text))


def speaker(engine: Engine | None = None, *, max_characters: int = 100) -> Speaker:
    return Voice(engine or Engine(), FakeClock(), speaker=888753760, max_characters=max_characters).for_seconds(40)


def composed(data: Any, engine: Engine) -> list[dict[str, Any]]:
    return [dict(message) for message in compose(Sender.SPEECH, data, speaker=speaker(engine))]


def audio_of(words: str) -> dict[str, Any]:
    return {
        "type": "audio",
        "originalContentUrl": f"https://audio.invalid/{len(words)}.mp3",
        "duration": 1000 + len(words),
    }


@pytest.mark.parametrize("data", ["おはよう", " おはよう\n", {"tts": "おはよう"}, '{"tts": "おはよう"}'])
def test_words_become_an_audio_message(data: Any) -> None:
    engine = Engine()

    assert composed(data, engine) == [audio_of("おはよう")]
    assert engine.words == [Words("おはよう", speaker=888753760)]


@pytest.mark.parametrize("words", ["1,2,3", '{"text": "no tts in it"}', "{not JSON}"])
def test_words_that_look_like_something_else_are_words(words: str) -> None:
    engine = Engine()

    composed(words, engine)

    assert engine.said == {words: 1}


@pytest.mark.parametrize("data", [None, "", " \u3000"])
def test_nothing_is_the_sample_sentence(data: Any) -> None:
    engine = Engine()

    composed(data, engine)

    assert engine.said == {SAMPLE_SPEECH: 1}


def test_a_text_goes_before_the_voice() -> None:
    assert composed({"tts": "おはよう", "text": "Good morning"}, Engine()) == [
        text("Good morning"),
        audio_of("おはよう"),
    ]


def test_zero_is_a_value() -> None:
    engine = Engine()

    composed({"tts": "a", "speaker": 0, "volume": 0, "pitch": 0, "speed": 0.5}, engine)

    assert engine.words == [Words("a", speaker=0, speed=0.5, pitch=0.0, volume=0.0)]


@pytest.mark.parametrize(
    ("data", "paths"),
    [
        ({}, ["data.tts"]),
        ({"tts": 5}, ["data.tts"]),
        ({"tts": " "}, ["data.tts"]),
        ({"tts": "a", "text": "", "speaker": 1.5, "speed": 0.4, "pitch": "0", "volume": True}, None),
        ({"tts": "a", "speaker": 2**31}, ["data.speaker"]),
        ({"tts": "a", "pich": 0}, ["data.pich"]),
        ({"tts": "a" * 101}, ["data.tts"]),
        (["a"], ["data"]),
    ],
)
def test_every_fault_is_named_by_its_path_and_nothing_is_spoken(data: Any, paths: list[str] | None) -> None:
    engine = Engine()

    with pytest.raises(InvalidEventError) as raised:
        composed(data, engine)

    expected = paths or ["data.text", "data.speaker", "data.speed", "data.pitch", "data.volume"]
    assert [fault.path for fault in raised.value.faults] == expected
    assert engine.words == []


def test_the_same_words_for_five_hundred_are_spoken_once_and_go_by_multicast() -> None:
    line, engine = FakeLine(FakeClock()), Engine()
    messages = composed("おはよう", engine)

    Office(line).deliver(delivery_to(people(500)), messages[0])

    assert engine.said == {"おはよう": 1}
    assert [call for call, _ in line.calls] == ["multicast"]


def spoken_to(line: FakeLine, engine: Engine, words: str, number: int) -> dict[str, str]:
    (message,) = compose(Sender.SPEECH, words, speaker=speaker(engine))
    delivered = Office(line).deliver(delivery_to(people(number)), message, finish=speaker(engine).finish)
    return dict(kinds(delivered))


def test_everyone_hears_their_own_name() -> None:
    line, engine = FakeLine(FakeClock()), Engine()

    assert set(spoken_to(line, engine, f"おはよう、{NAME}", 3).values()) == {"sent"}

    assert engine.said == {f"おはよう、number {place}": 1 for place in range(3)}
    assert line.messages[people(3)[2]] == [audio_of("おはよう、number 2")]


def test_names_that_come_out_the_same_for_all_are_spoken_once() -> None:
    line, engine = FakeLine(FakeClock()), Engine()

    spoken_to(line, engine, "おはよう、{{Attributes.nickname|みなさん}}", 3)

    assert engine.said == {"おはよう、みなさん": 1}
    assert [call for call, _ in line.calls] == ["multicast"]


def test_words_that_come_out_empty_are_skipped() -> None:
    line, engine = FakeLine(FakeClock()), Engine()

    assert set(spoken_to(line, engine, "{{Attributes.nickname}}", 2).values()) == {"empty_text"}
    assert line.calls == []


def test_words_the_engine_refuses_fail_for_their_person_only() -> None:
    line, engine = FakeLine(FakeClock()), Engine({"number 1": SpeechRejectedError("no such voice")})

    outcomes = spoken_to(line, engine, NAME, 3)

    assert outcomes == {"endpoint-0": "sent", "endpoint-1": "speech_rejected", "endpoint-2": "sent"}


def test_too_many_words_fail_for_their_person_only() -> None:
    line = FakeLine(FakeClock())
    (message,) = compose(Sender.SPEECH, f"{NAME} {'x' * 92}", speaker=speaker())
    names = ["x", "longer", "y"]
    delivery = delivery_to(people(3))
    for recipient, name in zip(delivery.recipients, names, strict=True):
        recipient.variables["Attributes"]["name"][:] = [name]

    delivered = Office(line).deliver(delivery, message, finish=speaker(max_characters=95).finish)

    assert kinds(delivered) == {"endpoint-0": "sent", "endpoint-1": "invalid_message", "endpoint-2": "sent"}


def test_an_engine_that_is_down_leaves_open_what_it_cannot_say_and_a_repeat_sends_just_that() -> None:
    line, clock = FakeLine(FakeClock()), FakeClock()
    engine = Engine({"number 1": SpeechUnavailableError("the engine is down")})
    office = Office(line, clock=clock)
    delivery = delivery_to(people(3))
    (message,) = compose(Sender.SPEECH, NAME, speaker=speaker(engine))

    first = office.deliver(delivery, message, finish=speaker(engine).finish)
    second = office.deliver(delivery, message, finish=speaker(Engine()).finish)

    assert isinstance(first.open_because, SpeechUnavailableError)
    assert set(kinds(second).values()) == {"sent"}
    assert line.received == dict.fromkeys(people(3), 1)


def test_what_line_may_have_taken_is_not_called_failed_when_it_can_no_longer_be_said() -> None:
    line = FakeLine(FakeClock(), answers=["lost_after"] * 5)
    office, delivery = Office(line), delivery_to(people(1), always_push=True)
    (message,) = compose(Sender.SPEECH, NAME, speaker=speaker())
    office.deliver(delivery, message, finish=speaker().finish)

    silent = Engine({"number 0": SpeechRejectedError("no such voice any more")})
    unsure = office.deliver(delivery, message, finish=speaker(silent).finish)
    again = office.deliver(delivery, message, finish=speaker().finish)

    assert isinstance(unsure.open_because, RetryableError)
    assert kinds(unsure) == {}
    assert kinds(again) == {"endpoint-0": "sent"}
    assert line.received == {people(1)[0]: 1}


def test_a_campaign_that_speaks_answers_as_every_sender_does() -> None:
    bench = Bench(sender=Sender.SPEECH, speech=Engine())

    answer = bench.invoke(campaign(people(2), json.dumps({"tts": NAME, "text": f"Hello {NAME}"})))

    assert [entry["EventAttributes"]["outcome"] for entry in answer.values()] == ["sent", "sent"]
    assert bench.line.messages[people(2)[1]] == [text("Hello n1"), audio_of("n1")]


def test_a_dry_run_speaks_and_sends_nothing() -> None:
    engine = Engine()
    bench = Bench(sender=Sender.SPEECH, speech=engine)

    answer = bench.invoke({"to": people(2), "data": "おはよう", "dry_run": True})

    assert {outcome["reason"] for outcome in answer["outcomes"].values()} == {"dry_run"}
    assert engine.said == {"おはよう": 1}
    assert bench.line.received == {}


def test_an_engine_that_is_down_is_an_error_and_no_message() -> None:
    bench = Bench(sender=Sender.SPEECH, speech=Engine({"a": SpeechUnavailableError("the engine is down")}))

    with pytest.raises(SpeechUnavailableError):
        bench.invoke(campaign(people(2), "a"))

    assert bench.line.calls == []
