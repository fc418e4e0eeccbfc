"""The time of a spoken message: the first time, when the engine speaks, and later, when the sound is in the store.

It measures Kairan's own speech in one process, with the local cloud's engine and its emulated S3. It also measures the
step from WAV to MP3 alone.
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
from kairan.content import Speech
from kairan.observability import logger
from kairan.speech.cached import CachedSynthesizer
from kairan.speech.encoding import to_mp3
from kairan.speech.engine import AivisSpeechEngine
from kairan.speech.model import DEFAULT_STYLE_ID
from kairan.speech.port import Engine, Synthesizer
from kairan.speech.s3 import S3SpeechStore
from kairan.speech.wav import Sound
from local.ports import Ports, refuse_taken
from local.programs import aws
from local.programs import speech as speech_engine
from local.progress import Progress
from local.state_dir import StateDir

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

FIRST_BASE, LAST_BASE = 5810, 5900
BUCKET = "kairan-benchmark"
SENTENCE = (
    "本日、第{number}回目の朝市を開きます。"
    "採れたての野菜と焼きたてのパンをご用意して、皆さまのお越しをお待ちしております。"
)
LONG = SENTENCE * 6
PATIENCE_S = 60.0
BESIDE_THE_FIRST = Goal("≥", 20)


@dataclass(frozen=True)
class Amount:
    """How many sentences are spoken, and how often each is spoken again."""

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
        synthesizer = _synthesizer(engine, s3_url)
        first: list[float] = []
        again: list[float] = []
        plays_s: list[float] = []
        with progress.step("SpeakingComposer sentences, and asking for them again"):
            _spoken(synthesizer, _sentence(0))
            for number in range(1, amount.sentences + 1):
                took_s, duration_s = _spoken(synthesizer, _sentence(number))
                first.append(took_s)
                plays_s.append(duration_s)
                again += [_spoken(synthesizer, _sentence(number))[0] for _ in range(amount.repeats)]
        with progress.step("Making MP3 of a long text"):
            sound, engine_s = _timed(lambda: engine.say(_words(LONG.format(number=1)), until=_soon()))
            mp3_s = min(_timed(lambda: to_mp3(sound))[1] for _ in range(amount.sentences))
    return Section(
        "speech",
        "Speech: a spoken message, and what it is made of",
        _figures(first, again, sound, engine_s, mp3_s),
        (
            f"Medians of {len(first)} sentences that play {median(plays_s):.1f} s each, "
            f"spoken {amount.repeats} more times.",
        ),
    )


def _figures(first: list[float], again: list[float], sound: Sound, engine_s: float, mp3_s: float) -> tuple[Figure, ...]:
    plays_s = sound.duration_ms / 1000
    first_s, again_s = median(first), median(again)
    return (
        Figure(
            "a spoken message, again",
            f"{again_s * 1000:.1f} ms",
            "the first time",
            f"{first_s * 1000:.0f} ms",
            first_s / again_s,
            BESIDE_THE_FIRST,
        ),
        Figure("WAV to MP3", f"{mp3_s:.2f} s", "how long it plays", f"{plays_s:.1f} s", plays_s / mp3_s),
        Figure("the local engine", f"{engine_s:.2f} s", "how long it plays", f"{plays_s:.1f} s", plays_s / engine_s),
    )


@contextmanager
def _local() -> Iterator[tuple[str, str]]:
    """The addresses of the engine and of S3. Both end after the block."""
    with TemporaryDirectory() as folder:
        state_dir, ports = StateDir(Path(folder)), _free_ports()
        state_dir.prepare(keep=False)
        programs = []
        try:
            programs.append(aws.start(state_dir, ports, keep=False))
            programs.append(speech_engine.start(state_dir, ports))
            aws.wait_until_ready(programs[0], state_dir, ports)
            speech_engine.wait_until_ready(programs[1], state_dir, ports)
            yield ports.speech_url, ports.aws_url
        finally:
            for program in programs:
                program.stop(patience_s=5)


def _synthesizer(engine: Engine, s3_url: str) -> Synthesizer:
    """The synthesizer as `kairan.speech.wiring` builds it, but with its own client: the process's clients stay."""
    client = get_session().create_client(
        "s3", "us-east-1", endpoint_url=s3_url, aws_access_key_id="none", aws_secret_access_key="none"
    )
    s3 = cast("S3Client", client)
    s3.create_bucket(Bucket=BUCKET)
    store = S3SpeechStore(BUCKET, base_url=f"{s3_url}/{BUCKET}", client=s3)
    return CachedSynthesizer(engine=engine, store=store, clock=SystemClock())


@contextmanager
def _unlogged() -> Iterator[None]:
    """Turns log lines off, because one for every sentence would hide the figures."""
    level = logger.log_level
    logger.setLevel("WARNING")
    try:
        yield
    finally:
        logger.setLevel(level)


def _spoken(synthesizer: Synthesizer, speech: Speech) -> tuple[float, float]:
    """The time it took and the duration of the sound, in seconds."""
    spoken, took_s = _timed(lambda: synthesizer.speak(speech, until=_soon()))
    return took_s, spoken.duration_ms / 1000


def _timed(call: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    result = call()
    return result, time.perf_counter() - began


def _sentence(number: int) -> Speech:
    return _words(SENTENCE.format(number=number))


def _words(text: str) -> Speech:
    return Speech(text, DEFAULT_STYLE_ID)


def _soon() -> float:
    return time.monotonic() + PATIENCE_S


def _free_ports() -> Ports:
    """Raises CommandError when no ports are free in the range, which other programs rarely use."""
    for base in range(FIRST_BASE, LAST_BASE, 3):
        ports = Ports(base)
        with suppress(CommandError):
            for port in (ports.aws, ports.line, ports.speech):
                refuse_taken(port, wanted_for="a benchmark")
            return ports
    raise CommandError(f"Three free ports in a row are not left from {FIRST_BASE} to {LAST_BASE}.")


if __name__ == "__main__":
    run(measure)
