"""Speech that is synthesised once for all: what it finds, what it keeps, and how long it waits."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from kairan.content import Speech
from kairan.contract import MediaAccess, SpeechAccess
from kairan.errors import (
    ConfigurationError,
    KairanError,
    SpeechRejectedError,
    SpeechTimedOutError,
    SpeechUnavailableError,
    StoreUnavailableError,
)
from kairan.speech.cached import LOCK_SLACK, CachedSynthesizer
from kairan.speech.model import name_of
from kairan.speech.s3 import S3SpeechStore
from kairan.speech.wav import Sound
from kairan.speech.wiring import synthesizer_in
from tests.fakes.clock import FakeClock
from tests.fakes.speech import FakeEngine, FakeS3

WORDS = Speech("回覧です。", 888753760)
NAME = name_of(WORDS)
MP3, NOTE, LOCK = f"tts/{NAME}.mp3", f"tts/{NAME}.meta.json", f"tts/{NAME}.lock"
UNTIL = 20.0


@dataclass
class SpeakingRig:
    """A voice with everything around it. MP3s are the samples as they are."""

    clock: FakeClock = field(default_factory=FakeClock)
    s3: FakeS3 = field(default_factory=FakeS3)
    engine: FakeEngine = field(init=False)

    def __post_init__(self) -> None:
        self.engine = FakeEngine(self.clock)

    @property
    def store(self) -> S3SpeechStore:
        return S3SpeechStore("audio", base_url="https://audio.example/", client=self.s3)  # type: ignore[arg-type]

    @property
    def synthesizer(self) -> CachedSynthesizer:
        return CachedSynthesizer(
            engine=self.engine, store=self.store, clock=self.clock, encode=lambda sound: b"mp3" + sound.samples
        )

    def lock_of_another(self, seconds: float) -> None:
        """Somebody is speaking the words, or was when it ended."""
        taken = self.store.lock(NAME, "another", self.clock.now() + timedelta(seconds=seconds), instead_of=None)
        assert taken is not None


@pytest.fixture
def rig() -> SpeakingRig:
    return SpeakingRig()


def test_words_become_an_mp3_and_nothing_but_a_note_is_left_beside_it(rig: SpeakingRig) -> None:
    spoken = rig.synthesizer.speak(WORDS, until=UNTIL)

    assert spoken.duration_ms == 1001
    assert set(rig.s3.objects) == {*spoken.media_keys, NOTE}


def test_who_knows_the_words_cannot_tell_where_they_are_spoken(rig: SpeakingRig) -> None:
    [first] = rig.synthesizer.speak(WORDS, until=UNTIL).media_keys
    rig.s3 = FakeS3()
    [second] = rig.synthesizer.speak(WORDS, until=UNTIL).media_keys

    assert first != second
    for key in (first, second):
        assert re.fullmatch(r"tts/sounds/[0-9a-f]{32}\.mp3", key)


def test_what_was_spoken_is_found_even_when_there_is_no_time_to_speak(rig: SpeakingRig) -> None:
    first = rig.synthesizer.speak(WORDS, until=UNTIL)

    assert rig.synthesizer.speak(WORDS, until=rig.clock.monotonic() - 1) == first


def test_a_long_text_is_spoken_in_parts_and_plays_as_long_as_all_of_them(rig: SpeakingRig) -> None:
    sentence = "あ" * 299 + "。"

    spoken = rig.synthesizer.speak(Speech(sentence * 3, 7, speed=1.5, pitch=0.1, volume=0.0), until=UNTIL)

    assert rig.engine.said == [Speech(sentence, 7, speed=1.5, pitch=0.1, volume=0.0)] * 3
    assert spoken.duration_ms == 1001 + 1002 + 1003


class DuetEngine:
    """An engine that ends the first part only when it was given the second."""

    def __init__(self) -> None:
        self._second = Event()

    def say(self, speech: Speech, *, until: float) -> Sound:
        if speech.text.startswith("い"):
            self._second.set()
        elif not self._second.wait(timeout=20):
            raise SpeechTimedOutError("the second part did not come")
        return Sound(1000, 1, speech.text[0].encode("utf-16-le") * 1000)


def test_two_parts_are_spoken_at_once_and_joined_in_their_order(rig: SpeakingRig) -> None:
    synthesizer = CachedSynthesizer(
        engine=DuetEngine(), store=rig.store, clock=rig.clock, encode=lambda sound: sound.samples
    )

    spoken = synthesizer.speak(Speech("あ" * 299 + "。" + "い" * 299 + "。", 7), until=UNTIL)

    assert rig.s3.objects[spoken.media_keys[0]][0].decode("utf-16-le") == "あ" * 1000 + "い" * 1000


@pytest.mark.parametrize("text", ["", " \n　", "\ud83d", "🎉🎉", "！？", "――", "\u200b", "…", "(^_^)", "☎", "♪♪"])
def test_what_cannot_be_spoken_is_refused_before_the_engine_is_asked(rig: SpeakingRig, text: str) -> None:
    with pytest.raises(SpeechRejectedError):
        rig.synthesizer.speak(Speech(text, 1), until=UNTIL)

    assert rig.engine.said == []
    assert rig.s3.objects == {}


@pytest.mark.parametrize(
    "error", [SpeechRejectedError("no style 1"), SpeechUnavailableError("down"), SpeechTimedOutError("slow")], ids=repr
)
def test_an_engine_that_fails_leaves_nothing_behind_and_the_next_may_try(rig: SpeakingRig, error: KairanError) -> None:
    rig.engine.answers = [error]

    with pytest.raises(type(error)):
        rig.synthesizer.speak(WORDS, until=UNTIL)

    assert rig.s3.objects == {}
    assert rig.synthesizer.speak(WORDS, until=UNTIL).duration_ms == 1002


def test_when_one_part_fails_nothing_is_kept(rig: SpeakingRig) -> None:
    rig.engine.answers = [Sound(1000, 1, bytes(2000)), SpeechUnavailableError("down")]

    with pytest.raises(SpeechUnavailableError):
        rig.synthesizer.speak(Speech("あ" * 501, 1), until=UNTIL)

    assert rig.s3.objects == {}


def test_parts_of_different_formats_are_no_speech(rig: SpeakingRig) -> None:
    rig.engine.answers = [Sound(1000, 1, bytes(2000)), Sound(2000, 1, bytes(2000))]

    with pytest.raises(SpeechUnavailableError, match="different formats"):
        rig.synthesizer.speak(Speech("あ" * 501, 1), until=UNTIL)

    assert rig.s3.objects == {}


def test_without_time_nothing_is_begun(rig: SpeakingRig) -> None:
    with pytest.raises(SpeechTimedOutError):
        rig.synthesizer.speak(WORDS, until=0.0)

    assert rig.engine.said == []
    assert rig.s3.objects == {}


def test_waiting_for_another_ends_when_the_time_is_over(rig: SpeakingRig) -> None:
    rig.lock_of_another(60)

    with pytest.raises(SpeechTimedOutError):
        rig.synthesizer.speak(WORDS, until=UNTIL)

    assert rig.clock.monotonic() == UNTIL
    assert rig.engine.said == []
    assert set(rig.s3.objects) == {LOCK}


def test_waiting_for_another_ends_with_what_it_spoke(rig: SpeakingRig) -> None:
    rig.lock_of_another(60)
    slept = []

    class Clock(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            slept.append(seconds)
            if len(slept) == 3:
                rig.store.keep(NAME, WORDS, b"mp3 of another", 777)

    synthesizer = CachedSynthesizer(engine=rig.engine, store=rig.store, clock=Clock())

    assert synthesizer.speak(WORDS, until=UNTIL).duration_ms == 777
    assert rig.engine.said == []
    assert slept == pytest.approx([0.1, 0.2, 0.4])


def test_a_lock_lives_as_long_as_its_holder_may_speak(rig: SpeakingRig) -> None:
    seen: list[Any] = []
    say = rig.engine.say

    def look(speech: Speech, *, until: float) -> Sound:
        seen.append(rig.store.lock_on(NAME))
        return say(speech, until=until)

    rig.engine.say = look  # type: ignore[method-assign]

    rig.synthesizer.speak(WORDS, until=UNTIL)

    assert seen[0].expires_at == rig.clock.now() + timedelta(seconds=UNTIL) + LOCK_SLACK


@pytest.mark.parametrize("text", ["あ", "ー", "々", "7", "①", "㌔", "½", "é", "한", "🎉1"])
def test_a_letter_or_a_digit_is_something_to_say(rig: SpeakingRig, text: str) -> None:
    assert rig.synthesizer.speak(Speech(text, 1), until=UNTIL).duration_ms == 1001


def test_an_mp3_that_was_put_there_by_hand_is_not_touched(rig: SpeakingRig) -> None:
    rig.s3.objects[MP3] = b"by hand", {}

    spoken = rig.synthesizer.speak(WORDS, until=UNTIL)

    assert rig.s3.objects[MP3][0] == b"by hand"
    assert spoken == rig.store.find(NAME)


class Failing(FakeS3):
    """Fails one kind of call for good."""

    def __init__(self, call: str, key: str = "") -> None:
        super().__init__()
        self._call = call
        self._key = key

    def __getattribute__(self, name: str) -> Any:
        method = super().__getattribute__(name)
        if name != super().__getattribute__("_call"):
            return method
        key = super().__getattribute__("_key")

        def fail(**options: Any) -> Any:
            if options["Key"].endswith(key):
                raise ReadTimeoutError(endpoint_url="https://s3.invalid")
            return method(**options)

        return fail


class LostAnswer(FakeS3):
    """Takes the lock, and answers the repeat of that call as if it were another's."""

    def put_object(self, **options: Any) -> dict[str, Any]:
        answer = super().put_object(**options)
        return super().put_object(**options) if options["Key"] == LOCK else answer


