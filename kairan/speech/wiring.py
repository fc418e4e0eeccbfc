"""Builds a function's synthesizer from its settings, without any call over the network."""

from kairan.clock import Clock
from kairan.content import Audio, Speech
from kairan.contract import MediaAccess, SpeechAccess
from kairan.errors import ConfigurationError, SpeechNotConfiguredError
from kairan.speech.cached import CachedSynthesizer
from kairan.speech.engine import AivisSpeechEngine
from kairan.speech.port import Engine, Synthesizer
from kairan.speech.s3 import S3SpeechStore
from kairan.speech.wrapper import AivisSpeechWrapper


def synthesizer_in(speech: SpeechAccess, audio: MediaAccess, clock: Clock) -> Synthesizer:
    """`speech` names the engine, and the `audio` bucket stores the sound.

    Without an engine's address, every `speak` raises SpeechNotConfiguredError. Raises ConfigurationError for an API
    that is neither `engine` nor `wrapper`.
    """
    if not speech.aivis_speech_url:
        return NoSpeech()
    return CachedSynthesizer(
        engine=_engine(speech, clock), store=S3SpeechStore(audio.media_bucket, base_url=audio.media_url), clock=clock
    )


def _engine(speech: SpeechAccess, clock: Clock) -> Engine:
    match speech.aivis_speech_api:
        case "engine":
            return AivisSpeechEngine(speech.aivis_speech_url, clock=clock)
        case "wrapper":
            return AivisSpeechWrapper(speech.aivis_speech_url, clock=clock)
        case api:
            raise ConfigurationError(
                f"AIVIS_SPEECH_API is neither `engine` nor `wrapper`: {api!r}; deploy the stack again"
            )


class NoSpeech:
    """The synthesizer of a stack without an engine."""

    def speak(self, speech: Speech, *, until: float) -> Audio:  # noqa: ARG002
        raise SpeechNotConfiguredError("no speech engine is set: deploy with the setting `aivis_speech_url`")
