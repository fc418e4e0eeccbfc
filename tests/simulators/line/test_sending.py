"""Reply, push, multicast and broadcast: who receives what, how often, and what counts toward the quota."""

from typing import Any

import pytest

from tests.cases.line_messages import EXAMPLES
from tests.simulators.line.simulation import AKI, BEN, CHO, HELLO, UNKNOWN, Simulation, key

HOUR = 60 * 60
TO_AKI = {"to": AKI, "messages": [HELLO]}
TO_LIST = {"to": [AKI], "messages": [HELLO]}


def reply_token(sim: Simulation, user_id: str = AKI) -> str:
    """The token of a message that the person has just sent."""
    sim.use_webhook()
    sim.post(f"/_sim/people/{user_id}/messages", HELLO)
    return str(sim.bot.events[-1]["replyToken"])


def test_a_push_reaches_a_friend_and_is_answered_with_its_sent_messages(sim: Simulation) -> None:
    sim.person(AKI)

    answer = sim.send("push", {"to": AKI, "messages": [HELLO, EXAMPLES["audio"]]})

    assert answer.status == 200
    assert [sorted(sent) for sent in answer.json["sentMessages"]] == [["id", "quoteToken"], ["id"]]
    assert sim.received(AKI) == [HELLO, EXAMPLES["audio"]]


def test_received_messages_name_the_call_and_the_request_in_order(sim: Simulation) -> None:
    sim.person(AKI)
    first = sim.send("push", TO_AKI)
    sim.now += 1.5
    second = sim.send("multicast", TO_LIST)

    received = sim.get(f"/_sim/people/{AKI}/received").json["messages"]

    assert received == [
        {
            "requestId": first.headers["x-line-request-id"],
            "call": "push",
            "acceptedAt": "2026-09-21T14:13:20.000Z",
            "message": HELLO,
        },
        {
            "requestId": second.headers["x-line-request-id"],
            "call": "multicast",
            "acceptedAt": "2026-09-21T14:13:21.500Z",
            "message": HELLO,
        },
    ]


def test_a_push_to_a_stranger_or_a_person_who_blocks_is_accepted_and_reaches_no_one(sim: Simulation) -> None:
    sim.person(AKI)
    sim.post(f"/_sim/people/{AKI}/block")
    sim.person(BEN, follows=False)

    answers = [sim.send("push", {"to": to, "messages": [HELLO]}) for to in (AKI, BEN, UNKNOWN)]

    assert [answer.status for answer in answers] == [200, 200, 200]
    assert sim.received(AKI) == sim.received(BEN) == []
    assert sim.usage() == 0


def test_a_multicast_reaches_friends_and_answers_an_empty_object(sim: Simulation) -> None:
    for person in (AKI, BEN, CHO):
        sim.person(person)
    sim.post(f"/_sim/people/{CHO}/block")

    answer = sim.send("multicast", {"to": [AKI, BEN, CHO, UNKNOWN], "messages": [HELLO]})

    assert (answer.status, answer.json) == (200, {})
    assert [sim.received(person) for person in (AKI, BEN, CHO)] == [[HELLO], [HELLO], []]


@pytest.mark.parametrize(
    ("call", "body", "named"),
    [
        ("push", {**TO_AKI, "to": "x"}, "'to'"),
        ("push", {**TO_AKI, "to": [AKI]}, "'to'"),
        ("multicast", {**TO_LIST, "to": AKI}, "'to'"),
        ("multicast", {**TO_LIST, "to": ["C" + "a" * 32]}, "to[0]"),
        ("multicast", {**TO_LIST, "to": [AKI, "someone@example.com"]}, "to[1]"),
    ],
)
def test_a_malformed_recipient_refuses_the_whole_request_and_is_named(
    sim: Simulation, call: str, body: dict[str, Any], named: str
) -> None:
    sim.person(AKI)

    answer = sim.send(call, body)

    message = f"The property, {named}, in the request body is invalid (line: -, column: -)"
    assert (answer.status, answer.json) == (400, {"message": message})
    assert sim.received(AKI) == []


