"""Every recipient gets a message exactly once, whatever fails on the way."""

import random
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from local.demo_messages import DemoPerson, campaign_event
from local.functions import Answer
from local.waiting import until
from tests.local.cloud import Running, eventually
from tests.local.failing_dynamodb import FailingDynamoDb, Failure, failing_dynamodb
from tests.local.failures import (
    IDENTICAL,
    PERSONAL,
    FriendGroup,
    configured,
    inject,
    kill_workers,
    new_friends,
    requests_of,
    struck,
    until_all_is_quiet,
)

SHORT_S = 8
"""A function with this time-out gives up a lease after at most 13 s. With 50 s a test would wait for a minute."""

PATIENTLY = {"redelivery": True, "timeoutSeconds": 20}
"""So that a machine slower than AWS loses no call of the webhook."""

by_both_calls = pytest.mark.parametrize(
    "data", [pytest.param(IDENTICAL, id="multicast"), pytest.param(PERSONAL, id="push")]
)


pytestmark = pytest.mark.usefixtures("line_as_before")


def outcomes(answer: Answer) -> dict[str, str]:
    """By name. The endpoint ids of the event are made of the names."""
    assert not answer.failed, answer.payload
    return {
        endpoint_id.removeprefix("endpoint-").capitalize(): entry["EventAttributes"]["outcome"]
        for endpoint_id, entry in answer.payload.items()
    }


def refused_for_now(answer: Answer) -> bool:
    return answer.failed and answer.payload["errorMessage"].startswith("RetryableError")


def until_done(running: Running, event: dict[str, Any], *, timeout_s: float = 60) -> dict[str, str]:
    """Invokes again and again, as Lambda's own retries or a state machine do, and returns the last answer."""
    answers: list[Answer] = []

    def done() -> bool:
        answers.append(running.invoke("send_text", event))
        assert not answers[-1].failed or not answers[-1].payload["errorMessage"].startswith("RejectedError")
        return not answers[-1].failed

    until(done, what="the event still fails", timeout_s=timeout_s, every_s=1)
    return outcomes(answers[-1])


@pytest.mark.parametrize("failure", ["error", "error_after_accepting", "cut", "cut_after_accepting", "rate_limit"])
@pytest.mark.parametrize(
    ("data", "endpoint", "when"),
    [
        pytest.param(IDENTICAL, "multicast", {"count": 2}, id="multicast"),
        pytest.param(PERSONAL, "push", {"every": 3}, id="push"),
    ],
)
def test_a_failure_of_line_is_healed_within_the_invocation(
    running: Running, failure: str, data: str, endpoint: str, when: dict[str, int]
) -> None:
    people = new_friends(running, 30)
    inject(running, failure, endpoint=endpoint, **when)

    answer = running.invoke("send_text", campaign_event(people.people, data))

    assert outcomes(answer) == people.each("sent")
    assert people.received() == people.each(1)
    assert struck(running)[failure] >= 2


@by_both_calls
def test_what_stays_open_is_sent_by_a_repeat_of_the_event(running: Running, data: str) -> None:
    """LINE answers 500 to all requests. It has accepted some of them, and the sender cannot know which."""
    people = new_friends(running, 30)
    event = campaign_event(people.people, data)
    inject(running, "error_after_accepting", every=5)
    inject(running, "error")

    first = running.invoke("send_text", event)
    running.line.call("DELETE", "/faults")

    assert refused_for_now(first)
    assert until_done(running, event) == people.each("sent")
    assert people.received() == people.each(1)


def test_when_every_kind_of_failure_happens_at_random_everyone_has_it_once(running: Running) -> None:
    people = new_friends(running, 100)
    event = campaign_event(people.people, PERSONAL)
    for failure in ("error", "error_after_accepting", "cut", "cut_after_accepting", "rate_limit"):
        inject(running, failure, share=0.15)
    inject(running, "delay", ms=200, share=0.2)

    assert until_done(running, event) == people.each("sent")

    assert people.received() == people.each(1)
    assert all(struck(running).values())


