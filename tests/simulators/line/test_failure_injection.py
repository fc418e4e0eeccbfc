"""Failures on demand: which requests they strike, what the sender is answered, and who received the message."""

from typing import Any

import pytest

from simulators.line.api_request import ApiRequest
from simulators.line.failure_injection import FailureKind, InjectedFailure
from tests.simulators.line.simulation import AKI, BEN, CHO, CUT, HELLO, Simulation, key

TO_AKI = {"to": AKI, "messages": [HELLO]}
REQUEST = ApiRequest(request_id="", method="POST", path="/", query="", headers={}, body=b"")


def inject(sim: Simulation, failure: str, **more: object) -> None:
    assert sim.post("/_sim/faults", {"fault": failure, **more}).status == 201


@pytest.mark.parametrize(
    ("failure", "status", "accepted"),
    [
        ("error", 500, False),
        ("error_after_accepting", 500, True),
        ("cut", CUT.status, False),
        ("cut_after_accepting", CUT.status, True),
        ("rate_limit", 429, False),
    ],
)
@pytest.mark.parametrize("call", ["push", "multicast"])
def test_a_repeat_under_the_same_key_arrives_once_whatever_happened_to_the_first(
    sim: Simulation, call: str, failure: str, status: int, accepted: bool
) -> None:
    sim.person(AKI)
    inject(sim, failure, count=1)
    body = {"to": AKI if call == "push" else [AKI], "messages": [HELLO]}

    first = sim.send(call, body, retry_key=key(1))
    received = sim.received(AKI)
    second = sim.send(call, body, retry_key=key(1))

    assert (first.status, received) == (status, [HELLO] if accepted else [])
    assert second.status == (409 if accepted else 200)
    assert sim.received(AKI) == [HELLO]


def test_errors_look_like_lines(sim: Simulation) -> None:
    inject(sim, "error", count=1)
    inject(sim, "rate_limit", count=1)

    error, limited = (sim.send("push", TO_AKI) for _ in range(2))

    assert (error.status, error.json) == (500, {"message": "Internal Server Error"})
    assert (limited.status, limited.json) == (
        429,
        {"message": "The API rate limit has been exceeded. Try again later."},
    )
    assert error.headers["x-line-request-id"]


def test_a_cut_connection_is_listed_without_an_answer(sim: Simulation) -> None:
    inject(sim, "cut_after_accepting")

    assert sim.send("push", TO_AKI) is CUT

    (listed,) = sim.get("/_sim/requests").json["requests"]
    assert (listed["path"], listed["status"], listed["answer"]) == ("/v2/bot/message/push", None, None)


def test_a_delayed_request_is_accepted_later(sim: Simulation) -> None:
    sim.person(AKI)
    inject(sim, "delay", ms=250)
    inject(sim, "delay", ms=500, endpoint="push")

    answers = [sim.send("push", TO_AKI), sim.get("/v2/bot/info")]

    assert [answer.status for answer in answers] == [200, 200]
    assert sim.waits == [0.75, 0.25]
    (received,) = sim.get(f"/_sim/people/{AKI}/received").json["messages"]
    assert received["acceptedAt"] == "2026-09-21T14:13:20.750Z"


@pytest.mark.parametrize(
    ("named", "call", "to", "message"),
    [
        (
            True,
            "multicast",
            [AKI, BEN, CHO],
            "The property, to[1], in the request body is invalid (line: -, column: -)",
        ),
        (True, "push", BEN, "The property, 'to', in the request body is invalid (line: -, column: -)"),
        (False, "multicast", [AKI, BEN, CHO], "Failed to send messages"),
        (False, "push", BEN, "Failed to send messages"),
    ],
)
def test_a_refused_user_fails_the_request_for_all(
    sim: Simulation, named: bool, call: str, to: object, message: str
) -> None:
    for user_id in (AKI, BEN, CHO):
        sim.person(user_id)
    inject(sim, "refuse_user", userId=BEN, named=named)

    refused = sim.send(call, {"to": to, "messages": [HELLO]}, retry_key=key(1))

    assert (refused.status, refused.json) == (400, {"message": message})
    assert [sim.received(user_id) for user_id in (AKI, BEN, CHO)] == [[], [], []]


def test_a_refused_user_fails_no_other_request(sim: Simulation) -> None:
    sim.person(AKI)
    inject(sim, "refuse_user", userId=BEN)

    assert sim.send("multicast", {"to": [AKI], "messages": [HELLO]}).status == 200
    assert sim.get(f"/v2/bot/profile/{AKI}").status == 200