@pytest.mark.parametrize(
    ("call", "body", "properties"),
    [
        ("push", {}, ["to", "messages"]),
        ("multicast", {**TO_LIST, "to": []}, ["to"]),
        ("multicast", {**TO_LIST, "to": [AKI] * 501}, ["to"]),
        ("reply", {"messages": [HELLO]}, ["replyToken"]),
        ("broadcast", {"messages": []}, ["messages"]),
        ("push", {**TO_AKI, "notificationDisabled": "no"}, ["notificationDisabled"]),
        ("push", {**TO_AKI, "customAggregationUnits": ["a", "b"]}, ["customAggregationUnits"]),
        ("multicast", {**TO_LIST, "customAggregationUnits": ["spring sale"]}, ["customAggregationUnits[0]"]),
    ],
)
def test_a_wrong_request_is_refused_with_its_properties(
    sim: Simulation, call: str, body: dict[str, Any], properties: list[str]
) -> None:
    answer = sim.send(call, body)

    assert (answer.status, answer.json["message"]) == (400, f"The request body has {len(properties)} error(s)")
    assert [detail["property"] for detail in answer.json["details"]] == properties


@pytest.mark.parametrize(
    ("call", "to"), [("multicast", [f"U{number:032x}" for number in range(500)]), ("push", "C" + "a" * 32)]
)
def test_five_hundred_recipients_and_a_group_are_taken(sim: Simulation, call: str, to: object) -> None:
    assert sim.send(call, {"to": to, "messages": [HELLO]}).status == 200


def test_a_broadcast_reaches_all_friends(sim: Simulation) -> None:
    sim.person(AKI)
    sim.person(BEN)
    sim.person(CHO, follows=False)

    answer = sim.send("broadcast", {"messages": [HELLO]})

    assert (answer.status, answer.json) == (200, {})
    assert [sim.received(person) for person in (AKI, BEN, CHO)] == [[HELLO], [HELLO], []]


def test_a_narrowcast_is_not_available(sim: Simulation) -> None:
    answer = sim.send("narrowcast", {"messages": [HELLO]})

    assert (answer.status, answer.json["message"]) == (403, "Access to this API is not available for your account")


@pytest.mark.parametrize("call", ["reply", "push", "multicast", "narrowcast", "broadcast"])
def test_validate_judges_messages_and_sends_none(sim: Simulation, call: str) -> None:
    sim.person(AKI)

    good = sim.post(f"/v2/bot/message/validate/{call}", {"messages": [HELLO]})
    bad = sim.post(f"/v2/bot/message/validate/{call}", {"messages": [{"type": "text", "text": ""}]})

    assert (good.status, good.json) == (200, {})
    assert (bad.status, bad.json["details"][0]["property"]) == (400, "messages[0].text")
    assert sim.received(AKI) == []


def test_a_repeated_retry_key_is_answered_409_with_the_accepted_request_and_its_sent_messages(sim: Simulation) -> None:
    sim.person(AKI)
    body = TO_AKI
    first = sim.send("push", body, retry_key=key(1))
    again = sim.send("push", body, retry_key=key(1).upper())

    assert again.status == 409
    assert again.headers["x-line-accepted-request-id"] == first.headers["x-line-request-id"]
    assert again.headers["x-line-request-id"] != first.headers["x-line-request-id"]
    assert again.json == {"message": "The retry key is already accepted", **first.json}
    assert sim.received(AKI) == [HELLO]


@pytest.mark.parametrize("call", ["multicast", "broadcast"])
def test_a_retry_key_counts_for_every_call_that_takes_one(sim: Simulation, call: str) -> None:
    sim.person(AKI)
    body = TO_LIST

    statuses = [sim.send(call, body, retry_key=key(1)).status for _ in range(2)]

    assert statuses == [200, 409]
    assert sim.received(AKI) == [HELLO]


def test_a_retry_key_is_forgotten_after_24_hours(sim: Simulation) -> None:
    body = TO_AKI
    sim.send("push", body, retry_key=key(1))
    sim.now += 24 * HOUR - 1
    within = sim.send("push", body, retry_key=key(1))
    sim.now += 1
    after = sim.send("push", body, retry_key=key(1))

    assert (within.status, after.status) == (409, 200)


def test_a_refused_request_leaves_its_retry_key_free(sim: Simulation) -> None:
    refused = sim.send("push", {"to": AKI, "messages": []}, retry_key=key(1))
    accepted = sim.send("push", TO_AKI, retry_key=key(1))

    assert (refused.status, accepted.status) == (400, 200)


@pytest.mark.parametrize("retry_key", ["", "1", "123e4567e89b12d3a456426614174000", "{" + key(1) + "}"])
def test_a_retry_key_that_is_not_a_uuid_is_refused(sim: Simulation, retry_key: str) -> None:
    assert sim.send("push", TO_AKI, retry_key=retry_key).status == 400


