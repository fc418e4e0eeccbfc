"""WAV to MP3."""

from array import array
from io import BytesIO
from itertools import pairwise

import av
import pytest

from kairan.media import mp3
from kairan.speech.encoding import KBIT_PER_S, RATE, to_mp3
from kairan.speech.wav import Sound
from tests.rigs import sounds

FRAME_MS = 1152 * 1000 / RATE


@pytest.mark.parametrize("rate", [8_000, 22_050, 24_000, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("seconds", [0.05, 1.0, 3.7])
def test_an_mp3_plays_as_long_as_its_samples_and_at_most_two_frames_more(
    rate: int, channels: int, seconds: float
) -> None:
    sound = sounds.tone(seconds, rate=rate, channels=channels)

    played_ms = mp3.duration_ms(to_mp3(sound))

    assert abs(sound.duration_ms - seconds * 1000) <= 1
    assert 0 <= played_ms - sound.duration_ms <= 2 * FRAME_MS


@pytest.mark.parametrize(("rate", "channels"), [(44_100, 1), (24_000, 2)])
def test_every_mp3_is_of_one_form(rate: int, channels: int) -> None:
    with av.open(BytesIO(to_mp3(sounds.tone(1.0, rate=rate, channels=channels))), "r") as file:
        stream = file.streams.audio[0]

        assert (stream.codec_context.name, stream.rate, stream.channels) == ("mp3float", RATE, 1)
        assert stream.bit_rate == KBIT_PER_S * 1000


def test_what_was_to_be_heard_is_heard() -> None:
    """A tone of 440 Hz crosses the middle 880 times a second."""
    with av.open(BytesIO(to_mp3(sounds.tone(1.0, rate=24_000))), "r") as file:
        levels = [
            level for frame in file.decode(audio=0) for level in array("f", bytes(frame.planes[0]))[: frame.samples]
        ]

    loud = [level for level in levels if abs(level) > 0.02]
    crossings = sum(one * other < 0 for one, other in pairwise(loud))
    assert abs(crossings - 880) <= 8


def test_silence_is_a_sound() -> None:
    assert mp3.duration_ms(to_mp3(Sound(RATE, 1, bytes(2 * RATE)))) >= 1000
