"""LINE behind the port that all messengers share."""

import pytest

from kairan.content import Content, Native, Speech, Text
from kairan.messengers.line.limits import MAX_MESSAGES
from kairan.messengers.line.messenger import LineMessenger
from kairan.messengers.port import Blame, Mode, Outgoing, Refused, RequestKey
from kairan.people import Profile
from tests.cases.line_limits import GOOD, text
from tests.fakes.clock import FakeClock
from tests.fakes.line import FakeLine, person
from tests.rigs.events import user

KEY = RequestKey("123e4567-e89b-12d3-a456-426614174000")
WORDS = Speech("おはよう", 888753760)
LINE = LineMessenger(FakeLine(FakeClock()))


def paths(*content: Text | Speech | Native) -> list[str]:
    return [violation.path for violation in LINE.violations(content)]


def test_one_request_to_each_is_a_push_and_one_to_all_a_multicast() -> None:
    line = FakeLine(FakeClock())
    messenger = LineMessenger(line)
    people = tuple(person(user(number)) for number in (1, 2))

    messenger.send(Outgoing(people[:1], (Text("Hello"),), Mode.EACH), key=KEY, timeout_s=1)
    messenger.send(Outgoing(people, (Text("Hello"),), Mode.TOGETHER), key=KEY, timeout_s=1)

    assert line.calls == [("push", (user(1),)), ("multicast", (user(1), user(2)))]


def test_a_request_that_is_repeated_under_its_key_is_the_same_request() -> None:
    line = FakeLine(FakeClock())
    messenger = LineMessenger(line)
    outgoing = Outgoing((person(user(1)),), (Text("Hello"),), Mode.EACH)

    first, again = (messenger.send(outgoing, key=KEY, timeout_s=1) for _ in range(2))

    assert (first.repeated, again.repeated) == (False, True)
    assert first.request_id == again.request_id
    assert line.messages == {user(1): [text("Hello")]}


@pytest.mark.parametrize("mode", Mode)
def test_a_content_that_line_would_refuse_is_blamed_without_being_sent(mode: Mode) -> None:
    line = FakeLine(FakeClock(), refuses=lambda messages: "messages[0].text")

    with pytest.raises(Refused) as refused:
        LineMessenger(line).validate((Text("Hello"),), mode)

    assert refused.value.blame is Blame.CONTENT
    assert line.calls == [(f"validate/{mode}", ())]


def test_a_profile_is_asked_by_the_user_id() -> None:
    line = FakeLine(FakeClock())
    line.profiles = {user(1): Profile("花子")}

    assert LineMessenger(line).profile(person(user(1))) == Profile("花子")
    assert LineMessenger(line).profile(person(user(2))) is None


def test_words_that_are_still_to_be_spoken_break_no_limit_but_count_as_a_message() -> None:
    assert paths(WORDS) == []
    assert paths(*[WORDS] * MAX_MESSAGES) == []
    assert paths(*[WORDS] * (MAX_MESSAGES + 1)) == ["messages"]


def test_what_stands_behind_words_to_speak_keeps_its_place() -> None:
    assert paths(WORDS, Text("")) == ["messages[1].text"]
    assert paths(WORDS, Native("line", (GOOD["quick reply"],)), Text("")) == ["messages[2].text"]


def test_an_audio_message_of_the_caller_is_not_taken_for_words_to_speak() -> None:
    assert paths(Native("line", ({"type": "audio"},))) == ["messages[0].originalContentUrl", "messages[0].duration"]


@pytest.mark.parametrize(
    ("content", "is_empty"),
    [
        ((Text(" \n"),), True),
        ((Text("a"), Speech("\u3000", 1)), True),
        ((Native("line", (GOOD["sticker"], {"type": "textV2", "text": ""})),), True),
        ((Text("a"), WORDS, Native("line", tuple(GOOD.values()))), False),
    ],
)
def test_empty_is_what_shows_or_says_nothing(content: Content, is_empty: bool) -> None:
    assert LINE.has_empty_text(content) is is_empty
