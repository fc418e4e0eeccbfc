"""The voice "Mei" and the dictionary that says how a text is read: pyopenjtalk-plus brings both."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from math import log2
from queue import SimpleQueue

from simulators.speech.accents import accent_phrases
from simulators.speech.query import AccentPhrase, AudioQuery
from simulators.speech.styles import Style
from simulators.speech.waveform import Samples, as_wav, between_silence, resampled, trimmed

# on import it prints the advice to install a model that guesses readings of one word
with redirect_stdout(io.StringIO()):
    import pyopenjtalk  # type: ignore[import-not-found]
from pyopenjtalk.htsengine import HTSEngine  # type: ignore[import-not-found]

VERSION: str = pyopenjtalk.__version__
HALF_TONES_AN_OCTAVE = 12
FULL_SCALE = 48000
"""The divisor of the voice's samples: it speaks a little louder than 16 bits can hold."""


class Voice:
    """Safe for several threads. There are as many synthesizers as processors, and each sentence takes one of them."""

    def __init__(self) -> None:
        self._synthesizers: SimpleQueue[HTSEngine] = SimpleQueue()
        for _ in range(os.cpu_count() or 1):
            self._synthesizers.put(HTSEngine(pyopenjtalk.DEFAULT_HTS_VOICE))

    def phrases(self, text: str) -> list[AccentPhrase]:
        """How the text will be read. Empty when the text has nothing to pronounce."""
        return accent_phrases(_labels(text))

    def speak(self, query: AudioQuery, style: Style) -> bytes:
        """A WAV file. A text without anything to pronounce is the silence before and after it."""
        speed = query.speedScale * style.speed
        half_tones = HALF_TONES_AN_OCTAVE * log2(1 + query.pitchScale) + style.half_tones
        labels = _labels(query.text())
        with self._synthesizer() as synthesizer:
            rate = synthesizer.get_sampling_frequency()
            synthesizer.set_speed(speed)
            synthesizer.add_half_tone(half_tones)
            spoken: Samples = trimmed(synthesizer.synthesize(labels) / FULL_SCALE)
        louder = spoken * (query.volumeScale * style.volume)
        whole = between_silence(louder, rate, query.prePhonemeLength / speed, query.postPhonemeLength / speed)
        wanted = query.outputSamplingRate
        return as_wav(resampled(whole, rate, wanted), wanted, stereo=query.outputStereo)

    @contextmanager
    def _synthesizer(self) -> Iterator[HTSEngine]:
        synthesizer = self._synthesizers.get()
        try:
            yield synthesizer
        finally:
            self._synthesizers.put(synthesizer)


def _labels(text: str) -> list[str]:
    """The full-context labels, without the models that are not installed."""
    try:
        labels: list[str] = pyopenjtalk.extract_fullcontext(text, use_sudachi_kanji_yomi=False, predict_nani=False)
    except ModuleNotFoundError:  # a rare kanji needs a dictionary that is not installed; it becomes a pause
        labels = pyopenjtalk.extract_fullcontext(text, use_vanilla=True)
    return labels
