"""WAV to MP3, the form LINE plays everywhere: constant 64 kbit/s in mono, which for a voice is plenty."""

from kairan.speech.wav import Sound

KBIT_PER_S = 64
RATE = 44_100
"""Of every MP3, whatever the engine's: at low rates a frame is long, and so is what the last one adds."""
_QUALITY = 5
"""LAME's middle: a tenth of a second for a minute of speech; nobody hears a better one at this bit rate."""


def to_mp3(sound: Sound) -> bytes:
    import lameenc  # type: ignore[import-not-found] # a megabyte that only a first synthesis needs

    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_channels(1)
    encoder.set_in_sample_rate(sound.rate)
    encoder.set_out_sample_rate(RATE)
    encoder.set_bit_rate(KBIT_PER_S)
    encoder.set_quality(_QUALITY)
    return bytes(encoder.encode(sound.in_mono().samples)) + bytes(encoder.flush())
