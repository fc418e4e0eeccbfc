"""Words that an engine cannot speak, and an engine that does not work."""

import pytest

from kairan.content import Speech
from kairan.errors import (
    KairanError,
    SpeechFailedError,
    SpeechRejectedError,
    SpeechTimedOutError,
    SpeechUnavailableError,
)
from kairan.speech.steady import DOUBTED_FOR_S, KNOWN_WORDS, SteadyEngine
from kairan.speech.wav import Sound
from tests.fakes.clock import FakeClock
from tests.fakes.speech import FakeEngine

WORDS = Speech("壊す言葉", 7, speed=1.5, volume=0.5)
PROBE = Speech(KNOWN_WORDS, 7, speed=1.5, volume=0.5)
FAILED = SpeechFailedError("the speech engine answered 500")
SLOW = SpeechTimedOutError("the speech engine took too long")
DOWN = SpeechUnavailableError("no answer from the speech engine")
EMPTY = Sound(44_100, 1, b"")
UNTIL = 100.0


class SteadyRig:
    def __init__(self, *answers: KairanError | Sound, takes_s: float = 0) -> None:
        self.clock = FakeClock()
        self.engine = FakeEngine(self.clock, answers=answers, takes_s=takes_s)
        self.steady = SteadyEngine(self.engine, clock=self.clock)

    def say(self, speech: Speech = WORDS) -> Sound:
        return self.steady.say(speech, until=UNTIL)


def test_words_that_can_be_spoken_are_asked_for_once() -> None:
    rig = SteadyRig()

    assert rig.say().duration_ms > 0
    assert rig.engine.said == [WORDS]


@pytest.mark.parametrize("failure", [FAILED, SLOW, EMPTY])
def test_an_engine_that_fails_once_is_asked_again(failure: KairanError | Sound) -> None:
    rig = SteadyRig(failure)

    assert rig.say().duration_ms > 0
    assert rig.engine.said == [WORDS, WORDS]


@pytest.mark.parametrize("failure", [FAILED, SLOW, EMPTY])
def test_words_at_which_the_engine_fails_twice_are_refused_if_it_speaks_others(failure: KairanError | Sound) -> None:
    rig = SteadyRig(failure, failure)

    with pytest.raises(SpeechRejectedError, match="fails at these words, and speaks others"):
        rig.say()

    assert rig.engine.said == [WORDS, WORDS, PROBE]


@pytest.mark.parametrize("at_others", [FAILED, SLOW, DOWN, EMPTY, SpeechRejectedError("no style 7")])
def test_an_engine_that_fails_at_any_words_is_to_be_asked_later(at_others: KairanError | Sound) -> None:
    rig = SteadyRig(FAILED, FAILED, at_others)

    with pytest.raises(SpeechFailedError):
        rig.say()


def test_an_engine_in_doubt_is_asked_once_for_each_words_until_the_doubt_is_over() -> None:
    rig = SteadyRig(FAILED, FAILED, FAILED, FAILED, FAILED)
    with pytest.raises(SpeechFailedError):
        rig.say()

    for text in ("もし", "もしもし"):
        with pytest.raises(SpeechFailedError):
            rig.say(WORDS._replace(text=text))
    assert len(rig.engine.said) == 5

    rig.clock.sleep(DOUBTED_FOR_S)
    rig.engine.answers = [FAILED, FAILED]
    with pytest.raises(SpeechRejectedError):
        rig.say()


@pytest.mark.parametrize("error", [DOWN, SpeechRejectedError("no style 7")])
def test_an_engine_that_is_not_there_or_refuses_is_not_asked_again(error: KairanError) -> None:
    rig = SteadyRig(error)

    with pytest.raises(type(error)):
        rig.say()

    assert rig.engine.said == [WORDS]


def test_without_time_left_words_are_not_tried_again() -> None:
    rig = SteadyRig(takes_s=UNTIL)

    with pytest.raises(SpeechTimedOutError):
        rig.say()

    assert rig.clock.monotonic() == UNTIL
