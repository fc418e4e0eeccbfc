"""Speech that is synthesised once, for all callers.

A caller that finds no sound in the store takes a lock there and speaks; the others check the store until the sound is
there. The lock only saves work, and correctness does not depend on it: a sound is stored whole or not at all, and the
first one stays. So the holder of a lock may die at any point: once the lock expires, another caller takes it over.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from unicodedata import normalize
from uuid import uuid4

from kairan.clock import Clock
from kairan.content import Audio, Speech
from kairan.errors import SpeechRejectedError, SpeechTimedOutError, StoreUnavailableError
from kairan.observability import logger
from kairan.speech.encoding import to_mp3
from kairan.speech.model import name_of
from kairan.speech.port import Engine, Lock, SpeechStore
from kairan.speech.sentences import split
from kairan.speech.wav import Sound, join
from kairan.text import has_lone_surrogate

LOCK_SLACK = timedelta(seconds=5)
"""A lock outlives its holder's time by this much: clocks differ a little, and the sound still has to be stored."""
PARTS_AT_ONCE = 2
"""Two parts of a text at once halve its time, and leave half of a process's calls to other texts."""
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 1.0


class CachedSynthesizer:
    def __init__(
        self,
        *,
        engine: Engine,
        store: SpeechStore,
        clock: Clock,
        encode: Callable[[Sound], bytes] = to_mp3,
    ) -> None:
        self._engine = engine
        self._store = store
        self._clock = clock
        self._encode = encode

    def speak(self, speech: Speech, *, until: float) -> Audio:
        parts = _parts_of(speech)
        name, owner, pause_s = name_of(speech), str(uuid4()), FIRST_PAUSE_S
        while True:
            if (spoken := self._store.find(name)) is not None:
                return spoken
            if (left_s := until - self._clock.monotonic()) <= 0:
                raise SpeechTimedOutError("the time to speak is over")
            if (lock := self._take(name, owner, left_s)) is not None:
                return self._speak_under(lock, speech, parts, until)
            self._clock.sleep(min(pause_s, left_s))
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _take(self, name: str, owner: str, left_s: float) -> Lock | None:
        """None while another caller's lock is valid. Replaces an expired lock, and our own whose answer was lost."""
        now = self._clock.now()
        held = self._store.lock_on(name)
        if held is not None and held.owner != owner:
            if held.expires_at > now:
                return None
            logger.warning("a speech lock was left behind", speech=name, owner=held.owner)
        return self._store.lock(name, owner, now + timedelta(seconds=left_s) + LOCK_SLACK, instead_of=held)

    def _speak_under(self, lock: Lock, speech: Speech, parts: list[str], until: float) -> Audio:
        try:
            # the last holder may have finished after we looked and before we had the lock
            return self._store.find(lock.name) or self._synthesise(lock.name, speech, parts, until)
        finally:
            self._release(lock)

    def _synthesise(self, name: str, speech: Speech, parts: list[str], until: float) -> Audio:
        began = self._clock.monotonic()
        sound = join(self._say_all([speech._replace(text=part) for part in parts], until))
        spoken = self._store.keep(name, speech, self._encode(sound), sound.duration_ms)
        took_ms = round((self._clock.monotonic() - began) * 1000)
        logger.info("spoken", speech=name, parts=len(parts), duration_ms=spoken.duration_ms, took_ms=took_ms)
        return spoken

    def _say_all(self, parts: list[Speech], until: float) -> list[Sound]:
        say = partial(self._engine.say, until=until)
        if len(parts) == 1:
            return [say(parts[0])]
        with ThreadPoolExecutor(PARTS_AT_ONCE, thread_name_prefix="speech") as pool:
            try:
                return list(pool.map(say, parts))
            finally:
                pool.shutdown(wait=True, cancel_futures=True)

    def _release(self, lock: Lock) -> None:
        try:
            self._store.unlock(lock)
        except StoreUnavailableError as error:  # the lock will expire, and the sound (or the error) is valid
            logger.warning("a speech lock could not be released", speech=lock.name, owner=lock.owner, error=str(error))


def _parts_of(speech: Speech) -> list[str]:
    if has_lone_surrogate(speech.text):
        raise SpeechRejectedError("the text to speak holds half of a character")
    if not any(character.isalnum() for character in normalize("NFKC", speech.text)):
        raise SpeechRejectedError("there is nothing to say: the text holds no letter and no digit")
    return split(speech.text)