def test_a_request_that_line_refuses_is_still_refused(sim: Simulation) -> None:
    inject(sim, "error_after_accepting")

    assert sim.send("push", {"to": AKI, "messages": []}).status == 400
    assert sim.call("POST", "/v2/bot/message/push", TO_AKI, token="wrong").status == 401


def test_only_the_named_endpoint_is_struck(sim: Simulation) -> None:
    inject(sim, "error", endpoint="multicast")

    assert sim.send("push", TO_AKI).status == 200
    assert sim.send("multicast", {"to": [AKI], "messages": [HELLO]}).status == 500


def struck(chances: list[float], **selection: Any) -> list[bool]:
    """Which requests a failure strikes. Each request for which chance decides takes the next of the chances."""
    failure, left = InjectedFailure(FailureKind.ERROR, **selection), iter(chances)
    return [failure.strikes("push", REQUEST, left.__next__) for _ in chances]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ({}, "xxxxxxxx"),
        ({"count": 2}, "xx......"),
        ({"count": 0}, "........"),
        ({"every": 3}, "..x..x.."),
        ({"skip": 5}, ".....xxx"),
        ({"skip": 1, "every": 3, "count": 1}, "...x...."),
        ({"share": 0.5}, "x.x.x.x."),
        ({"share": 0}, "........"),
        ({"share": 0.5, "count": 3}, "x.x.x..."),
        ({"endpoint": "multicast"}, "........"),
    ],
)
def test_which_requests_are_struck(selection: dict[str, Any], expected: str) -> None:
    chances = [0.2, 0.9] * 4

    assert struck(chances, **selection) == [letter == "x" for letter in expected]


def test_the_first_failure_that_strikes_decides_and_the_others_wait(sim: Simulation) -> None:
    inject(sim, "rate_limit", count=1)
    inject(sim, "error", count=1)

    assert [sim.send("push", TO_AKI).status for _ in range(3)] == [429, 500, 200]


def test_failures_are_listed_with_their_counts_until_they_are_deleted(sim: Simulation) -> None:
    inject(sim, "rate_limit", endpoint="push", every=2)
    inject(sim, "delay", ms=50)
    for _ in range(3):
        sim.send("push", TO_AKI)

    listed = sim.get("/_sim/faults").json["faults"]

    selection = {"skip": 0, "share": 1, "count": None}
    assert listed == [
        {"fault": "rate_limit", "endpoint": "push", **selection, "every": 2, "seen": 3, "struck": 1},
        {"fault": "delay", "endpoint": None, **selection, "every": 1, "ms": 50, "seen": 2, "struck": 2},
    ]
    assert sim.call("DELETE", "/_sim/faults").json == {"faults": []}
    assert [sim.send("push", TO_AKI).status for _ in range(2)] == [200, 200]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "fault must be one of "),
        ({"fault": "earthquake"}, "fault must be one of "),
        ({"fault": ["error"]}, "fault must be one of "),
        ({"fault": "error", "endpoint": "pull"}, "endpoint must be one of "),
        ({"fault": "error", "endpoint": ["push"]}, "endpoint must be one of "),
        ({"fault": "error", "ms": 5}, "error has no ms; "),
        ({"fault": "delay"}, "ms must be a whole number of at least 0"),
        ({"fault": "delay", "ms": -1}, "ms must be a whole number of at least 0"),
        ({"fault": "error", "every": 0}, "every must be a whole number of at least 1"),
        ({"fault": "error", "skip": True}, "skip must be a whole number of at least 0"),
        ({"fault": "error", "count": -1}, "count must be a whole number of at least 0"),
        ({"fault": "error", "share": 1.1}, "share must be a number from 0 to 1"),
        ({"fault": "error", "share": True}, "share must be a number from 0 to 1"),
        ({"fault": "refuse_user"}, "userId must be the id that is refused"),
        ({"fault": "refuse_user", "userId": 7}, "userId must be the id that is refused"),
        ({"fault": "refuse_user", "userId": AKI, "named": "yes"}, "named must be true or false"),
    ],
)
def test_a_malformed_failure_is_refused_with_the_reason(sim: Simulation, body: dict[str, Any], message: str) -> None:
    answer = sim.post("/_sim/faults", body)

    assert answer.status == 400
    assert answer.json["message"].startswith(message)
    assert sim.get("/_sim/faults").json == {"faults": []}