def test_a_reply_reaches_the_person_once_and_is_free(sim: Simulation) -> None:
    sim.person(AKI)
    token = reply_token(sim)

    first = sim.send("reply", {"replyToken": token, "messages": [HELLO]})
    second = sim.send("reply", {"replyToken": token, "messages": [HELLO]})

    assert first.status == 200
    assert sorted(first.json["sentMessages"][0]) == ["id", "quoteToken"]
    assert (second.status, second.json) == (400, {"message": "Invalid reply token"})
    assert sim.received(AKI) == [HELLO]
    assert sim.usage() == 0


@pytest.mark.parametrize(("age", "status"), [(60, 200), (61, 400)])
def test_a_reply_token_is_good_for_a_minute(sim: Simulation, age: int, status: int) -> None:
    sim.person(AKI)
    token = reply_token(sim)
    sim.now += age

    assert sim.send("reply", {"replyToken": token, "messages": [HELLO]}).status == status


def test_a_refused_reply_leaves_its_token_unused(sim: Simulation) -> None:
    sim.person(AKI)
    token = reply_token(sim)

    wrong = sim.send("reply", {"replyToken": token, "messages": [{"type": "text", "text": ""}]})
    right = sim.send("reply", {"replyToken": token, "messages": [HELLO]})

    assert (wrong.status, right.status) == (400, 200)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v2/bot/message/reply", 200),
        ("/v2/bot/message/validate/push", 200),
        ("/v2/bot/chat/loading/start", 202),
    ],
)
def test_only_calls_that_can_be_retried_take_a_retry_key(sim: Simulation, path: str, status: int) -> None:
    sim.person(AKI)
    body = {"messages": [HELLO], "chatId": AKI, "replyToken": reply_token(sim)}

    with_key = sim.post(path, body, headers={"x-line-retry-key": key(1)})
    without = sim.post(path, body)

    assert (with_key.status, without.status) == (400, status)


@pytest.mark.parametrize("token", ["made-up", 7, ["x"]])
def test_an_unknown_reply_token_is_refused(sim: Simulation, token: object) -> None:
    answer = sim.send("reply", {"replyToken": token, "messages": [HELLO]})

    assert (answer.status, answer.json) == (400, {"message": "Invalid reply token"})


@pytest.mark.parametrize("name", EXAMPLES)
def test_quotable_messages_have_a_quote_token(sim: Simulation, name: str) -> None:
    message = EXAMPLES[name]

    sent = sim.send("push", {"to": AKI, "messages": [message]}).json["sentMessages"]

    without = {"audio", "location", "coupon", "imagemap"}
    assert ("quoteToken" in sent[0]) is (message["type"] not in without)


def test_the_quota_is_counted_per_recipient_and_not_per_message(sim: Simulation) -> None:
    sim.person(AKI)
    sim.person(BEN)
    sim.send("multicast", {"to": [AKI, BEN, UNKNOWN], "messages": [HELLO, HELLO]})
    sim.send("push", TO_AKI)

    assert sim.usage() == 3


def test_a_request_beyond_the_monthly_quota_reaches_no_one(sim: Simulation) -> None:
    sim.person(AKI)
    sim.person(BEN)
    sim.put("/_sim/settings", {"quota": 3})
    within = sim.send("multicast", {"to": [AKI, BEN], "messages": [HELLO]})
    beyond = sim.send("multicast", {"to": [AKI, BEN], "messages": [HELLO]}, retry_key=key(1))
    last = sim.send("push", TO_AKI)

    assert (within.status, beyond.status, last.status) == (200, 429, 200)
    assert beyond.json == {"message": "You have reached your monthly limit."}
    assert sim.received(BEN) == [HELLO]
    assert sim.get("/v2/bot/message/quota").json == {"type": "limited", "value": 3}


def test_the_quota_begins_anew_with_the_month_in_japan(sim: Simulation) -> None:
    sim.person(AKI)
    sim.put("/_sim/settings", {"quota": 1})
    sim.now = 1_790_780_399  # 2026-09-30 23:59:59 in Japan
    statuses = [sim.send("push", TO_AKI).status for _ in range(2)]
    sim.now += 1
    statuses.append(sim.send("push", TO_AKI).status)

    assert statuses == [200, 429, 200]
    assert sim.usage() == 1
