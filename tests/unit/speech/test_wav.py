"""Sound as engines answer it."""

import array
import io
import wave

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.errors import SpeechUnavailableError
from kairan.speech import wav
from kairan.speech.wav import Sound
from tests.rigs import sounds

FORMATS = st.tuples(st.sampled_from([8_000, 24_000, 44_100, 48_000]), st.sampled_from([1, 2]))
MOMENTS = st.integers(0, 300)
SOUND = sounds.tone(0.1)


@st.composite
def of_one_format(draw: st.DrawFn) -> list[Sound]:
    rate, channels = draw(FORMATS)
    lengths = draw(st.lists(MOMENTS, min_size=1, max_size=6))
    return [
        Sound(rate, channels, draw(st.binary(min_size=2 * channels * n, max_size=2 * channels * n))) for n in lengths
    ]


@given(of_one_format())
def test_a_sound_comes_out_of_a_wav_as_it_went_in(parts: list[Sound]) -> None:
    assert [wav.read(sounds.wav(part)) for part in parts] == parts


@given(of_one_format())
def test_joined_parts_follow_each_other_without_a_gap(parts: list[Sound]) -> None:
    joined = wav.join(parts)

    assert joined.samples == b"".join(part.samples for part in parts)
    assert abs(joined.duration_ms - sum(len(part.samples) for part in parts) * 500 / joined.rate / joined.channels) <= 1


def test_what_the_standard_library_writes_is_read() -> None:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(24_000)
        file.writeframes(bytes(4 * 24_000))

    assert wav.read(out.getvalue()) == Sound(24_000, 2, bytes(4 * 24_000))


def test_chunks_around_the_sound_are_stepped_over_also_of_odd_length() -> None:
    title, odd = sounds.chunk(b"LIST", b"INFOINAM"), sounds.chunk(b"junk", b"data of nobody's")

    assert wav.read(sounds.wav(SOUND, before=title + odd + sounds.chunk(b"fact", b"\1"), after=title)) == SOUND


def test_a_format_that_could_be_longer_is_read() -> None:
    long_form = sounds.wav(SOUND, code=0xFFFE)
    extension = b"\x16\0" + b"\x10\0" + b"\4\0\0\0" + b"\1\0\0\0\0\0\x10\0\x80\0\0\xaa\0\x38\x9b\x71"
    told = sounds.chunk(b"fmt ", long_form[20:36] + extension)

    assert wav.read(sounds.riff(told + long_form[36:])) == SOUND


@pytest.mark.parametrize("size", [0xFFFFFFFF, 0x7FFFFFFF, 0x7FFFFFFF - 36, 0x80000000, 2_000_000_000])
def test_a_stream_that_did_not_know_its_length_ends_where_it_ends(size: int) -> None:
    assert wav.read(sounds.wav(SOUND, size=size)) == SOUND


@pytest.mark.parametrize("whole", [0, 36, 0xFFFFFFFF, 0x7FFFFFFF + 36])
def test_a_size_of_nothing_is_no_size_unless_the_whole_has_one_that_fits(whole: int) -> None:
    unknown = sounds.wav(SOUND, size=0)

    assert wav.read(unknown[:4] + whole.to_bytes(4, "little") + unknown[8:]) == SOUND


def test_a_chunk_without_sound_is_empty_where_the_sizes_agree() -> None:
    header = sounds.wav(SOUND)[12:36]
    silent = sounds.riff(header + sounds.chunk(b"data", b"") + sounds.chunk(b"LIST", b"INFO"))

    assert wav.read(silent).duration_ms == 0


def test_the_duration_is_that_of_the_samples() -> None:
    assert sounds.tone(1.234).duration_ms == 1234
    assert sounds.tone(1.234, rate=24_000, channels=2).duration_ms == 1234
    assert Sound(44_100, 1, b"").duration_ms == 0


def test_two_sides_become_one_in_the_middle() -> None:
    sides = Sound(24_000, 2, array.array("h", [100, 300, -32_768, -32_768, 32_767, 32_767]).tobytes())

    assert sides.in_mono() == Sound(24_000, 1, array.array("h", [200, -32_768, 32_767]).tobytes())
    assert sides.in_mono().duration_ms == sides.duration_ms


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "something"),
        (b'{"detail": "no"}', "JSON"),
        (b' [{"detail": "no"}]', "JSON"),
        (b"<html>", "something"),
        (b"ID3\4\0\0", "something"),
        (b"RIFF\0\0\0\0AVI ", "something"),
        (sounds.wav(SOUND)[:30], "cut off"),
        (sounds.wav(SOUND)[:-2], "cut off"),
        (sounds.wav(SOUND, size=len(SOUND.samples) - 1), "within a sample"),
        (sounds.wav(SOUND)[:36], "without sound"),
        (sounds.riff(b""), "without sound"),
        (sounds.riff(sounds.chunk(b"fmt ", bytes(8))), "does not say its format"),
        (sounds.riff(sounds.chunk(b"data", bytes(8))), "does not say its format"),
        (sounds.wav(SOUND, code=3, bits=32), "code 3"),
        (sounds.wav(SOUND, bits=24), "24 bits"),
        (sounds.wav(SOUND, bits=8), "8 bits"),
        (sounds.wav(Sound(44_100, 6, bytes(12))), "6 channels"),
        (sounds.wav(Sound(0, 1, bytes(12))), "0 Hz"),
    ],
)
def test_everything_else_is_no_speech(data: bytes, what: str) -> None:
    with pytest.raises(SpeechUnavailableError, match=what):
        wav.read(data)


@given(st.one_of(st.binary(max_size=200), st.binary(max_size=100).map(sounds.riff)))
def test_any_bytes_are_speech_or_refused(data: bytes) -> None:
    try:
        assert wav.read(data).duration_ms >= 0
    except SpeechUnavailableError:
        return


@given(st.integers(0, len(sounds.wav(SOUND)) - 1), st.binary(min_size=1, max_size=4))
def test_a_damaged_wav_is_speech_or_refused(at: int, damage: bytes) -> None:
    whole = sounds.wav(SOUND)
    try:
        assert wav.read(whole[:at] + damage + whole[at + len(damage) :]).duration_ms >= 0
    except SpeechUnavailableError:
        return


@pytest.mark.parametrize("other", [sounds.tone(0.1, rate=24_000), sounds.tone(0.1, channels=2)])
def test_parts_of_different_formats_are_not_joined(other: Sound) -> None:
    with pytest.raises(SpeechUnavailableError, match="different formats"):
        wav.join([SOUND, other])