@dataclass
class Killed:
    """A batch whose sender was killed. LINE refuses the person `refused` without naming the id."""

    people: FriendGroup
    event: dict[str, Any]
    refused: DemoPerson | None

    @property
    def expected(self) -> dict[str, int]:
        return self.people.each(1, except_for={self.refused.name: 0} if self.refused else {})


@pytest.mark.skipif(sys.platform != "linux", reason="finds the function's process in /proc")
def test_a_sender_that_is_killed_after_any_number_of_requests_is_followed_by_one_that_goes_on(running: Running) -> None:
    """Its requests that were under way reach LINE a moment later, or never."""
    with configured(running, "send_text", timeout_s=SHORT_S):
        killed = [
            killed_after(running, 0, PERSONAL, lost=False),
            killed_after(running, 1, PERSONAL, lost=True),
            killed_after(running, 17, PERSONAL, lost=False),
            killed_after(running, 39, PERSONAL, lost=True),
            killed_after(running, 0, IDENTICAL, lost=False),
            killed_after(running, 1, IDENTICAL, lost=True, bisected=True),
            killed_after(running, 5, IDENTICAL, lost=False, bisected=True),
        ]
        for batch in killed:
            refuse(running, batch.refused)
        outcome = [until_done(running, batch.event) for batch in killed]

    assert [batch.people.received() for batch in killed] == [batch.expected for batch in killed]
    assert outcome == [
        {name: "sent" if number else "failed" for name, number in batch.expected.items()} for batch in killed
    ]


def killed_after(running: Running, requests: int, data: str, *, lost: bool, bisected: bool = False) -> Killed:
    people = new_friends(running, 40)
    batch = Killed(people, campaign_event(people.people, data), people.people[23] if bisected else None)
    inject(running, "delay", skip=requests, ms=1500)
    if lost:
        inject(running, "cut", skip=requests)
    refuse(running, batch.refused)
    with ThreadPoolExecutor(1) as caller:
        answer = caller.submit(running.invoke, "send_text", batch.event)
        eventually(lambda: struck(running)["delay"] > 0, "the sender has not come so far")
        assert kill_workers(running, "send_text") == 1
    assert answer.result().failed
    running.line.call("DELETE", "/faults")
    return batch


def refuse(running: Running, person: DemoPerson | None) -> None:
    if person:
        inject(running, "refuse_user", userId=person.user_id, named=False)


@by_both_calls
def test_an_event_that_comes_twice_at_the_same_moment_is_sent_once(running: Running, data: str) -> None:
    """LINE takes a while to answer, so the second finds the first at work."""
    people = new_friends(running, 30)
    event = campaign_event(people.people, data)
    inject(running, "delay", ms=1000)

    with ThreadPoolExecutor(2) as callers:
        answers = list(callers.map(lambda _: running.invoke("send_text", event), range(2)))

    assert not all(answer.failed for answer in answers)
    assert all(refused_for_now(answer) for answer in answers if answer.failed)
    assert until_done(running, event) == people.each("sent")
    assert people.received() == people.each(1)


@pytest.mark.parametrize(("named", "requests_at_most"), [(True, 2), (False, 20)], ids=["named", "hidden"])
def test_one_id_that_line_refuses_costs_no_one_else_the_message(
    running: Running, named: bool, requests_at_most: int
) -> None:
    people = new_friends(running, 500)
    refused = people.people[321]
    inject(running, "refuse_user", userId=refused.user_id, named=named)
    event = campaign_event(people.people, IDENTICAL)

    answers = [outcomes(running.invoke("send_text", event)) for _ in range(2)]

    assert answers == [people.each("sent", except_for={refused.name: "failed"})] * 2
    assert people.received() == people.each(1, except_for={refused.name: 0})
    assert len(requests_of(running, people.people)) <= requests_at_most


@pytest.fixture
def dynamodb(running: Running) -> Iterator[FailingDynamoDb]:
    with failing_dynamodb(running.outputs["AwsEndpointUrl"]) as proxy:
        yield proxy


