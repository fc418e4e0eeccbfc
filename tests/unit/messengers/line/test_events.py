"""Webhook bodies: what LINE posts is read, what is unknown is kept, and nothing else than InvalidBodyError is
raised."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from linebot.v3.webhooks import FollowEvent  # type: ignore[import-untyped]

from kairan.errors import InvalidBodyError
from kairan.messengers.line.events import Event, parse_body
from tests.cases.webhook_bodies import BAD

FOLLOW: dict[str, Any] = {
    "type": "follow",
    "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR",
    "timestamp": 1462629479859,
    "mode": "active",
    "source": {"type": "user", "userId": "U4af4980629" + "0" * 22},
    "deliveryContext": {"isRedelivery": False},
    "replyToken": "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA",
    "follow": {"isUnblocked": True},
}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
odd_events = st.fixed_dictionaries({}, optional=dict.fromkeys(FOLLOW, json_values))


def body(*events: object) -> bytes:
    return json.dumps({"destination": "Ubot", "events": events}).encode()


def test_a_follow_is_read() -> None:
    FollowEvent.from_dict(FOLLOW)  # it is what line-bot-sdk takes for one

    callback = parse_body(body(FOLLOW))

    assert callback.destination == "Ubot"
    [event] = callback.events
    assert event.id == "01FZ74A0TDDPYRVKNK77XKC3ZR"
    assert event.type == "follow"
    assert event.at == datetime(2016, 5, 7, 13, 57, 59, 859000, tzinfo=UTC)
    assert event.is_direct
    assert event.user_id == event.chat_id == "U4af4980629" + "0" * 22
    assert event.is_unblocked is True
    assert event.raw == FOLLOW


def test_an_event_in_a_group_names_the_group_and_perhaps_the_person() -> None:
    event = Event(FOLLOW | {"type": "message", "source": {"type": "group", "groupId": "Cgroup", "userId": "Uone"}})
    nameless = Event(FOLLOW | {"type": "join", "source": {"type": "room", "roomId": "Rroom"}})

    assert (event.chat_id, event.user_id, event.is_direct) == ("Cgroup", "Uone", False)
    assert (nameless.chat_id, nameless.user_id, nameless.is_direct) == ("Rroom", None, False)


def test_a_redelivery_has_the_same_id() -> None:
    again = FOLLOW | {"deliveryContext": {"isRedelivery": True}}

    assert Event(again).id == Event(FOLLOW).id


def test_a_redelivery_of_an_event_without_an_id_has_the_same_id_too() -> None:
    first = {name: value for name, value in FOLLOW.items() if name != "webhookEventId"}
    again = first | {"deliveryContext": {"isRedelivery": True}}
    other = first | {"timestamp": 1}

    assert Event(again).id == Event(first).id
    assert Event(other).id != Event(first).id


def test_an_unknown_type_and_unknown_fields_are_kept() -> None:
    event = Event({"type": "teleport", "to": {"planet": "火星"}, "webhookEventId": "01A"})

    assert event.type == "teleport"
    assert event.raw["to"] == {"planet": "火星"}


def test_entries_that_are_not_objects_are_counted_and_the_others_read() -> None:
    callback = parse_body(body(1, FOLLOW, None, "follow", [FOLLOW]))

    assert [event.type for event in callback.events] == ["follow"]
    assert callback.malformed == 4


@pytest.mark.parametrize("name", BAD)
def test_a_body_that_line_does_not_post_is_refused(name: str) -> None:
    with pytest.raises(InvalidBodyError):
        parse_body(BAD[name])


@given(st.binary())
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        parse_body(content)
    except InvalidBodyError:
        return
    assert isinstance(json.loads(content)["events"], list)


@given(st.lists(odd_events | json_values))
def test_events_of_any_form_are_read(events: list[Any]) -> None:
    callback = parse_body(body(*events))

    assert [event.raw for event in callback.events] == [event for event in events if isinstance(event, dict)]
    for event in callback.events:
        assert re.fullmatch(r"[!-~]{1,128}", event.id)
        assert isinstance(event.type, str)
        assert event.is_unblocked in (True, False, None)
        assert event.at is None or event.at.utcoffset() == timedelta(0)
        for text in (event.user_id, event.chat_id):
            assert text is None or isinstance(text, str)


@pytest.mark.parametrize("timestamp", [None, "1462629479859", 1.5, True, -1])
def test_a_time_that_is_none_is_none(timestamp: object) -> None:
    assert Event({"timestamp": timestamp}).at is None


@pytest.mark.parametrize("timestamp", [10**15, 10**30])
def test_a_time_beyond_the_calendar_is_the_last_one(timestamp: int) -> None:
    assert Event({"timestamp": timestamp}).at == datetime.max.replace(tzinfo=UTC)
