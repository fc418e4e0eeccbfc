"""The sender function, from an event to an answer, with LINE, the ledger and the queue faked."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from kairan.contract import SAMPLE_AUDIO, SAMPLE_IMAGE, SAMPLE_VIDEO, Sender
from kairan.errors import InvalidInputError, KeyReusedError, RateLimitedError, StoreUnavailableError
from kairan.messengers.port import Refusal
from kairan.sending.batch import BatchId
from kairan.sending.ledger import BatchRecord
from tests.cases.repeats import DOORS, Door
from tests.fakes.line import Answer, people, text
from tests.fakes.media import FakeMedia
from tests.fakes.speech import FakeSynthesizer
from tests.rigs import media_files
from tests.rigs.events import Context, campaign_to, connect, own_batch
from tests.rigs.events import profile as connect_profile
from tests.rigs.senders import SenderRig

ALL = people(3)
RATE_LIMITED: tuple[Answer, ...] = ("rate",) * 5
"""As often as one request is tried."""


def profile(profile_id: str, user: str, token: str, content: str = "Hello") -> dict[str, Any]:
    attributes = {"line_user_id": user, "line_data": content}
    return connect_profile(profile_id, user, token, attributes=attributes)


def test_a_campaign_event_sends_once_and_answers_by_endpoint() -> None:
    rig = SenderRig()

    answer = rig.invoke(campaign_to(ALL))

    assert answer == {
        f"e{place}": {"EventAttributes": {"outcome": "sent", "requestId": "request-1"}} for place in range(3)
    }
    assert rig.line.messages[ALL[0]] == [text("Hello")]


SAMPLES = FakeMedia(
    {SAMPLE_IMAGE: media_files.image(), SAMPLE_AUDIO: media_files.audio("mp3"), SAMPLE_VIDEO: media_files.video()}
)


@pytest.mark.parametrize("sender", Sender)
def test_every_sender_sends_its_sample_when_the_call_has_no_data(sender: Sender) -> None:
    rig = SenderRig(sender=sender, media=SAMPLES, synthesizer=FakeSynthesizer())

    answer = rig.invoke({"to": ALL, "data": ""})

    assert {outcome["outcome"] for outcome in answer["outcomes"].values()} == {"sent"}
    assert rig.line.received == dict.fromkeys(ALL, 1)


def repeating(door: Door) -> Context:
    return Context() if door.is_named_by_lambda else Context(aws_request_id="another")


@pytest.mark.parametrize("name", DOORS)
def test_a_repeat_sends_nothing_and_is_answered_as_the_first(name: str) -> None:
    rig, door = SenderRig(), DOORS[name]

    first = rig.invoke(door.event(ALL, "Hello"))
    again = rig.invoke(door.event(ALL, "Hello"), repeating(door))

    assert again == first
    assert rig.line.received == dict.fromkeys(ALL, 1)


@pytest.mark.parametrize("name", [name for name, door in DOORS.items() if door.other_content == "refused"])
def test_another_content_under_a_callers_name_is_refused_and_not_sent(name: str) -> None:
    rig, door = SenderRig(), DOORS[name]
    rig.invoke(door.event(ALL, "Hello"))

    with pytest.raises(KeyReusedError):
        rig.invoke(door.event(ALL, "Something else"), repeating(door))

    assert rig.line.received == dict.fromkeys(ALL, 1)


@pytest.mark.parametrize("name", [name for name, door in DOORS.items() if door.other_content != "refused"])
def test_another_content_is_another_batch_where_it_is_part_of_the_name(name: str) -> None:
    rig, door = SenderRig(), DOORS[name]
    rig.invoke(door.event(ALL, "Hello"))

    rig.invoke(door.event(ALL, "Something else"), repeating(door))

    assert rig.line.messages[ALL[0]] == (
        [text("Hello"), text("Something else")] if door.other_content == "another batch" else [text("Hello")]
    )


def test_an_opt_out_between_two_tries_changes_neither_the_batch_nor_what_was_sent() -> None:
    rig = SenderRig("ok", *RATE_LIMITED)
    event = campaign_to(ALL, "Hello {{Attributes.name}}")
    with pytest.raises(RateLimitedError):
        rig.invoke(event)
    event["Endpoints"]["e0"]["OptOut"] = "ALL"

    answer = rig.invoke(event)

    assert [answer[f"e{place}"]["EventAttributes"]["outcome"] for place in range(3)] == ["sent"] * 3
    assert rig.line.received == dict.fromkeys(ALL, 1)


def test_every_person_is_counted_once_however_often_the_event_comes(counted: Callable[[str], int]) -> None:
    rig = SenderRig("ok", *RATE_LIMITED)
    event = campaign_to([*ALL, "someone@example.com"], "Hello {{Attributes.name}}")

    with pytest.raises(RateLimitedError):
        rig.invoke(event)
    assert (counted("MessagesSent"), counted("LineRateLimited")) == (2, 1)
    rig.invoke(event)

    assert (counted("MessagesSent"), counted("MessagesSkipped"), counted("MessagesFailed")) == (3, 1, 0)


def test_with_no_one_left_to_send_to_line_is_not_called() -> None:
    rig = SenderRig()

    answer = rig.invoke(campaign_to(["someone@example.com"]))

    assert answer["e0"]["EventAttributes"]["outcome"] == "skipped"
    assert rig.line.calls == []


def test_what_stays_open_raises_after_everything_else_was_sent() -> None:
    rig = SenderRig("rate", "rate", "rate", "rate", "rate")

    with pytest.raises(RateLimitedError):
        rig.invoke(campaign_to(ALL, "Hello {{Attributes.name}}"))

    assert rig.line.received == dict.fromkeys(ALL[1:], 1)
    rig.invoke(campaign_to(ALL, "Hello {{Attributes.name}}"))
    assert rig.line.received == dict.fromkeys(ALL, 1)


def test_connect_gets_one_entry_per_profile_and_each_goes_by_push() -> None:
    rig = SenderRig()

    answer = rig.invoke(
        connect(profile("p1", ALL[0], "t1"), profile("p2", ALL[1], "t2"), profile("p3", "nobody", "t3"))
    )

    results = {entry["Id"]: entry["ResultData"]["outcome"] for entry in answer["Items"]["CustomerProfiles"]}
    assert results == {"p1": "sent", "p2": "sent", "p3": "skipped"}
    assert sorted(rig.line.calls) == [("push", (ALL[0],)), ("push", (ALL[1],))]


def test_connect_profiles_that_are_regrouped_in_a_retry_are_sent_to_once() -> None:
    rig = SenderRig()
    one, two, three = (profile(f"p{place}", user, f"t{place}") for place, user in enumerate(ALL))

    rig.invoke(connect(one, two))
    rig.invoke(connect(three, two, one), Context(aws_request_id="another"))

    assert rig.line.received == dict.fromkeys(ALL, 1)


def test_a_profile_that_stays_open_does_not_keep_the_others_from_being_sent_to(counted: Callable[[str], int]) -> None:
    rig = SenderRig()
    load, fails = rig.ledger.load, [True]

    def load_of_a_throttled_table(batch_id: BatchId) -> BatchRecord | None:
        if fails:
            fails.pop()
            raise StoreUnavailableError("the ledger could not be read: ThrottlingException")
        return load(batch_id)

    rig.ledger.load = load_of_a_throttled_table  # type: ignore[method-assign]
    event = connect(*(profile(f"p{place}", user, f"t{place}") for place, user in enumerate(ALL)))

    with pytest.raises(StoreUnavailableError):
        rig.invoke(event)

    assert rig.line.received.total() == 2
    assert counted("MessagesSent") == 2
    rig.invoke(event)
    assert rig.line.received == dict.fromkeys(ALL, 1)


def test_a_profile_whose_content_is_wrong_fails_alone() -> None:
    rig = SenderRig()
    wrong = profile("p1", ALL[0], "t1", content="x" * 5001)

    answer = rig.invoke(connect(wrong, profile("p2", ALL[1], "t2")))

    results = {entry["Id"]: entry["ResultData"] for entry in answer["Items"]["CustomerProfiles"]}
    assert results["p1"] == {"outcome": "failed", "reason": "invalid_event"}
    assert results["p2"]["outcome"] == "sent"


@pytest.mark.parametrize("event", [campaign_to(ALL, "x" * 5001), {"to": ALL, "data": "x" * 5001}])
def test_content_that_is_wrong_for_all_refuses_the_event_and_sends_nothing(event: dict[str, Any]) -> None:
    rig = SenderRig()

    with pytest.raises(InvalidInputError):
        rig.invoke(event)

    assert rig.line.calls == []


def test_a_dry_run_tells_what_line_would_refuse() -> None:
    rig = SenderRig(refuses=lambda _: "messages[0].text")

    answer = rig.invoke({"to": ALL[0], "data": "Hi", "dry_run": True})

    assert answer["outcomes"] == {
        ALL[0]: {"outcome": "failed", "reason": "invalid_message", "detail": "The request body has 1 error(s)"}
    }


def test_a_dry_run_names_unknown_placeholders() -> None:
    answer = SenderRig().invoke({"to": ALL[0], "data": "Dear {{name}}", "dry_run": True})

    detail = "these are no placeholders, and would be sent as they are: {{name}}"
    assert answer["outcomes"] == {ALL[0]: {"outcome": "skipped", "reason": "dry_run", "detail": detail}}


FORBIDDEN = Refusal(403, "Access to this API is not available for your account")
EVENTS = {
    "campaign": campaign_to(ALL),
    "Connect": connect(*(connect_profile(f"p{place}", user) for place, user in enumerate(ALL))),
    "direct invoke": {"to": ALL, "data": "Hello"},
    "batch": own_batch(ALL),
}


@pytest.mark.parametrize("form", EVENTS)
def test_what_line_refuses_for_everyone_is_parked_once_and_sent_once_by_its_redrive(
    form: str, counted: Callable[[str], int]
) -> None:
    rig = SenderRig(refuses=lambda _: FORBIDDEN, connect_data="Hello")
    event = EVENTS[form]

    answer = rig.invoke(event)
    again = rig.invoke(event)

    assert (again, str(answer).count("'line_rejected'")) == (answer, len(ALL))
    assert str(answer).count(FORBIDDEN.message) == len(ALL)
    [parked] = rig.failures.parked
    assert parked["code"] == "line_rejected"
    assert (counted("BatchesRefused"), counted("MessagesFailed")) == (1, len(ALL))
    rig.line.refuses = lambda _: None
    for _ in range(2):
        rig.invoke(parked["event"] | {"reopen": True}, Context(aws_request_id="the redrive's own"))
    assert rig.line.received == dict.fromkeys(ALL, 1)
    assert len(rig.failures.parked) == 1


def test_a_dry_run_asks_line_and_sends_nothing() -> None:
    rig = SenderRig()

    answer = rig.invoke({"to": ALL, "data": "Hi", "dry_run": True})

    assert rig.line.calls == [("validate/multicast", ())]
    assert {outcome["reason"] for outcome in answer["outcomes"].values()} == {"dry_run"}


def test_the_monthly_quota_is_an_outcome_and_the_event_is_kept_for_a_redrive() -> None:
    rig = SenderRig("quota")
    event = {"to": ALL[:2], "data": "Hi"}

    answer = rig.invoke(event)

    assert {outcome["reason"] for outcome in answer["outcomes"].values()} == {"monthly_quota"}
    [parked] = rig.failures.parked
    assert parked["code"] == "monthly_quota"
    rig.invoke(parked["event"], Context(aws_request_id="the redrive's own"))
    rig.invoke(parked["event"], Context(aws_request_id="and once more"))
    assert rig.line.received == dict.fromkeys(ALL[:2], 1)


def test_a_batch_of_our_own_is_sent_and_answered_by_key() -> None:
    rig = SenderRig()
    event = own_batch(ALL, "Hello {{Attributes.name}}")

    answer = rig.invoke(event)

    assert {key: entry["outcome"] for key, entry in answer["outcomes"].items()} == dict.fromkeys(ALL, "sent")
    assert rig.line.messages[ALL[1]] == [text("Hello n1")]
    assert rig.line.received == dict.fromkeys(ALL, 1)


def test_a_batch_of_our_own_may_be_in_the_bucket_of_batches() -> None:
    rig = SenderRig()
    rig.batches.objects["batches/spring/1.json"] = json.dumps(own_batch(ALL)["batch"]).encode()

    answer = rig.invoke({"batch": {"key": "batches/spring/1.json"}})

    assert answer["batch"] == "spring-1"
    assert rig.line.received == dict.fromkeys(ALL, 1)
