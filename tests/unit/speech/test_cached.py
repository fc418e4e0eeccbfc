"""Speech that is synthesised once for everybody: what it finds, what it keeps, and how long it waits."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from kairan.errors import (
    ConfigurationError,
    KairanError,
    SpeechNotConfiguredError,
    SpeechRejectedError,
    SpeechTimedOutError,
    SpeechUnavailableError,
    StoreUnavailableError,
)
from kairan.speech.cached import LOCK_SLACK, CachedSpeech
from kairan.speech.model import Words, name_of
from kairan.speech.s3 import S3SpeechStore
from kairan.speech.wav import Sound
from kairan.speech.wiring import speech_in
from tests.fakes.clock import FakeClock
from tests.fakes.speech import FakeEngine, FakeS3

WORDS = Words("回覧です。", 888753760)
NAME = name_of(WORDS)
MP3, NOTE, LOCK = f"tts/{NAME}.mp3", f"tts/{NAME}.meta.json", f"tts/{NAME}.lock"
UNTIL = 20.0


@dataclass
class Studio:
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
    def speech(self) -> CachedSpeech:
        return CachedSpeech(
            engine=self.engine, store=self.store, clock=self.clock, encode=lambda sound: b"mp3" + sound.samples
        )

    def lock_of_another(self, seconds: float) -> None:
        """Somebody is speaking the words, or was when it ended."""
        taken = self.store.lock(NAME, "another", self.clock.now() + timedelta(seconds=seconds), instead_of=None)
        assert taken is not None


@pytest.fixture
def studio() -> Studio:
    return Studio()


def test_words_become_an_mp3_with_a_note_beside_it(studio: Studio) -> None:
    spoken = studio.speech.speak(WORDS, until=UNTIL)

    assert spoken.key == MP3
    assert spoken.url.startswith(f"https://audio.example/{MP3}?v=")
    assert spoken.duration_ms == 1001
    assert json.loads(studio.s3.objects[NOTE][0]) == {
        "tts": "回覧です。",
        "audio_length": 1001,
        "speaker": 888753760,
        "speed": 1.0,
        "pitch": 0.0,
        "volume": 1.0,
        "etag": studio.s3.head_object(Bucket="audio", Key=MP3)["ETag"],
    }


def test_nothing_else_is_left_in_the_bucket(studio: Studio) -> None:
    studio.speech.speak(WORDS, until=UNTIL)

    assert set(studio.s3.objects) == {MP3, NOTE}


def test_the_same_words_are_synthesised_once(studio: Studio) -> None:
    first = studio.speech.speak(WORDS, until=UNTIL)

    assert studio.speech.speak(WORDS, until=UNTIL) == first
    assert len(studio.engine.said) == 1


def test_what_was_spoken_is_found_even_when_there_is_no_time_to_speak(studio: Studio) -> None:
    first = studio.speech.speak(WORDS, until=UNTIL)

    assert studio.speech.speak(WORDS, until=studio.clock.monotonic() - 1) == first


def test_other_words_are_synthesised_too(studio: Studio) -> None:
    spoken = {studio.speech.speak(Words("回覧です。", speaker), until=UNTIL).url for speaker in (0, -1)}

    assert len(spoken) == 2
    assert [words.speaker for words in studio.engine.said] == [0, -1]


def test_a_long_text_is_spoken_in_parts_and_plays_as_long_as_all_of_them(studio: Studio) -> None:
    sentence = "あ" * 299 + "。"

    spoken = studio.speech.speak(Words(sentence * 3, 7, speed=1.5, pitch=0.1, volume=0.0), until=UNTIL)

    assert studio.engine.said == [Words(sentence, 7, speed=1.5, pitch=0.1, volume=0.0)] * 3
    assert spoken.duration_ms == 1001 + 1002 + 1003


class Duet:
    """An engine that ends the first part only when it was given the second."""

    def __init__(self) -> None:
        self._second = Event()

    def say(self, words: Words, *, until: float) -> Sound:
        if words.text.startswith("い"):
            self._second.set()
        elif not self._second.wait(timeout=20):
            raise SpeechTimedOutError("the second part did not come")
        return Sound(1000, 1, words.text[0].encode("utf-16-le") * 1000)


def test_two_parts_are_spoken_at_once_and_joined_in_their_order(studio: Studio) -> None:
    speech = CachedSpeech(engine=Duet(), store=studio.store, clock=studio.clock, encode=lambda sound: sound.samples)

    spoken = speech.speak(Words("あ" * 299 + "。" + "い" * 299 + "。", 7), until=UNTIL)

    assert studio.s3.objects[spoken.key][0].decode("utf-16-le") == "あ" * 1000 + "い" * 1000


@pytest.mark.parametrize("text", ["", " \n　", "\ud83d"])
def test_what_nobody_can_say_is_refused_before_anything_is_asked(studio: Studio, text: str) -> None:
    with pytest.raises(SpeechRejectedError):
        studio.speech.speak(Words(text, 1), until=UNTIL)

    assert studio.engine.said == []
    assert studio.s3.objects == {}


@pytest.mark.parametrize(
    "error", [SpeechRejectedError("no style 1"), SpeechUnavailableError("down"), SpeechTimedOutError("slow")], ids=repr
)
def test_an_engine_that_fails_leaves_nothing_behind_and_the_next_may_try(studio: Studio, error: KairanError) -> None:
    studio.engine.answers = [error]

    with pytest.raises(type(error)):
        studio.speech.speak(WORDS, until=UNTIL)

    assert studio.s3.objects == {}
    assert studio.speech.speak(WORDS, until=UNTIL).duration_ms == 1002


def test_when_one_part_fails_nothing_is_kept(studio: Studio) -> None:
    studio.engine.answers = [Sound(1000, 1, bytes(2000)), SpeechUnavailableError("down")]

    with pytest.raises(SpeechUnavailableError):
        studio.speech.speak(Words("あ" * 501, 1), until=UNTIL)

    assert studio.s3.objects == {}


def test_parts_of_different_formats_are_no_speech(studio: Studio) -> None:
    studio.engine.answers = [Sound(1000, 1, bytes(2000)), Sound(2000, 1, bytes(2000))]

    with pytest.raises(SpeechUnavailableError, match="different formats"):
        studio.speech.speak(Words("あ" * 501, 1), until=UNTIL)

    assert studio.s3.objects == {}


def test_a_sound_without_a_length_is_no_speech(studio: Studio) -> None:
    studio.engine.answers = [Sound(44_100, 1, b"")]

    with pytest.raises(SpeechUnavailableError, match="over at once"):
        studio.speech.speak(WORDS, until=UNTIL)

    assert studio.s3.objects == {}


def test_without_time_nothing_is_begun(studio: Studio) -> None:
    with pytest.raises(SpeechTimedOutError):
        studio.speech.speak(WORDS, until=0.0)

    assert studio.engine.said == []
    assert studio.s3.objects == {}


def test_who_waits_for_another_gives_up_when_its_own_time_is_over(studio: Studio) -> None:
    studio.lock_of_another(60)

    with pytest.raises(SpeechTimedOutError):
        studio.speech.speak(WORDS, until=UNTIL)

    assert studio.clock.monotonic() == UNTIL
    assert studio.engine.said == []
    assert set(studio.s3.objects) == {LOCK}


def test_who_waits_hears_what_the_other_spoke(studio: Studio) -> None:
    studio.lock_of_another(60)
    slept = []

    class Clock(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            slept.append(seconds)
            if len(slept) == 3:
                studio.store.keep(NAME, WORDS, b"mp3 of another", 777)

    speech = CachedSpeech(engine=studio.engine, store=studio.store, clock=Clock())

    assert speech.speak(WORDS, until=UNTIL).duration_ms == 777
    assert studio.engine.said == []
    assert slept == pytest.approx([0.1, 0.2, 0.4])


def test_the_lock_of_a_holder_that_is_gone_is_taken_over(studio: Studio) -> None:
    studio.lock_of_another(5)

    spoken = studio.speech.speak(WORDS, until=UNTIL)

    assert 5 <= studio.clock.monotonic() <= 6
    assert spoken.duration_ms == 1001
    assert set(studio.s3.objects) == {MP3, NOTE}


def test_a_lock_lives_as_long_as_its_holder_may_speak(studio: Studio) -> None:
    seen: list[Any] = []
    say = studio.engine.say

    def look(words: Words, *, until: float) -> Sound:
        seen.append(studio.store.lock_on(NAME))
        return say(words, until=until)

    studio.engine.say = look  # type: ignore[method-assign]

    studio.speech.speak(WORDS, until=UNTIL)

    assert seen[0].expires_at == studio.clock.now() + timedelta(seconds=UNTIL) + LOCK_SLACK


def test_a_lock_that_makes_no_sense_is_nobodys(studio: Studio) -> None:
    studio.s3.objects[LOCK] = b"[]", {}

    assert studio.speech.speak(WORDS, until=UNTIL).duration_ms == 1001
    assert set(studio.s3.objects) == {MP3, NOTE}


def test_a_holder_that_was_too_slow_leaves_the_lock_to_the_one_who_took_it_over(studio: Studio) -> None:
    slow = studio.store.lock(NAME, "slow", studio.clock.now(), instead_of=None)
    assert slow is not None
    taken_over = studio.store.lock(NAME, "next", studio.clock.now() + timedelta(seconds=9), instead_of=slow)

    studio.store.unlock(slow)

    assert studio.store.lock_on(NAME) == taken_over


def test_of_two_who_spoke_both_link_what_was_kept_first(studio: Studio) -> None:
    first = studio.store.keep(NAME, WORDS, b"first", 1000)

    second = studio.store.keep(NAME, WORDS, b"second", 1300)

    assert second == first == studio.store.find(NAME)
    assert studio.s3.objects[MP3][0] == b"first"
    assert json.loads(studio.s3.objects[NOTE][0])["audio_length"] == 1000


@pytest.mark.parametrize("lost", [NOTE, MP3])
def test_when_one_of_the_pair_is_gone_it_is_made_whole_again(studio: Studio, lost: str) -> None:
    studio.speech.speak(WORDS, until=UNTIL)
    del studio.s3.objects[lost]

    spoken = studio.speech.speak(WORDS, until=UNTIL)

    assert set(studio.s3.objects) == {MP3, NOTE}
    assert spoken == studio.store.find(NAME)
    assert len(studio.s3.objects[MP3][0]) == len(b"mp3") + 2 * spoken.duration_ms


@pytest.mark.parametrize(
    "note", [b"", b"{", b"[]", b"null", b'{"etag": "x"}', b'{"etag": "x", "audio_length": "long"}']
)
def test_a_note_that_makes_no_sense_is_written_anew(studio: Studio, note: bytes) -> None:
    first = studio.speech.speak(WORDS, until=UNTIL)
    studio.s3.objects[NOTE] = note, {}

    assert studio.speech.speak(WORDS, until=UNTIL) == first
    assert studio.store.find(NAME) == first


def test_an_mp3_that_was_put_there_by_hand_stays_and_is_linked(studio: Studio) -> None:
    studio.s3.objects[MP3] = b"by hand", {}

    spoken = studio.speech.speak(WORDS, until=UNTIL)

    assert studio.s3.objects[MP3][0] == b"by hand"
    assert spoken == studio.store.find(NAME)


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


@pytest.mark.parametrize(
    ("call", "key"), [("get_object", ""), ("put_object", ".lock"), ("put_object", ".mp3"), ("put_object", ".json")]
)
def test_a_bucket_that_does_not_answer_is_said_to_be_so(studio: Studio, call: str, key: str) -> None:
    studio.s3 = Failing(call, key)

    with pytest.raises(StoreUnavailableError, match="the audio bucket did not answer"):
        studio.speech.speak(WORDS, until=UNTIL)


def test_a_lock_that_cannot_be_released_does_not_spoil_what_was_spoken(
    studio: Studio, logged: Callable[[], list[dict[str, Any]]]
) -> None:
    studio.s3 = Failing("delete_object")

    assert studio.speech.speak(WORDS, until=UNTIL).duration_ms == 1001
    assert any(line["message"] == "a speech lock could not be released" for line in logged())


def test_a_lock_that_cannot_be_released_does_not_hide_why_nothing_was_spoken(studio: Studio) -> None:
    studio.s3 = Failing("delete_object")
    studio.engine.answers = [SpeechRejectedError("no style 1")]

    with pytest.raises(SpeechRejectedError):
        studio.speech.speak(WORDS, until=UNTIL)


def test_no_line_of_the_log_tells_what_was_said(studio: Studio, logged: Callable[[], list[dict[str, Any]]]) -> None:
    studio.lock_of_another(1)

    studio.speech.speak(WORDS, until=UNTIL)

    assert [line["message"] for line in logged()] == ["a speech lock was left behind", "spoken"]
    assert "回覧" not in json.dumps(logged(), ensure_ascii=False)


def test_without_an_engine_whoever_speaks_is_told_what_to_set() -> None:
    speech = speech_in(url="", api="engine", bucket="audio", media_url="https://audio.example", clock=FakeClock())

    with pytest.raises(SpeechNotConfiguredError, match="aivis_speech_url"):
        speech.speak(WORDS, until=UNTIL)


def test_an_api_nobody_knows_stops_the_function_at_start() -> None:
    with pytest.raises(ConfigurationError, match="AIVIS_SPEECH_API"):
        speech_in(
            url="http://127.0.0.1:1", api="soap", bucket="audio", media_url="https://a.example", clock=FakeClock()
        )
