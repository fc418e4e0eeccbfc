"""The name of what is spoken."""

from typing import Any

import pytest

from kairan.content import Speech
from kairan.speech.model import name_of

WORDS = Speech("回覧です。", 888753760)


def test_a_name_is_a_sha256_that_does_not_change() -> None:
    """Another would make everything that was ever spoken be spoken again."""
    assert name_of(WORDS) == "f00f4cc6653e282a5d87f3eb39ce4f65c5c07bd0670476434f348de451bffd56"


def test_equal_words_have_one_name_however_their_numbers_are_written() -> None:
    assert name_of(WORDS) == name_of(WORDS._replace(speed=1, pitch=-0.0, volume=1))


@pytest.mark.parametrize(
    "change",
    [
        {"text": "回覧です。 "},
        {"text": ""},
        {"style_id": 0},
        {"style_id": -888753760},
        {"speed": 1.01},
        {"pitch": 0.01},
        {"volume": 0.0},
    ],
    ids=str,
)
def test_whatever_shapes_the_sound_is_in_the_name(change: dict[str, Any]) -> None:
    assert name_of(WORDS._replace(**change)) != name_of(WORDS)
