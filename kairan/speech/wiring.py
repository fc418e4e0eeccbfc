"""Builds a function's synthesizer from its settings, without any call over the network."""

from collections.abc import Callable
from threading import Lock

from kairan.clock import Clock
from kairan.content import Audio, Speech
from kairan.contract import MediaAccess, SpeechAccess
from kairan.errors import ConfigurationError
from kairan.speech.cached import CachedSynthesizer
from kairan.speech.engine import AivisSpeechEngine
from kairan.speech.port import Engine, Synthesizer
from kairan.speech.s3 import S3SpeechStore
from kairan.speech.steady import SteadyEngine
from kairan.speech.wrapper import AivisSpeechWrapper

Url = Callable[[], str]
"""The engine's address. Raises SpeechNotConfiguredError when there is none."""
Engines = Callable[[str], Engine]
"""An engine by its address."""


def url_in(speech: SpeechAccess, secret_url: Url) -> Url:
    """The address in the settings. A stack without one reads the secret, when the address is needed."""
    return (lambda: speech.aivis_speech_url) if speech.aivis_speech_url else secret_url


def synthesizer_in(speech: SpeechAccess, audio: MediaAccess, clock: Clock, *, secret_url: Url) -> Synthesizer:
    """`speech` or the secret names the engine, and the `audio` bucket stores the sound.

    Without an engine's address, every `speak` raises SpeechNotConfiguredError. Raises ConfigurationError for an API
    that is neither `engine` nor `wrapper`.
    """
    engines = _engines(speech, clock)
    store = S3SpeechStore(audio.media_bucket, base_url=audio.media_url)
    return SynthesizerAt(
        url_in(speech, secret_url),
        lambda url: CachedSynthesizer(engine=SteadyEngine(engines(url), clock=clock), store=store, clock=clock),
    )


def _engines(speech: SpeechAccess, clock: Clock) -> Engines:
    match speech.aivis_speech_api:
        case "engine":
            return lambda url: AivisSpeechEngine(url, clock=clock)
        case "wrapper":
            return lambda url: AivisSpeechWrapper(url, clock=clock)
        case api:
            raise ConfigurationError(
                f"AIVIS_SPEECH_API is neither `engine` nor `wrapper`: {api!r}; deploy the stack again"
            )


class SynthesizerAt:
    """A synthesizer that is made when it first speaks, and again when the address has changed."""

    def __init__(self, url: Url, make: Callable[[str], Synthesizer]) -> None:
        self._url = url
        self._make = make
        self._made: tuple[str, Synthesizer] | None = None
        self._lock = Lock()

    def speak(self, speech: Speech, *, until: float) -> Audio:
        url = self._url()
        with self._lock:
            if self._made is None or self._made[0] != url:
                self._made = url, self._make(url)
            synthesizer = self._made[1]
        return synthesizer.speak(speech, until=until)
