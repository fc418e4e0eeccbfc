"""What a spoken message costs: the first time, when the engine speaks, and every other time, when it is found.

Kairan's own speech, with the local cloud's engine and its emulated S3, in one process. And the step from WAV to MP3 alone.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar, cast

from botocore.session import get_session

from benchmarks.command import run
from benchmarks.figures import Effort, Figure, Goal, Section
from cli.errors import CommandError
from kairan.clock import SystemClock
from kairan.observability import logger
from kairan.speech.cached import CachedSpeech
from kairan.speech.encoding import to_mp3
from kairan.speech.engine import AivisSpeechEngine
from kairan.speech.model import DEFAULT_SPEAKER, Words
from kairan.speech.port import Engine, Speech
from kairan.speech.s3 import S3SpeechStore
from kairan.speech.wav import Sound
from local import emulator
from local import speech as speech_engine
from local.place import Place, Ports, refuse_taken
from local.progress import Progress

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

FIRST_BASE, LAST_BASE = 5810, 5900
BUCKET = "kairan-benchmark"
SENTENCE = "本日、第{number}回目の朝市を開きます。採れたての野菜と焼きたてのパンをご用意して、皆さまのお越しをお待ちしております。"
LONG = SENTENCE * 6
PATIENCE_S = 60.0
BESIDE_THE_FIRST = Goal("≥", 20)


@dataclass(frozen=True)
class Amount:
    """How many sentences are spoken, and how often each is asked for again."""

    sentences: int
    repeats: int


AMOUNTS: Mapping[Effort, Amount] = {"full": Amount(12, 20), "quick": Amount(4, 10), "smoke": Amount(1, 1)}


def measure(effort: Effort, progress: Progress) -> Section:
    amount = AMOUNTS[effort]
    with ExitStack() as stack:
        stack.enter_context(_unlogged())
        with progress.step("Starting the speech engine and S3"):
            engine_url, s3_url = stack.enter_context(_local())
        engine = AivisSpeechEngine(engine_url, clock=SystemClock())
        speech = _speech(engine, s3_url)
        first: list[float] = []
        again: list[float] = []
        plays_s: list[float] = []
        with progress.step("Speaking sentences, and asking for them again"):
            _spoken(speech, _sentence(0))
            for number in range(1, amount.sentences + 1):
                took_s, duration_s = _spoken(speech, _sentence(number))
                first.append(took_s)
                plays_s.append(duration_s)
                again += [_spoken(speech, _sentence(number))[0] for _ in range(amount.repeats)]
        with progress.step("Making MP3 of a long text"):
            sound, engine_s = _timed(lambda: engine.say(_words(LONG.format(number=1)), until=_soon()))
            mp3_s = min(_timed(lambda: to_mp3(sound))[1] for _ in range(amount.sentences))
    return Section(
        "speech",
        "Speech: a spoken message, and what it is made of",
        _figures(first, again, sound, engine_s, mp3_s),
        (
            f"Medians of {len(first)} sentences that play {median(plays_s):.1f} s each, "
            f"asked for {amount.repeats} times again.",
        ),
    )


def _figures(first: list[float], again: list[float], sound: Sound, engine_s: float, mp3_s: float) -> tuple[Figure, ...]:
    plays_s = sound.duration_ms / 1000
    new, known = median(first), median(again)
    return (
        Figure(
            "a spoken message, again",
            f"{known * 1000:.1f} ms",
            "the first time",
            f"{new * 1000:.0f} ms",
            new / known,
            BESIDE_THE_FIRST,
        ),
        Figure("WAV to MP3", f"{mp3_s:.2f} s", "how long it plays", f"{plays_s:.1f} s", plays_s / mp3_s),
        Figure("the local engine", f"{engine_s:.2f} s", "how long it plays", f"{plays_s:.1f} s", plays_s / engine_s),
    )


@contextmanager
def _local() -> Iterator[tuple[str, str]]:
    """Where the engine and S3 answer; both have ended after it."""
    with TemporaryDirectory() as folder:
        place, ports = Place(Path(folder)), _free_ports()
        place.prepare(keep=False)
        programs = []
        try:
            programs.append(emulator.start(place, ports, keep=False))
            programs.append(speech_engine.start(place, ports))
            emulator.wait_until_ready(programs[0], place, ports)
            speech_engine.wait_until_ready(programs[1], place, ports)
            yield ports.speech_url, ports.aws_url
        finally:
            for program in programs:
                program.stop(patience_s=5)


def _speech(engine: Engine, s3_url: str) -> Speech:
    """As `kairan.speech.wiring` builds it, with a client of its own: what runs beside this is not to notice."""
    made = get_session().create_client(
        "s3", "us-east-1", endpoint_url=s3_url, aws_access_key_id="none", aws_secret_access_key="none"
    )
    s3 = cast("S3Client", made)
    s3.create_bucket(Bucket=BUCKET)
    store = S3SpeechStore(BUCKET, base_url=f"{s3_url}/{BUCKET}", client=s3)
    return CachedSpeech(engine=engine, store=store, clock=SystemClock())


@contextmanager
def _unlogged() -> Iterator[None]:
    """A line for every sentence would hide what is shown."""
    level = logger.log_level
    logger.setLevel("WARNING")
    try:
        yield
    finally:
        logger.setLevel(level)


def _spoken(speech: Speech, words: Words) -> tuple[float, float]:
    """How long it took, and how long it plays, in seconds."""
    spoken, took_s = _timed(lambda: speech.speak(words, until=_soon()))
    return took_s, spoken.duration_ms / 1000


def _timed(call: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    result = call()
    return result, time.perf_counter() - began


def _sentence(number: int) -> Words:
    return _words(SENTENCE.format(number=number))


def _words(text: str) -> Words:
    return Words(text, speaker=DEFAULT_SPEAKER)


def _soon() -> float:
    return time.monotonic() + PATIENCE_S


def _free_ports() -> Ports:
    """Raises CommandError when there are none in a range that nothing else uses by habit."""
    for base in range(FIRST_BASE, LAST_BASE, 3):
        ports = Ports(base)
        with suppress(CommandError):
            for port in (ports.aws, ports.line, ports.speech):
                refuse_taken(port, wanted_for="a benchmark")
            return ports
    raise CommandError(f"No three free ports are left from {FIRST_BASE} to {LAST_BASE}.")


if __name__ == "__main__":
    run(measure)
