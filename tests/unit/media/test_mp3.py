"""How long an MP3 plays."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.media import mp3
from tests.rigs import media_files


@pytest.mark.parametrize("seconds", [0.1, 1.0, 3.7])
@pytest.mark.parametrize("bit_rate", [64_000, 128_000])
def test_the_samples_an_encoder_adds_do_not_count(seconds: float, bit_rate: int) -> None:
    data = media_files.audio("mp3", seconds, bit_rate=bit_rate)

    assert abs(mp3.duration_ms(data) - seconds * 1000) <= 20


def test_without_tags_every_frame_counts() -> None:
    frames = 1 + 3 * 44_100 // 1152 + 1

    assert mp3.duration_ms(media_files.bare_mp3(3.0)) == round(frames * 1152 * 1000 / 44_100)


def test_the_duration_of_many_minutes_does_not_drift() -> None:
    once = mp3.duration_ms(media_files.bare_mp3(3.0))

    assert abs(mp3.duration_ms(media_files.bare_mp3(3.0) * 300) - 300 * once) <= 300


def test_tags_before_and_after_the_sound_do_not_count() -> None:
    sound = media_files.bare_mp3(1.0)
    cover_art_with_a_false_frame = b"ID3\x04\x00\x00" + bytes([0, 0, 2, 0]) + (b"\xff\xfb\x50\xc4" * 64)

    tagged = cover_art_with_a_false_frame + sound + b"TAG" + bytes(125)

    assert mp3.duration_ms(tagged) == mp3.duration_ms(sound)


def test_garbage_between_frames_is_stepped_over() -> None:
    sound = media_files.bare_mp3(1.0)

    assert mp3.duration_ms(sound + bytes(333) + sound) == pytest.approx(2 * mp3.duration_ms(sound), abs=1)


def test_twenty_megabytes_without_a_frame_are_looked_through_at_once() -> None:
    began = time.monotonic()

    assert not mp3.has_frames(b"ID3\x04" + bytes(6) + b"\xff" * 20_000_000)

    assert time.monotonic() - began < 5


@given(st.binary(max_size=300))
def test_any_bytes_have_a_duration_or_none(data: bytes) -> None:
    assert mp3.duration_ms(data) >= 0
    assert mp3.duration_ms(b"ID3\x04\x00\x00" + data) >= 0
    assert mp3.duration_ms(b"\xff\xfb\x50\xc4" + data) >= 0
