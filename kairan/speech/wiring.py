"""Builds the voice of a function from its settings. Nothing here goes to the network."""

from kairan.clock import Clock
from kairan.errors import ConfigurationError, SpeechNotConfiguredError
from kairan.speech.cached import CachedSpeech
from kairan.speech.engine import AivisSpeechEngine
from kairan.speech.model import Spoken, Words
from kairan.speech.port import Engine, Speech
from kairan.speech.s3 import S3SpeechStore
from kairan.speech.wrapper import AivisSpeechWrapper


def speech_in(*, url: str, api: str, bucket: str, media_url: str, clock: Clock) -> Speech:
    """`url` and `api` (`engine` or `wrapper`) say which engine speaks; `bucket` and its public address `media_url` keep what it said.

    Without a `url` the voice raises SpeechNotConfiguredError, whatever it is to say. Raises ConfigurationError for another `api`.
    """
    if not url:
        return Mute()
    return CachedSpeech(engine=_engine(url, api, clock), store=S3SpeechStore(bucket, base_url=media_url), clock=clock)


def _engine(url: str, api: str, clock: Clock) -> Engine:
    match api:
        case "engine":
            return AivisSpeechEngine(url, clock=clock)
        case "wrapper":
            return AivisSpeechWrapper(url, clock=clock)
        case _:
            raise ConfigurationError(
                f"AIVIS_SPEECH_API is neither `engine` nor `wrapper`: {api!r}; deploy the stack again"
            )


class Mute:
    """Speech where no engine is known."""

    def speak(self, words: Words, *, until: float) -> Spoken:  # noqa: ARG002
        raise SpeechNotConfiguredError("no speech engine is set: deploy with the setting `aivis_speech_url`")
