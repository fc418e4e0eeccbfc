"""Tells words that an engine cannot speak from an engine that does not work.

Some words make an engine fail each time. Without this, their message would be tried again for ever, and whatever comes
with it. So words at which the engine fails twice are refused, if the engine speaks other words in the same voice.
"""

from kairan.clock import Clock
from kairan.content import Speech
from kairan.errors import SpeechFailedError, SpeechRejectedError, SpeechTimedOutError, SpeechUnavailableError
from kairan.observability import logger
from kairan.speech.port import Engine
from kairan.speech.wav import Sound

KNOWN_WORDS = "テスト"
DOUBTED_FOR_S = 30.0
"""After an engine failed at known words, too, words are not tried a second time for so long."""


class SteadyEngine:
    """`engine`, with one more attempt for each text at which it fails. Thread-safe."""

    def __init__(self, engine: Engine, *, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._doubted_until = clock.monotonic()

    def say(self, speech: Speech, *, until: float) -> Sound:
        try:
            return self._say(speech, until)
        except (SpeechFailedError, SpeechTimedOutError):
            if self._is_doubted() or until <= self._clock.monotonic():
                raise
        try:
            return self._say(speech, until)
        except (SpeechFailedError, SpeechTimedOutError) as error:
            if self._speaks_other_words(speech, until):
                raise SpeechRejectedError("the speech engine fails at these words, and speaks others") from error
            raise

    def _say(self, speech: Speech, until: float) -> Sound:
        sound = self._engine.say(speech, until=until)
        if not sound.duration_ms:
            raise SpeechFailedError("the speech engine answered a sound without any length")
        return sound

    def _is_doubted(self) -> bool:
        return self._clock.monotonic() < self._doubted_until

    def _speaks_other_words(self, speech: Speech, until: float) -> bool:
        if self._is_doubted():  # another thread has just asked
            return False
        try:
            self._say(speech._replace(text=KNOWN_WORDS), until)
        except (SpeechUnavailableError, SpeechRejectedError) as error:
            logger.warning("the speech engine fails at any words", code=error.code)
            self._doubted_until = self._clock.monotonic() + DOUBTED_FOR_S
            return False
        return True
