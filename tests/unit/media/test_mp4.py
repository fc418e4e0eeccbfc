"""How long an M4A plays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.media import mp4
from tests.rigs import media_files
from tests.rigs.media_files import box


@pytest.mark.parametrize("seconds", [0.1, 1.0, 3.7])
def test_the_silence_that_an_encoder_adds_does_not_count(seconds: float) -> None:
    assert mp4.duration_ms(media_files.audio("m4a", seconds)) == round(seconds * 1000)


@pytest.mark.parametrize("seconds", [1.0, 3.7])
def test_the_fragments_of_a_recording_count_together(seconds: float) -> None:
    assert abs(mp4.duration_ms(media_files.fragmented_m4a(seconds)) - seconds * 1000) <= 25


def test_all_ones_are_no_duration() -> None:
    assert mp4.duration_ms(media_files.m4a_of_unknown_duration()) == 0


def test_a_duration_of_eight_bytes_is_read() -> None:
    header = b"\1\0\0\0" + bytes(16) + (90_000).to_bytes(4, "big") + (180_000).to_bytes(8, "big")

    assert mp4.duration_ms(box(b"moov", box(b"mvhd", header))) == 2000
    unknown = header[:-8] + b"\xff" * 8
    assert mp4.duration_ms(box(b"moov", box(b"mvhd", unknown))) == 0


def test_a_track_stands_in_for_a_movie_without_a_duration() -> None:
    movie = box(b"mvhd", bytes(12) + (1000).to_bytes(4, "big") + bytes(4))
    track = box(
        b"trak",
        box(b"tkhd", bytes(12) + (1).to_bytes(4, "big")),
        box(b"mdia", box(b"mdhd", bytes(12) + (44_100).to_bytes(4, "big") + (88_200).to_bytes(4, "big"))),
    )

    assert mp4.duration_ms(box(b"moov", movie, track)) == 2000


SOUNDS = [media_files.audio("m4a", 1.0), media_files.fragmented_m4a(1.0), media_files.m4a_of_unknown_duration()]


@given(st.sampled_from(SOUNDS), st.data())
def test_any_damage_has_a_duration_or_none(sound: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(sound) - 1))
    damaged = sound[:at] + data.draw(st.binary(max_size=20)) + sound[at + data.draw(st.integers(0, 20)) :]

    assert mp4.duration_ms(damaged) >= 0


@given(st.binary(max_size=200))
def test_any_bytes_have_a_duration_or_none(data: bytes) -> None:
    assert mp4.duration_ms(data) >= 0


def test_a_million_boxes_are_given_up() -> None:
    assert mp4.duration_ms(box(b"free") * 200_000) == 0