THROTTLED, CUT, NONE = Failure.THROTTLED, Failure.CUT, Failure.NONE
UNREAD = [THROTTLED] * 3
NO_PLAN = [NONE, *[THROTTLED] * 3]
PLAN_IN_DOUBT = [NONE, *[CUT] * 3]
NO_OUTCOME = [NONE, NONE, *[THROTTLED] * 3]
OUTCOME_IN_DOUBT = [NONE, NONE, *[CUT] * 3]
"""The ledger is read, then written before the first request and after the last. Each of these is tried three times."""


def test_with_a_ledger_that_throttles_everyone_has_it_once(running: Running, dynamodb: FailingDynamoDb) -> None:
    dynamodb.table = running.outputs["DeliveriesTable"]
    cases = [(data, failures) for data in (IDENTICAL, PERSONAL) for failures in (PLAN_IN_DOUBT, NO_OUTCOME)]
    cases += [(IDENTICAL, failures) for failures in (UNREAD, NO_PLAN, OUTCOME_IN_DOUBT)]
    batches = []
    with configured(running, "send_text", timeout_s=SHORT_S, environment={"AWS_ENDPOINT_URL_DYNAMODB": dynamodb.url}):
        for data, failures in cases:
            people = new_friends(running, 5)
            event = campaign_event(people.people, data)
            dynamodb.planned.extend(failures)
            assert refused_for_now(running.invoke("send_text", event))
            assert not dynamodb.planned
            batches.append((people, event))
        for people, event in batches:
            assert until_done(running, event) == people.each("sent")

    assert [people.received() for people, _ in batches] == [people.each(1) for people, _ in batches]


@by_both_calls
def test_a_ledger_that_throttles_a_little_is_asked_again(
    running: Running, dynamodb: FailingDynamoDb, data: str
) -> None:
    dynamodb.table = running.outputs["DeliveriesTable"]
    dynamodb.planned.extend([THROTTLED, NONE, THROTTLED, CUT, NONE, CUT, THROTTLED])
    people = new_friends(running, 5)

    with configured(running, "send_text", environment={"AWS_ENDPOINT_URL_DYNAMODB": dynamodb.url}):
        answer = running.invoke("send_text", campaign_event(people.people, data))

    assert outcomes(answer) == people.each("sent")
    assert people.received() == people.each(1)
    assert not dynamodb.planned


def test_with_an_audience_that_throttles_everyone_is_registered_as_they_last_wished(
    running: Running, dynamodb: FailingDynamoDb
) -> None:
    """All people follow, every third blocks the account again. All writes of the first six events fail."""
    dynamodb.table = running.outputs["AudienceTable"]
    dynamodb.planned.extend([THROTTLED] * 12 + [CUT] * 6 + [THROTTLED, NONE, CUT, NONE, NONE] * 6)
    running.line.change_settings(webhook=PATIENTLY)
    ids = [running.line.add_person(f"Person-{number}") for number in range(24)]

    with configured(running, "inbox", environment={"AWS_ENDPOINT_URL_DYNAMODB": dynamodb.url}):
        for user_id in ids:
            running.line.follow(user_id)
        for user_id in ids[::3]:
            running.line.block(user_id)
        until_all_is_quiet(running)

    assert {user_id: running.status(user_id) for user_id in ids} == {
        user_id: "following" if index % 3 else "unfollowed" for index, user_id in enumerate(ids)
    }
    assert running.depth("InboxDeadLetterQueueUrl") == 0
    assert not dynamodb.planned


def test_events_that_come_three_times_and_in_any_order_leave_everyone_as_they_last_wished(running: Running) -> None:
    running.line.change_settings(webhook={**PATIENTLY, "repeats": 2, "shuffleWithinSeconds": 2})
    ids = [running.line.add_person(f"Person-{number}") for number in range(6)]
    chance = random.Random(20261030)
    expected = {}
    for user_id in ids:
        steps = ["follow", "block"] * 2
        for step in steps[: chance.randint(1, 4)]:
            running.line.call("POST", f"/people/{user_id}/{step}?wait=false")
            expected[user_id] = "following" if step == "follow" else "unfollowed"
            time.sleep(0.002)  # two events of the same millisecond have no order

    until_all_is_quiet(running)

    assert {user_id: running.status(user_id) for user_id in ids} == expected
    assert running.depth("InboxDeadLetterQueueUrl") == 0
