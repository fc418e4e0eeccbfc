"""The sender function, from an event to an answer, with LINE, the ledger and the queue faked."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from kairan.delivery.callers import CallerSettings
from kairan.delivery.deliverer import Deliverer, Pacers
from kairan.delivery.function import SenderFunction
from kairan.delivery.ledger import DeliveryRecord
from kairan.delivery.model import DeliveryId, Sender
from kairan.delivery.pacing import Pacer
from kairan.delivery.speaking import Voice
from kairan.errors import InvalidEventError, KairanError, RateLimitedError, StoreUnavailableError
from kairan.line.client import Message
from kairan.speech.port import Speech
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import FakeLedger
from tests.fakes.line import Answer, FakeLine, people, text

REQUEST_ID = "5aa2e4a7-6b5f-4d3c-9c59-000000000001"
ALL = people(3)
RATE_LIMITED: tuple[Answer, ...] = ("rate",) * 5
"""As often as one request is tried."""


Refuses = Callable[[Sequence[Message]], str | None]


@dataclass
class Context:
    aws_request_id: str = REQUEST_ID
    function_name: str = "send_text"
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:000000000000:function:send_text"
    remaining_ms: int = 50_000

    def get_remaining_time_in_millis(self) -> int:
        return self.remaining_ms


class FakeFailures:
    def __init__(self) -> None:
        self.parked: list[dict[str, Any]] = []

    def park(self, event: Mapping[str, Any], *, request_id: str, function_arn: str, error: KairanError) -> None:
        self.parked.append(
            {"event": dict(event), "request_id": request_id, "function_arn": function_arn, "code": error.code}
        )


class Bench:
    def __init__(
        self,
        *answers: Answer,
        sender: Sender = Sender.TEXT,
        refuses: Refuses = lambda _: None,
        speech: Speech | None = None,
    ) -> None:
        self.clock = FakeClock()
        self.line = FakeLine(self.clock, answers=answers, refuses=refuses)
        self.failures = FakeFailures()
        self.ledger = FakeLedger()
        fast = Pacer(1e9, clock=self.clock)
        self.function = SenderFunction(
            sender,
            deliverer=Deliverer(
                line=self.line,
                ledger=self.ledger,
                pacers=Pacers(fast, fast),
                connections=1,
                clock=self.clock,
                jitter=lambda: 1.0,
            ),
            line=self.line,
            failures=self.failures,
            connections=4,
            callers=CallerSettings(connect_user_id_attribute="line_user_id", connect_data=None),
            voice=None if speech is None else Voice(speech, self.clock, speaker=888753760, max_characters=100),
        )

    def invoke(self, event: dict[str, Any], context: Context | None = None) -> dict[str, Any]:
        return self.function(event, context or Context())


def campaign(users: list[str], data: str = "Hello", **changes: Any) -> dict[str, Any]:
    endpoints = {
        f"e{place}": {
            "ChannelType": "CUSTOM",
            "Address": user,
            "EndpointStatus": "ACTIVE",
            "OptOut": "NONE",
            "Attributes": {"name": [f"n{place}"]},
        }
        for place, user in enumerate(users)
    }
    return {
        "Message": {},
        "Data": data,
        "ApplicationId": "app",
        "CampaignId": "campaign",
        "TreatmentId": "0",
        "ActivityId": "activity",
        "ScheduledTime": "2026-11-21T09:00:00.000Z",
        "Endpoints": endpoints,
    } | changes


def profile(profile_id: str, user: str, token: str) -> dict[str, str]:
    customer = {"profileId": profile_id, "attributes": {"line_user_id": user, "line_data": "Hello"}}
    return {"ProfileId": profile_id, "CustomerData": json.dumps(customer), "IdempotencyToken": token}


def connect(*profiles: dict[str, str]) -> dict[str, Any]:
    metadata = {"CampaignContext": {"CampaignId": "c", "RunId": "r", "ActionId": "a", "CampaignName": "n"}}
    return {"InvocationMetadata": metadata, "Items": {"CustomerProfiles": list(profiles)}}


def test_a_campaign_event_sends_once_and_answers_by_endpoint() -> None:
    bench = Bench()

    answer = bench.invoke(campaign(ALL))

    assert answer == {
        f"e{place}": {"EventAttributes": {"outcome": "sent", "requestId": "request-1"}} for place in range(3)
    }
    assert bench.line.messages[ALL[0]] == [text("Hello")]


def test_a_repeated_campaign_event_sends_nothing_more_and_answers_the_same() -> None:
    bench = Bench()

    first = bench.invoke(campaign(ALL))
    second = bench.invoke(campaign(ALL), Context(aws_request_id="another"))

    assert second == first
    assert bench.line.received == dict.fromkeys(ALL, 1)


def test_endpoints_that_are_not_sent_to_are_told_apart_from_those_that_are() -> None:
    bench = Bench()
    event = campaign(ALL)
    event["Endpoints"]["e1"]["OptOut"] = "ALL"

    answer = bench.invoke(event)

    assert [answer[f"e{place}"]["EventAttributes"]["outcome"] for place in range(3)] == ["sent", "skipped", "sent"]
    assert bench.line.received == {ALL[0]: 1, ALL[2]: 1}


def test_an_opt_out_between_two_tries_changes_neither_the_delivery_nor_what_was_sent() -> None:
    bench = Bench("ok", *RATE_LIMITED)
    event = campaign(ALL, "Hello {{Attributes.name}}")
    with pytest.raises(RateLimitedError):
        bench.invoke(event)
    event["Endpoints"]["e0"]["OptOut"] = "ALL"

    answer = bench.invoke(event)

    assert [answer[f"e{place}"]["EventAttributes"]["outcome"] for place in range(3)] == ["sent"] * 3
    assert bench.line.received == dict.fromkeys(ALL, 1)


def test_every_person_is_counted_once_however_often_the_event_comes(counted: Callable[[str], int]) -> None:
    bench = Bench("ok", *RATE_LIMITED)
    event = campaign([*ALL, "someone@example.com"], "Hello {{Attributes.name}}")

    with pytest.raises(RateLimitedError):
        bench.invoke(event)
    assert (counted("MessagesSent"), counted("LineRateLimited")) == (2, 1)
    bench.invoke(event)

    assert (counted("MessagesSent"), counted("MessagesSkipped"), counted("MessagesFailed")) == (3, 1, 0)


def test_with_nobody_left_to_send_to_line_is_not_called() -> None:
    bench = Bench()

    answer = bench.invoke(campaign(["someone@example.com"]))

    assert answer["e0"]["EventAttributes"]["outcome"] == "skipped"
    assert bench.line.calls == []


def test_what_stays_open_raises_after_everything_else_was_sent() -> None:
    bench = Bench("rate", "rate", "rate", "rate", "rate")

    with pytest.raises(RateLimitedError):
        bench.invoke(campaign(ALL, "Hello {{Attributes.name}}"))

    assert bench.line.received == dict.fromkeys(ALL[1:], 1)
    bench.invoke(campaign(ALL, "Hello {{Attributes.name}}"))
    assert bench.line.received == dict.fromkeys(ALL, 1)


def test_a_direct_invoke_answers_by_user_id_with_its_retry_key() -> None:
    bench = Bench()

    answer = bench.invoke({"to": ALL[:2], "data": "Hi"})

    assert answer == {
        "outcomes": {user: {"outcome": "sent", "request_id": "request-1"} for user in ALL[:2]},
        "retry_key": REQUEST_ID,
    }


def test_lambdas_own_retry_of_a_direct_invoke_sends_once() -> None:
    bench = Bench()

    bench.invoke({"to": ALL[0], "data": "Hi"})
    bench.invoke({"to": ALL[0], "data": "Hi"})

    assert bench.line.received == {ALL[0]: 1}


def test_an_event_of_no_known_form_is_refused_and_nothing_is_sent() -> None:
    bench = Bench()

    with pytest.raises(InvalidEventError):
        bench.invoke({"hello": "world"})

    assert bench.line.calls == []


def test_connect_gets_one_entry_per_profile_and_each_goes_by_push() -> None:
    bench = Bench()

    answer = bench.invoke(
        connect(profile("p1", ALL[0], "t1"), profile("p2", ALL[1], "t2"), profile("p3", "nobody", "t3"))
    )

    results = {entry["Id"]: entry["ResultData"]["outcome"] for entry in answer["Items"]["CustomerProfiles"]}
    assert results == {"p1": "sent", "p2": "sent", "p3": "skipped"} or results == {
        "p1": "sent",
        "p2": "sent",
        "p3": "failed",
    }
    assert sorted(bench.line.calls) == [("push", (ALL[0],)), ("push", (ALL[1],))]


def test_connect_profiles_that_are_regrouped_in_a_retry_are_sent_to_once() -> None:
    bench = Bench()
    one, two, three = (profile(f"p{place}", user, f"t{place}") for place, user in enumerate(ALL))

    bench.invoke(connect(one, two))
    bench.invoke(connect(three, two, one), Context(aws_request_id="another"))

    assert bench.line.received == dict.fromkeys(ALL, 1)


def test_a_profile_that_stays_open_does_not_keep_the_others_from_being_sent_to(counted: Callable[[str], int]) -> None:
    bench = Bench()
    load, fails = bench.ledger.load, [True]

    def load_of_a_throttled_table(delivery_id: DeliveryId) -> DeliveryRecord | None:
        if fails:
            fails.pop()
            raise StoreUnavailableError("the ledger could not be read: ThrottlingException")
        return load(delivery_id)

    bench.ledger.load = load_of_a_throttled_table  # type: ignore[method-assign]
    event = connect(*(profile(f"p{place}", user, f"t{place}") for place, user in enumerate(ALL)))

    with pytest.raises(StoreUnavailableError):
        bench.invoke(event)

    assert bench.line.received.total() == 2
    assert counted("MessagesSent") == 2
    bench.invoke(event)
    assert bench.line.received == dict.fromkeys(ALL, 1)


def test_a_profile_whose_content_is_wrong_fails_alone() -> None:
    bench = Bench()
    wrong = profile("p1", ALL[0], "t1")
    wrong["CustomerData"] = wrong["CustomerData"].replace("Hello", "x" * 5001)

    answer = bench.invoke(connect(wrong, profile("p2", ALL[1], "t2")))

    results = {entry["Id"]: entry["ResultData"] for entry in answer["Items"]["CustomerProfiles"]}
    assert results["p1"] == {"outcome": "failed", "reason": "invalid_event"}
    assert results["p2"]["outcome"] == "sent"


@pytest.mark.parametrize("event", [campaign(ALL, "x" * 5001), {"to": ALL, "data": "x" * 5001}])
def test_content_that_is_wrong_for_all_refuses_the_event_and_sends_nothing(event: dict[str, Any]) -> None:
    bench = Bench()

    with pytest.raises(InvalidEventError):
        bench.invoke(event)

    assert bench.line.calls == []


def test_a_dry_run_tells_what_line_would_refuse() -> None:
    bench = Bench(refuses=lambda _: "messages[0].text")

    answer = bench.invoke({"to": ALL[0], "data": "Hi", "dry_run": True})

    assert answer["outcomes"] == {ALL[0]: {"outcome": "failed", "reason": "invalid_message"}}


def test_a_dry_run_asks_line_and_sends_nothing() -> None:
    bench = Bench()

    answer = bench.invoke({"to": ALL, "data": "Hi", "dry_run": True})

    assert bench.line.calls == [("validate/multicast", ())]
    assert {outcome["reason"] for outcome in answer["outcomes"].values()} == {"dry_run"}


def test_the_monthly_quota_is_an_outcome_and_the_event_is_kept_for_a_redrive() -> None:
    bench = Bench("quota")
    event = {"to": ALL[:2], "data": "Hi"}

    answer = bench.invoke(event)

    assert {outcome["reason"] for outcome in answer["outcomes"].values()} == {"monthly_quota"}
    [parked] = bench.failures.parked
    assert parked["code"] == "monthly_quota"
    bench.invoke(parked["event"], Context(aws_request_id="the redrive's own"))
    bench.invoke(parked["event"], Context(aws_request_id="and once more"))
    assert bench.line.received == dict.fromkeys(ALL[:2], 1)
