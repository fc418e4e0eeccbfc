"""The voice "Mei" and the dictionary that tells how a text is read: pyopenjtalk-plus, which brings both."""

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

# it advises to install a model that guesses readings of one word
with redirect_stdout(io.StringIO()):
    import pyopenjtalk  # type: ignore[import-not-found]
from pyopenjtalk.htsengine import HTSEngine  # type: ignore[import-not-found]

VERSION: str = pyopenjtalk.__version__
HALF_TONES_AN_OCTAVE = 12
FULL_SCALE = 48000
"""What the voice's samples are divided by: it speaks a little louder than 16 bits can tell."""


class Voice:
    """May be used by several threads: each sentence is spoken by one of as many synthesizers as there are processors."""

    def __init__(self) -> None:
        self._synthesizers: SimpleQueue[HTSEngine] = SimpleQueue()
        for _ in range(os.cpu_count() or 1):
            self._synthesizers.put(HTSEngine(pyopenjtalk.DEFAULT_HTS_VOICE))

    def phrases(self, text: str) -> list[AccentPhrase]:
        """How the text will be read; none where there is nothing to pronounce."""
        return accent_phrases(_labels(text))

    def speak(self, query: AudioQuery, style: Style) -> bytes:
        """A WAV file. Of a text without anything to pronounce, the silence before and after it is left."""
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
    """Without the models that are not installed."""
    try:
        labels: list[str] = pyopenjtalk.extract_fullcontext(text, use_sudachi_kanji_yomi=False, predict_nani=False)
    except ModuleNotFoundError:  # for a rare kanji it wants the dictionary that is not installed; so that is a pause
        labels = pyopenjtalk.extract_fullcontext(text, use_vanilla=True)
    return labels
