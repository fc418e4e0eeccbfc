"""WAV to MP3, which LINE plays everywhere: mono at a constant 64 kbit/s, which is plenty for a voice."""

from kairan.speech.wav import Sound

KBIT_PER_S = 64
RATE = 44_100
"""Every MP3 has this rate, even if the engine's is lower: low rates have long frames, and the last one adds silence."""
_QUALITY = 5
"""LAME's middle setting: a tenth of a second for a minute of speech. Better ones sound the same at this bit rate."""


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
