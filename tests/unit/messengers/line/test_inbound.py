"""LINE's webhook events as events of all messengers."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kairan.messengers.line.inbound import inbound
from kairan.messengers.port import EventKind, InboundEvent
from kairan.people import ChatId
from tests.fakes.line import person
from tests.rigs.events import user

AT = datetime(2026, 11, 21, 9, 0, 0, 123_000, tzinfo=UTC)
RECEIVED_AT = datetime(2026, 11, 21, 9, 0, 1, tzinfo=UTC)
GROUP, ROOM = "C" + "2" * 32, "R" + "3" * 32
FOLLOW: dict[str, Any] = {
    "type": "follow",
    "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR",
    "timestamp": int(AT.timestamp() * 1000),
    "source": {"type": "user", "userId": user(1)},
    "follow": {"isUnblocked": True},
}


def event(**changes: Any) -> InboundEvent:
    return inbound(FOLLOW | changes, account="shop", received_at=RECEIVED_AT)


def test_an_event_says_whose_it_is_what_it_is_and_when_it_was() -> None:
    assert event() == InboundEvent(
        messenger="line",
        account="shop",
        id="01FZ74A0TDDPYRVKNK77XKC3ZR",
        kind=EventKind.FOLLOW,
        type="follow",
        at=AT,
        received_at=RECEIVED_AT,
        chat=person(user(1)),
        person=person(user(1)),
        is_direct=True,
        is_unblocked=True,
        raw=FOLLOW,
    )


@pytest.mark.parametrize(
    ("type_", "kind"),
    [
        ("follow", EventKind.FOLLOW),
        ("unfollow", EventKind.UNFOLLOW),
        ("message", EventKind.OTHER),
        ("a type of next year", EventKind.OTHER),
        (None, EventKind.OTHER),
    ],
)
def test_the_kind_is_what_messengers_share_of_the_type(type_: str | None, kind: EventKind) -> None:
    assert event(type=type_).kind is kind


@pytest.mark.parametrize(
    ("source", "chat", "is_known"),
    [
        ({"type": "group", "groupId": GROUP, "userId": user(1)}, GROUP, True),
        ({"type": "group", "groupId": GROUP}, GROUP, False),
        ({"type": "room", "roomId": ROOM, "userId": user(1)}, ROOM, True),
    ],
)
def test_of_groups_and_rooms_the_chat_is_the_group_or_room(source: dict[str, str], chat: str, is_known: bool) -> None:
    in_group = event(source=source)

    assert in_group.chat == ChatId("line", chat)
    assert in_group.person == (person(user(1)) if is_known else None)
    assert not in_group.is_direct


@pytest.mark.parametrize(
    "source", [None, {}, {"type": "user", "userId": "someone"}, {"type": "user", "userId": user(0xAB).upper()}]
)
def test_ids_that_are_none_of_lines_are_left_out(source: object) -> None:
    assert (event(source=source).chat, event(source=source).person) == (None, None)
