"""What LINE means by a 4xx, from its words alone."""

import pytest

from kairan.messengers.line.refusals import rejected
from kairan.messengers.port import Blame, Mode, Refusal
from kairan.reasons import Reason

TOGETHER, EACH = Mode.TOGETHER, Mode.EACH
ERRORS = "The request body has 2 error(s)"
INVALID = "The property, {}, in the request body is invalid (line: -, column: -)"

CONTENT: list[tuple[int, str, tuple[str, ...]]] = [
    (400, ERRORS, ("messages[0].text",)),
    (400, ERRORS, ("messages",)),
    (400, ERRORS, ("to", "messages[1].originalContentUrl")),
    (400, INVALID.format("messages[0].text"), ()),
    (400, INVALID.format("'messages[4].contents'"), ()),
    (400, INVALID.format("messages"), ()),
    (413, "messages[0] is too large", ()),
]
PEOPLE: list[tuple[Mode, str, tuple[str, ...], tuple[int, ...]]] = [
    (TOGETHER, INVALID.format("to[3]"), (), (3,)),
    (TOGETHER, INVALID.format("'to[499]'"), (), (499,)),
    (TOGETHER, ERRORS, ("to[7]", "to[0]", "to[7]"), (0, 7)),
    (TOGETHER, INVALID.format("to[3]"), ("to[5]",), (3, 5)),
    (TOGETHER, INVALID.format("to"), (), ()),
    (TOGETHER, "Failed to send messages", (), ()),
    (TOGETHER, "no message", (), ()),
    (EACH, INVALID.format("to"), (), ()),
    (EACH, INVALID.format("'to'"), (), ()),
    (EACH, ERRORS, ("to",), ()),
]
WHOLE: list[tuple[int, Mode | None, str, tuple[str, ...]]] = [
    (400, EACH, "Failed to send messages", ()),
    (400, EACH, "You can't send messages to yourself", ()),
    (400, EACH, INVALID.format("notificationDisabled"), ()),
    (400, EACH, ERRORS, ("total",)),
    (400, None, "Failed to send messages", ()),
    (403, TOGETHER, "Not available for your plan", ()),
    (403, TOGETHER, INVALID.format("to[3]"), ()),
    (404, None, "Not found", ()),
    (413, TOGETHER, "Request Entity Too Large", ()),
]


@pytest.mark.parametrize("mode", [TOGETHER, EACH, None])
@pytest.mark.parametrize(("status", "message", "properties"), CONTENT)
def test_a_place_in_the_messages_blames_the_content(
    status: int, message: str, properties: tuple[str, ...], mode: Mode | None
) -> None:
    error = rejected(Refusal(status, message, properties), mode)

    assert (error.blame, error.reason, error.people) == (Blame.CONTENT, Reason.INVALID_MESSAGE, ())


@pytest.mark.parametrize(("mode", "message", "properties", "people"), PEOPLE)
def test_a_place_among_the_recipients_blames_the_people_and_so_does_a_multicast_without_a_place(
    mode: Mode, message: str, properties: tuple[str, ...], people: tuple[int, ...]
) -> None:
    error = rejected(Refusal(400, message, properties), mode)

    assert (error.blame, error.reason, error.people) == (Blame.PEOPLE, Reason.INVALID_USER_ID, people)


@pytest.mark.parametrize(("status", "mode", "message", "properties"), WHOLE)
def test_any_other_refusal_blames_the_whole(
    status: int, mode: Mode | None, message: str, properties: tuple[str, ...]
) -> None:
    error = rejected(Refusal(status, message, properties), mode)

    assert (error.blame, error.reason, error.people) == (Blame.WHOLE, Reason.LINE_REJECTED, ())


def test_lines_own_words_are_kept() -> None:
    refusal = Refusal(400, ERRORS, ("messages[0].text", "messages[1].text"), "request-1")

    error = rejected(refusal, EACH)

    assert error.refusal == refusal
    assert str(error) == f"LINE answered 400: {ERRORS}"
    assert str(rejected(Refusal(404, "Not found"))) == "LINE answered 404: Not found"