def test_a_lock_of_our_own_whose_answer_was_lost_is_taken_without_waiting(rig: SpeakingRig) -> None:
    rig.s3 = LostAnswer()

    assert rig.synthesizer.speak(WORDS, until=UNTIL).duration_ms == 1001
    assert rig.clock.passed_s < 1


@pytest.mark.parametrize(
    ("call", "key"), [("get_object", ""), ("put_object", ".lock"), ("put_object", ".mp3"), ("put_object", ".json")]
)
def test_a_bucket_that_does_not_answer_is_said_to_be_so(rig: SpeakingRig, call: str, key: str) -> None:
    rig.s3 = Failing(call, key)

    with pytest.raises(StoreUnavailableError, match="the audio bucket did not answer"):
        rig.synthesizer.speak(WORDS, until=UNTIL)


def test_a_lock_that_cannot_be_released_does_not_spoil_what_was_spoken(
    rig: SpeakingRig, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    rig.s3 = Failing("delete_object")

    assert rig.synthesizer.speak(WORDS, until=UNTIL).duration_ms == 1001
    assert any(line["message"] == "a speech lock could not be released" for line in logged())


def test_a_lock_that_cannot_be_released_does_not_hide_why_nothing_was_spoken(rig: SpeakingRig) -> None:
    rig.s3 = Failing("delete_object")
    rig.engine.answers = [SpeechRejectedError("no style 1")]

    with pytest.raises(SpeechRejectedError):
        rig.synthesizer.speak(WORDS, until=UNTIL)


def test_no_line_of_the_log_tells_what_was_said(rig: SpeakingRig, logged: Callable[[], list[dict[str, Any]]]) -> None:
    rig.lock_of_another(1)

    rig.synthesizer.speak(WORDS, until=UNTIL)

    assert [line["message"] for line in logged()] == ["a speech lock was left behind", "spoken"]
    assert "回覧" not in json.dumps(logged(), ensure_ascii=False)


ACCESS = SpeechAccess("engine", 888753760, tts_max_characters=100, aivis_speech_url="http://127.0.0.1:1")
AUDIO = MediaAccess("audio", "https://audio.example")


def test_an_unknown_api_stops_the_function_at_start() -> None:
    with pytest.raises(ConfigurationError, match="AIVIS_SPEECH_API"):
        synthesizer_in(ACCESS._replace(aivis_speech_api="soap"), AUDIO, FakeClock(), secret_url=str)
