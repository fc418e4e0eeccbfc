"""What makes two invocations the same batch."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kairan.contract import Sender
from kairan.people import ChatId
from kairan.sending.identity import (
    IdempotencyKey,
    batch_id,
    invoke_key,
    is_uuid,
    of_batch,
    of_campaign_event,
    of_invoke,
    of_profile,
    of_token,
    request_key,
)

EVENT: dict[str, Any] = {
    "Data": "こんにちは",
    "ApplicationId": "app",
    "CampaignId": "campaign",
    "TreatmentId": "0",
    "ActivityId": "activity",
    "ScheduledTime": "2026-11-21T09:00:00.000Z",
    "Endpoints": {"e1": {}, "e2": {}},
}
REQUEST_ID = "8f1c8a34-6c0f-4b5e-9d53-0f6f1f0c2a11"
INVOKED = IdempotencyKey(REQUEST_ID)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


def chats(*ids: str) -> list[ChatId]:
    return [ChatId("line", one) for one in ids]


def test_the_id_of_a_campaign_event_is_for_ever() -> None:
    assert of_campaign_event(Sender.TEXT, EVENT) == "32a1caa7-2964-5b48-86ae-b11f43ecc880"
    assert of_invoke(Sender.TEXT, INVOKED) == "97b091c9-5aff-5aa2-8cb7-61664a484958"
    assert of_token(Sender.TEXT, "token-1") == "ec0915a8-9cff-5cda-855d-34cf69eed8d3"
    assert request_key(of_invoke(Sender.TEXT, INVOKED), chats("U1", "U2")) == "11a04709-e485-541f-a351-b805bcdf59fd"


def test_a_repeat_is_the_same_batch_whatever_else_changed_in_the_event() -> None:
    repeat = {
        **EVENT,
        "Message": {"new": "field"},
        "Endpoints": {"e2": {"Attributes": {"name": ["changed"]}}, "e1": {"Address": "U1"}},
    }

    assert of_campaign_event(Sender.TEXT, repeat) == of_campaign_event(Sender.TEXT, EVENT)


@pytest.mark.parametrize("name", [name for name in EVENT if name != "Endpoints"])
def test_another_part_is_another_batch(name: str) -> None:
    assert of_campaign_event(Sender.TEXT, {**EVENT, name: "other"}) != of_campaign_event(Sender.TEXT, EVENT)


def test_other_endpoints_another_sender_or_a_journey_are_another_batch() -> None:
    journey = {**EVENT, "JourneyId": EVENT["CampaignId"]}
    del journey["CampaignId"]
    events = [EVENT, {**EVENT, "Endpoints": {"e1": {}}}, {**EVENT, "Endpoints": {"e1": {}, "e3": {}}}, journey]

    ids = {of_campaign_event(sender, event) for sender in Sender for event in events}

    assert len(ids) == len(Sender) * len(events)


def test_an_object_and_its_json_text_are_different_content() -> None:
    assert of_campaign_event(Sender.TEXT, {**EVENT, "Data": None}) != of_campaign_event(
        Sender.TEXT, {**EVENT, "Data": "null"}
    )


def test_the_order_of_an_objects_names_is_no_content() -> None:
    one = {**EVENT, "Data": {"image": "a.png", "preview": "b.png"}}
    other = {**EVENT, "Data": {"preview": "b.png", "image": "a.png"}}

    assert of_campaign_event(Sender.IMAGE, one) == of_campaign_event(Sender.IMAGE, other)


@given(st.lists(json_values, max_size=4), st.lists(json_values, max_size=4))
def test_different_parts_never_look_alike(one: list[Any], other: list[Any]) -> None:
    def is_same(left: Any, right: Any) -> bool:
        """Equality that tells 1 from true."""
        if isinstance(left, dict) and isinstance(right, dict):
            return list(left) == list(right) and all(is_same(left[name], right[name]) for name in left)
        if isinstance(left, list) and isinstance(right, list):
            return len(left) == len(right) and all(map(is_same, left, right))
        return type(left) is type(right) and bool(left == right)

    assert (batch_id(*one) == batch_id(*other)) == is_same(one, other)


@given(st.text())
def test_any_content_has_an_identity(text: str) -> None:
    for data in (text, text + "\ud800", {text: text}):
        assert UUID(of_campaign_event(Sender.TEXT, {**EVENT, "Data": data})).version == 5


def test_the_callers_identities_do_not_meet() -> None:
    ids = {
        of_invoke(Sender.TEXT, INVOKED),
        of_profile(Sender.TEXT, {}, REQUEST_ID, REQUEST_ID),
        of_token(Sender.TEXT, REQUEST_ID),
        of_batch(Sender.TEXT, REQUEST_ID),
    }

    assert len(ids) == 4


@given(st.lists(st.text(), min_size=1, unique=True), st.randoms())
def test_a_request_key_is_for_these_people_in_any_order(ids: list[str], random: Any) -> None:
    people = chats(*ids)
    shuffled = list(people)
    random.shuffle(shuffled)
    batch = of_invoke(Sender.TEXT, INVOKED)

    assert request_key(batch, shuffled) == request_key(batch, people)
    assert request_key(batch, people[1:]) != request_key(batch, people)
    assert request_key(of_invoke(Sender.IMAGE, INVOKED), people) != request_key(batch, people)
    assert UUID(request_key(batch, people)).version == 5


def test_the_callers_key_names_a_direct_invoke_before_the_request_id() -> None:
    key = "0B8E9C1C-5F2F-5B52-9D0E-3A1B7C3B9F11"

    assert invoke_key(key, REQUEST_ID) == key.lower()
    assert invoke_key(None, REQUEST_ID) == REQUEST_ID


def test_a_request_id_of_another_form_becomes_a_uuid() -> None:
    assert is_uuid(invoke_key(None, "request 1"))
    assert invoke_key(None, "request 1") == invoke_key(None, "request 1") != invoke_key(None, "request 2")


@pytest.mark.parametrize(
    "text", ["", "x", REQUEST_ID.replace("-", ""), f"{{{REQUEST_ID}}}", f"urn:uuid:{REQUEST_ID}", 5, None]
)
def test_a_uuid_has_one_form(text: object) -> None:
    assert not is_uuid(text)
