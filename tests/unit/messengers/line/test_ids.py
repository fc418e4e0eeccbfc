"""What is an id of LINE's, and of what."""

import pytest

from kairan.messengers.line.ids import chat_id, person_id
from kairan.people import ChatId

DIGITS = "0123456789abcdef" * 2


def test_a_person_is_a_chat_and_a_group_or_room_is_a_chat_alone() -> None:
    for text in (f"U{DIGITS}", f"C{DIGITS}", f"R{DIGITS}"):
        assert chat_id(text) == ChatId("line", text)
    assert person_id(f"U{DIGITS}") == ChatId("line", f"U{DIGITS}")
    assert person_id(f"C{DIGITS}") is None
    assert person_id(f"R{DIGITS}") is None


@pytest.mark.parametrize(
    "strange",
    [
        "",
        "U",
        f"U{DIGITS[:-1]}",
        f"U{DIGITS}0",
        f"U{DIGITS.upper()}",
        f"u{DIGITS}",
        f"X{DIGITS}",
        f" U{DIGITS}",
        f"U{DIGITS}\n",
        f"U{DIGITS[:-1]}g",
        f"U{DIGITS[:-1]}٣",
        None,
        7,
        [f"U{DIGITS}"],
        f"U{DIGITS}".encode(),
    ],
)
def test_anything_else_is_no_id(strange: object) -> None:
    assert person_id(strange) is None
    assert chat_id(strange) is None
