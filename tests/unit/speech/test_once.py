"""The promise of the cache, as properties: whatever is interleaved, killed or slow, what is linked is whole and stays,
and the words can always be spoken."""

from threading import Thread, current_thread
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kairan.content import Audio, Speech
from kairan.errors import SpeechUnavailableError
from kairan.speech.cached import LOCK_SLACK, CachedSynthesizer
from kairan.speech.s3 import S3SpeechStore
from kairan.speech.wav import Sound
from tests.fakes.clock import FakeClock
from tests.fakes.speech import FakeEngine, FakeS3
from tests.fakes.steps import KilledError, Stage

WORDS = Speech("回覧です。", 888753760)
LONG = 10_000.0


class Mortal:
    """What a container does to the world, a step before and a step after each deed. One that was killed does nothing
    any more."""

    def __init__(self, stage: Stage, engine: FakeEngine, s3: FakeS3) -> None:
        self._stage = stage
        self._engine = engine
        self._s3 = s3
        self._dead: set[Thread] = set()

    def say(self, speech: Speech, *, until: float) -> Sound:
        sound: Sound = self._do(self._engine.say, speech, until=until)
        return sound

    def __getattr__(self, name: str) -> Any:
        deed = getattr(self._s3, name)
        return lambda **options: self._do(deed, **options)

    def _do(self, deed: Any, *given: Any, **named: Any) -> Any:
        self._step()
        done = deed(*given, **named)
        self._step()
        return done

    def _step(self) -> None:
        if current_thread() in self._dead:
            raise KilledError
        try:
            self._stage.step()
        except KilledError:
            self._dead.add(current_thread())
            raise


class SpeakingRig:
    def __init__(self, *, answers: list[Any] | None = None, takes_s: float = 0) -> None:
        self.clock, self.s3, self.stage = FakeClock(), FakeS3(), Stage()
        self.engine = FakeEngine(self.clock, answers=answers or (), takes_s=takes_s)
        mortal = Mortal(self.stage, self.engine, self.s3)
        store = S3SpeechStore("audio", base_url="https://audio.example", client=mortal)  # type: ignore[arg-type]
        self.synthesizer = CachedSynthesizer(
            engine=mortal, store=store, clock=self.clock, encode=lambda sound: b"mp3" + sound.samples
        )
        self.spoken: list[Audio] = []
        self.changed: list[bytes] = []

    def speak(self, seconds: float) -> None:
        spoken = self.synthesizer.speak(WORDS, until=self.clock.monotonic() + seconds)
        self.spoken.append(spoken)
        self.changed.append(self.s3.objects[spoken.media_keys[0]][0])

    def assert_whole(self) -> None:
        """Everybody links one and the same MP3, which was there when it was linked and plays as long as was said."""
        assert len(set(self.spoken)) == 1
        [key] = self.spoken[0].media_keys
        assert set(self.changed) == {self.s3.objects[key][0]}
        assert len(self.s3.objects[key][0]) == len(b"mp3") + 2 * self.spoken[0].duration_ms


KILLS = st.one_of(st.none(), st.integers(1, 24))
RUNS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 22)), max_size=12)
ORDER = RUNS.map(lambda runs: [actor for actor, steps in runs for _ in range(steps)])
"""One container does some steps, then another: also so many that it is done while the other stands still."""


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(order=ORDER, takes_s=st.sampled_from([0, 3.0]))
def test_whoever_asks_at_the_same_moment_hears_one_synthesis(order: list[int], takes_s: float) -> None:
    rig = SpeakingRig(takes_s=takes_s)

    raised = rig.stage.play([lambda: rig.speak(LONG)] * 3, order, (None, None, None))

    assert raised == [None, None, None]
    assert len(rig.engine.said) == 1
    rig.assert_whole()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    order=ORDER,
    killed_at=st.tuples(KILLS, KILLS, KILLS),
    freezes=st.dictionaries(st.integers(0, 60), st.sampled_from([10.0, 60.0]), max_size=4),
    patience_s=st.tuples(*[st.sampled_from([1.0, 20.0, 1000.0])] * 3),
    answers=st.lists(st.sampled_from(["ok", "down"]), max_size=3),
    takes_s=st.sampled_from([0, 0.5, 30.0]),
)
def test_what_is_linked_is_whole_and_there_is_no_dead_end(
    order: list[int],
    killed_at: tuple[int | None, int | None, int | None],
    freezes: dict[int, float],
    patience_s: tuple[float, float, float],
    answers: list[str],
    takes_s: float,
) -> None:
    down = [SpeechUnavailableError("down") for answer in answers if answer == "down"]
    rig = SpeakingRig(answers=down, takes_s=takes_s)
    turns = iter(range(10_000))

    def freeze() -> None:
        rig.clock.passed_s += freezes.get(next(turns), 0)

    works = [lambda seconds=seconds: rig.speak(seconds) for seconds in patience_s]
    raised = rig.stage.play(works, order, killed_at, freeze)
    assert all(error is None or isinstance(error, KilledError | SpeechUnavailableError) for error in raised), raised

    rig.engine.answers.clear()
    rig.speak(max(patience_s) + LOCK_SLACK.total_seconds() + takes_s + 2)
    rig.assert_whole()


@settings(max_examples=100, deadline=None)
@given(killed_at=st.integers(1, 24))
def test_after_a_death_at_any_point_the_next_one_speaks(killed_at: int) -> None:
    rig = SpeakingRig()

    rig.stage.play([lambda: rig.speak(20)], [], [killed_at])
    rig.speak(30)

    rig.assert_whole()
    assert rig.clock.monotonic() <= 20 + LOCK_SLACK.total_seconds() + 1
    assert len(rig.engine.said) <= 2
