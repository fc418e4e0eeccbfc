"""Speech that is synthesised once for everybody.

Whoever finds nothing takes a lock in the store and speaks; the others look again every now and then. The lock only saves work. What
is right does not depend on it: a sound is kept whole or not at all, and the first one stays. So whoever holds a lock may die at any
point; when its time is over, another takes the lock over and speaks instead.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

from kairan.clock import Clock
from kairan.errors import SpeechRejectedError, SpeechTimedOutError, SpeechUnavailableError, StoreUnavailableError
from kairan.line.text import has_lone_surrogate
from kairan.observability import logger
from kairan.speech.encoding import to_mp3
from kairan.speech.model import Spoken, Words, name_of
from kairan.speech.port import Engine, Lock, SpeechStore
from kairan.speech.sentences import split
from kairan.speech.wav import Sound, join

LOCK_SLACK = timedelta(seconds=5)
"""A lock outlives its holder's time by this much: clocks differ a little, and what was spoken is still encoded and kept."""
PARTS_AT_ONCE = 2
"""Of one text: a long one is done in half the time, and half of the calls that a process may make are left for others."""
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 1.0


class CachedSpeech:
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

    def speak(self, words: Words, *, until: float) -> Spoken:
        parts = _parts_of(words)
        name, owner, pause_s = name_of(words), str(uuid4()), FIRST_PAUSE_S
        while True:
            if (spoken := self._store.find(name)) is not None:
                return spoken
            if (left_s := until - self._clock.monotonic()) <= 0:
                raise SpeechTimedOutError("the time to speak is over")
            if (lock := self._take(name, owner, left_s)) is not None:
                return self._speak_under(lock, words, parts, until)
            self._clock.sleep(min(pause_s, left_s))
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _take(self, name: str, owner: str, left_s: float) -> Lock | None:
        """None while another's lock lives. One of our own, whose answer was lost on its way, is taken like a dead one's."""
        now = self._clock.now()
        held = self._store.lock_on(name)
        if held is not None and held.owner != owner:
            if held.expires_at > now:
                return None
            logger.warning("a speech lock was left behind", speech=name, owner=held.owner)
        return self._store.lock(name, owner, now + timedelta(seconds=left_s) + LOCK_SLACK, instead_of=held)

    def _speak_under(self, lock: Lock, words: Words, parts: list[str], until: float) -> Spoken:
        try:
            # the last holder may have been done between our look and our lock
            return self._store.find(lock.name) or self._synthesise(lock.name, words, parts, until)
        finally:
            self._release(lock)

    def _synthesise(self, name: str, words: Words, parts: list[str], until: float) -> Spoken:
        began = self._clock.monotonic()
        sound = join(self._say_all([replace(words, text=part) for part in parts], until))
        if not sound.duration_ms:
            raise SpeechUnavailableError("the speech engine answered a sound that is over at once")
        spoken = self._store.keep(name, words, self._encode(sound), sound.duration_ms)
        took_ms = round((self._clock.monotonic() - began) * 1000)
        logger.info("spoken", speech=name, parts=len(parts), duration_ms=spoken.duration_ms, took_ms=took_ms)
        return spoken

    def _say_all(self, parts: list[Words], until: float) -> list[Sound]:
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
        except StoreUnavailableError as error:  # it expires, and whatever happened under it counts
            logger.warning("a speech lock could not be released", speech=lock.name, owner=lock.owner, error=str(error))


def _parts_of(words: Words) -> list[str]:
    if has_lone_surrogate(words.text):
        raise SpeechRejectedError("the text to speak holds half of a character")
    parts = split(words.text)
    if not parts:
        raise SpeechRejectedError("there is nothing to speak in white space")
    return parts
