"""What becomes of a batch, case by case."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from kairan.content import Content, Image, Native, Text
from kairan.errors import (
    BatchInProgressError,
    InvalidInputError,
    KeyReusedError,
    OutOfTimeError,
    RateLimitedError,
    RejectedError,
    StoreUnavailableError,
    UnauthorizedError,
    UnavailableError,
)
from kairan.messengers.line.refusals import rejected
from kairan.messengers.port import Mode, Refusal, Refused
from kairan.sending.batch import BatchId
from kairan.sending.batch_sender import SAVE_RESERVE_S, BatchResult
from kairan.sending.ledger import BatchRecord
from kairan.sending.outcome import Outcome
from tests.cases.line_limits import EMOJI, TAP, bubble, buttons, column, columns, flex, imagemap, text_v2
from tests.fakes.clock import FakeClock
from tests.fakes.forgetful_messenger import NAME as FORGETFUL
from tests.fakes.forgetful_messenger import ForgetfulMessenger
from tests.fakes.ledger import FakeLedger
from tests.fakes.line import FakeLine, people, text
from tests.fakes.steps import KilledError
from tests.rigs.batches import PERSONAL, SHARED, BatchSenderRig, ReadyComposer, batch_to, kinds, named

NAME = "{{Attributes.name}}"


def test_the_same_content_for_all_is_one_multicast() -> None:
    line = FakeLine(FakeClock())
    everyone = people(500)

    result = BatchSenderRig(line).send(batch_to(everyone), SHARED)

    assert line.calls == [("multicast", tuple(everyone))]
    assert {outcome.outcome for outcome in result.outcomes.values()} == {"sent"}
    assert {outcome.request_id for outcome in result.outcomes.values()} == {"request-1"}


def test_content_that_differs_goes_by_push_to_each() -> None:
    line = FakeLine(FakeClock())
    everyone = people(3)

    result = BatchSenderRig(line).send(batch_to(everyone), PERSONAL)

    assert line.calls == [("push", (person,)) for person in everyone]
    assert line.messages[everyone[1]] == [text("Hello, number 1")]
    assert set(kinds(result).values()) == {"sent"}
    assert {outcome.sent_messages for outcome in result.outcomes.values()} == {()}


def test_placeholders_that_come_out_the_same_for_all_go_by_multicast_filled_in() -> None:
    line = FakeLine(FakeClock())
    everyone = people(3)

    BatchSenderRig(line).send(batch_to(everyone), Text("Hello, {{Attributes.nickname|friend}}"))

    assert line.calls == [("multicast", tuple(everyone))]
    assert line.messages[everyone[2]] == [text("Hello, friend")]


def test_a_repeat_follows_the_plan_even_when_the_content_would_now_be_another() -> None:
    line = FakeLine(FakeClock(), answers=["lost_before"] * 5)
    rig, batch = BatchSenderRig(line), batch_to(people(2))
    rig.send(batch, SHARED)

    rig.send(batch, Text("a new preview"))

    assert line.messages[people(2)[0]] == [text(SHARED.text)]


@pytest.mark.parametrize("answer", ["lost_before", "lost_after", "rate"])
def test_a_passing_fault_is_repeated_under_the_same_key(answer: str) -> None:
    line = FakeLine(FakeClock(), answers=[answer, answer])  # type: ignore[list-item]
    everyone = people(4)

    result = BatchSenderRig(line).send(batch_to(everyone), SHARED)

    assert set(kinds(result).values()) == {"sent"}
    assert line.received == dict.fromkeys(everyone, 1)
    assert len(line.calls) == 3


@pytest.mark.parametrize(("answer", "error"), [("lost_after", UnavailableError), ("rate", RateLimitedError)])
def test_a_request_is_repeated_four_times_then_left_to_the_queue(answer: str, error: type[Exception]) -> None:
    line = FakeLine(FakeClock(), answers=[answer] * 5)  # type: ignore[list-item]
    rig, batch = BatchSenderRig(line), batch_to(people(2))

    result = rig.send(batch, SHARED)

    assert isinstance(result.pending_error, error)
    assert len(line.calls) == 5
    assert result.outcomes == {}
    assert kinds(rig.send(batch, SHARED)) == {"endpoint-0": "sent", "endpoint-1": "sent"}


def test_a_refused_token_stops_the_batch_at_once() -> None:
    line = FakeLine(FakeClock(), answers=["unauthorized"])

    result = BatchSenderRig(line).send(batch_to(people(50)), PERSONAL)

    assert isinstance(result.pending_error, UnauthorizedError)
    assert len(line.calls) == 1


def test_the_monthly_quota_stops_the_batch_and_a_later_repeat_sends_the_rest() -> None:
    line = FakeLine(FakeClock(), answers=["ok", "quota"])
    rig, batch = BatchSenderRig(line), batch_to(people(4))

    stopped = rig.send(batch, PERSONAL)

    assert kinds(stopped) == {"endpoint-0": "sent"} | {f"endpoint-{place}": "monthly_quota" for place in (1, 2, 3)}
    assert stopped.quota_reached
    assert stopped.pending_error is None
    assert len(line.calls) == 2
    rig.clock.passed_s += 14 * 24 * 3600
    assert set(kinds(rig.send(batch, PERSONAL)).values()) == {"sent"}
    assert line.received == dict.fromkeys(people(4), 1)


def test_with_no_time_left_no_request_is_begun_and_the_repeat_sends_what_is_open() -> None:
    clock = FakeClock()
    line = FakeLine(clock)
    rig, batch = BatchSenderRig(line, clock), batch_to(people(6))
    take = line.push

    def slow_push(*args, **kwargs):  # type: ignore[no-untyped-def]
        clock.passed_s += 10
        return take(*args, **kwargs)

    line.push = slow_push  # type: ignore[method-assign]

    result = rig.send(batch, PERSONAL, remaining_s=25)

    assert isinstance(result.pending_error, OutOfTimeError)
    assert len(line.calls) == 3  # begun after 0, 10 and 20 s; 4 s are kept for the ledger
    rig.send(batch, PERSONAL, remaining_s=500)
    assert line.received == dict.fromkeys(people(6), 1)


def test_a_slow_pace_leaves_people_open_in_time_and_the_repeats_send_to_all() -> None:
    clock = FakeClock()
    line = FakeLine(clock)
    rig, batch = BatchSenderRig(line, clock, per_second=2), batch_to(people(200))

    result = rig.send(batch, PERSONAL, remaining_s=50)

    assert clock.passed_s <= 50 - SAVE_RESERVE_S
    assert 85 <= len(result.outcomes) <= 95
    assert isinstance(result.pending_error, OutOfTimeError)
    rig.send(batch, PERSONAL)
    rig.send(batch, PERSONAL)
    assert line.received == dict.fromkeys(people(200), 1)


def test_a_stopped_batch_does_not_wait_for_the_turns_it_will_not_use() -> None:
    clock = FakeClock()

    BatchSenderRig(FakeLine(clock, answers=["quota"]), clock, per_second=2).send(batch_to(people(80)), PERSONAL)

    assert clock.passed_s < 1


def test_a_delivery_is_not_begun_when_the_function_is_about_to_end() -> None:
    line = FakeLine(FakeClock())

    with pytest.raises(OutOfTimeError):
        BatchSenderRig(line).send(batch_to(people(1)), SHARED, remaining_s=3)

    assert line.calls == []


def test_while_another_invocation_holds_the_lease_a_repeat_waits_its_turn() -> None:
    clock = FakeClock()
    line = FakeLine(clock)
    rig, batch = BatchSenderRig(line, clock), batch_to(people(2))

    def killed(*args: object, **kwargs: object) -> None:
        raise KeyboardInterrupt

    line.multicast = killed  # type: ignore[assignment,method-assign]
    with pytest.raises(KeyboardInterrupt):
        rig.send(batch, SHARED)
    line.multicast = FakeLine.multicast.__get__(line)  # type: ignore[method-assign]

    for pause_s in (0, 50, 4):  # the lease outlives the 50 seconds a little
        clock.passed_s += pause_s
        with pytest.raises(BatchInProgressError):
            rig.send(batch, SHARED)
    clock.passed_s += 2
    assert set(kinds(rig.send(batch, SHARED)).values()) == {"sent"}


def test_after_23_hours_a_request_of_unknown_fate_is_closed_not_sent_again() -> None:
    clock = FakeClock()
    line = FakeLine(clock, answers=["lost_after"] * 5)
    rig, batch = BatchSenderRig(line, clock), batch_to(people(2))
    rig.send(batch, SHARED)
    clock.passed_s += 23 * 3600

    result = rig.send(batch, SHARED)

    assert set(kinds(result).values()) == {"retry_window_closed"}
    assert line.received == dict.fromkeys(people(2), 1)
    assert len(line.calls) == 5


def test_a_doubt_stays_when_a_later_attempt_was_certainly_not_taken() -> None:
    clock = FakeClock()
    line = FakeLine(clock, answers=["lost_after"] * 5)
    line.answers += ["rate"] * 5
    rig, batch = BatchSenderRig(line, clock), batch_to(people(2))
    rig.send(batch, SHARED)
    rig.send(batch, SHARED)
    clock.passed_s += 25 * 3600

    result = rig.send(batch, SHARED)

    assert set(kinds(result).values()) == {"retry_window_closed"}
    assert line.received == dict.fromkeys(people(2), 1)


def test_a_request_that_line_certainly_did_not_take_has_no_window() -> None:
    clock = FakeClock()
    line = FakeLine(clock, answers=["rate"] * 5)
    rig, batch = BatchSenderRig(line, clock), batch_to(people(2))
    rig.send(batch, SHARED)
    clock.passed_s += 5 * 24 * 3600

    assert set(kinds(rig.send(batch, SHARED)).values()) == {"sent"}


def test_a_named_bad_id_costs_one_more_request_and_only_its_person() -> None:
    everyone = people(500)
    line = FakeLine(FakeClock(), bad_ids=[everyone[321]])

    result = BatchSenderRig(line).send(batch_to(everyone), SHARED)

    assert len(line.calls) == 2
    assert result.outcomes["endpoint-321"].reason == "invalid_user_id"
    assert sum(outcome.outcome == "sent" for outcome in result.outcomes.values()) == 499


def test_an_unnamed_bad_id_is_found_by_halving() -> None:
    everyone = people(500)
    line = FakeLine(FakeClock(), bad_ids=[everyone[321]], names_bad_ids=False)

    result = BatchSenderRig(line).send(batch_to(everyone), SHARED)

    assert result.outcomes["endpoint-321"].reason == "invalid_user_id"
    assert line.received == dict.fromkeys(set(everyone) - {everyone[321]}, 1)
    assert line.calls.count(("validate/multicast", ())) == 1
    assert len(line.calls) <= 1 + 2 * 9 + 1


NAMES_NOTHING = Refusal(400, "The quote token is invalid")


@pytest.mark.parametrize("number", [1, 2, 500])
def test_content_that_the_check_refuses_is_no_fault_of_a_person(number: int) -> None:
    line = FakeLine(FakeClock(), refuses=lambda _: NAMES_NOTHING)

    result = BatchSenderRig(line).send(batch_to(people(number)), SHARED)

    assert [name for name, _ in line.calls] == ["multicast", "validate/multicast"]
    assert set(kinds(result).values()) == {"line_rejected"}
    assert isinstance(result.stopped_by, Refused)


@pytest.mark.parametrize(("number", "calls"), [(1, 2), (2, 4), (500, 16)])
def test_what_every_part_is_refused_for_is_no_fault_of_a_person(number: int, calls: int) -> None:
    line = FakeLine(FakeClock(), refuses=lambda _: NAMES_NOTHING, validates=False)
    rig, batch = BatchSenderRig(line), batch_to(people(number))

    result = rig.send(batch, SHARED)

    assert len(line.calls) == calls
    assert set(kinds(result).values()) == {"line_rejected"}
    assert isinstance(result.stopped_by, Refused)
    assert rig.send(batch, SHARED) == BatchResult(result.outcomes, content=(SHARED,))


def test_a_line_that_cannot_check_now_leaves_the_batch_open() -> None:
    line = FakeLine(FakeClock(), bad_ids=people(4)[:1], names_bad_ids=False)

    def down(mode: Mode, messages: object) -> None:
        raise UnavailableError("LINE answered 500")

    check = line.validate
    line.validate = down  # type: ignore[method-assign]
    rig, batch = BatchSenderRig(line), batch_to(people(4))
    first = rig.send(batch, SHARED)
    line.validate = check  # type: ignore[method-assign]

    assert (first.outcomes, type(first.pending_error)) == ({}, UnavailableError)
    assert kinds(rig.send(batch, SHARED)) == {"endpoint-0": "invalid_user_id"} | {
        f"endpoint-{place}": "sent" for place in (1, 2, 3)
    }


# what the messenger refuses for everyone


FORBIDDEN = Refusal(403, "Access to this API is not available for your account", request_id="r-1")


@pytest.mark.parametrize("content", [SHARED, PERSONAL], ids=["the same for all", "personal"])
@pytest.mark.parametrize(
    "refusal", [FORBIDDEN, Refusal(400, "The request body has 1 error(s)", ("messages[0].contents",))], ids=str
)
def test_what_line_refuses_for_everyone_is_sent_once_by_a_redrive(content: Text, refusal: Refusal) -> None:
    line = FakeLine(FakeClock(), refuses=lambda _: refusal)
    rig, batch = BatchSenderRig(line), batch_to(people(3))

    refused = rig.send(batch, content)
    line.refuses = lambda _: None
    repeated = rig.send(batch, content)
    redriven = rig.send(replace(batch, reopen=True), content)
    again = rig.send(replace(batch, reopen=True), content)

    assert {outcome.outcome for outcome in refused.outcomes.values()} == {"failed"}
    assert {outcome.refusal for outcome in refused.outcomes.values()} == {refusal}
    assert isinstance(refused.stopped_by, Refused)
    assert (repeated.outcomes, repeated.stopped_by) == (refused.outcomes, None)
    assert set(kinds(redriven).values()) == {"sent"}
    assert redriven.new_outcomes == redriven.outcomes == again.outcomes
    assert line.received == dict.fromkeys(people(3), 1)


def test_pushes_that_line_forbids_are_forbidden_in_one_call() -> None:
    line = FakeLine(FakeClock(), refuses=lambda _: FORBIDDEN)

    result = BatchSenderRig(line).send(batch_to(people(50)), PERSONAL)

    assert len(line.calls) == 1
    assert set(kinds(result).values()) == {"line_rejected"}


def test_content_that_line_refuses_for_one_person_is_no_failure_of_the_batch() -> None:
    line = FakeLine(
        FakeClock(), refuses=lambda messages: "messages[0].text" if "number 1" in messages[0]["text"] else None
    )
    rig, batch = BatchSenderRig(line), batch_to(people(3))

    result = rig.send(batch, PERSONAL)

    assert kinds(result) == {"endpoint-0": "sent", "endpoint-1": "invalid_message", "endpoint-2": "sent"}
    assert result.stopped_by is None


def test_a_redrive_reopens_no_person_whom_line_refused() -> None:
    line = FakeLine(FakeClock(), bad_ids=people(2)[:1])
    rig, batch = BatchSenderRig(line), batch_to(people(2))
    rig.send(batch, SHARED)
    calls = len(line.calls)

    result = rig.send(replace(batch, reopen=True), SHARED)

    assert kinds(result) == {"endpoint-0": "invalid_user_id", "endpoint-1": "sent"}
    assert len(line.calls) == calls


def test_a_refusal_that_cannot_be_stored_for_a_redrive_settles_nothing() -> None:
    line = FakeLine(FakeClock(), refuses=lambda _: FORBIDDEN)
    rig, batch = BatchSenderRig(line), batch_to(people(3))

    def full(_: RejectedError) -> None:
        raise StoreUnavailableError("the queue does not answer")

    with pytest.raises(StoreUnavailableError):
        rig.sender().send(batch, ReadyComposer(SHARED), remaining_s=50, on_refusal=full)
    rig.clock.passed_s += 60
    result = rig.send(batch, SHARED)

    assert set(kinds(result).values()) == {"line_rejected"}
    assert isinstance(result.stopped_by, Refused)


# a repeat that leaves people out


@pytest.mark.parametrize("content", [SHARED, PERSONAL], ids=["the same for all", "personal"])
def test_a_person_whom_the_repeat_leaves_out_is_skipped_where_nothing_was_sent(content: Text) -> None:
    line = FakeLine(FakeClock(), answers=["rate"] * 5)
    rig, batch = BatchSenderRig(line, waits_for_rates=False), batch_to(people(3))
    rig.send(batch, content)
    line.answers = []

    result = rig.send(replace(batch, recipients=batch.recipients[1:]), content)

    assert kinds(result) == {"endpoint-0": "withdrawn", "endpoint-1": "sent", "endpoint-2": "sent"}
    assert line.received == dict.fromkeys(people(3)[1:], 1)


def test_a_person_whom_the_repeat_leaves_out_waits_for_the_window_where_the_fate_is_unknown() -> None:
    line = FakeLine(FakeClock(), answers=["lost_after"] * 5)
    rig, batch = BatchSenderRig(line), batch_to(people(2))
    rig.send(batch, PERSONAL)
    calls = len(line.calls)
    without = replace(batch, recipients=batch.recipients[1:])

    waiting = rig.send(without, PERSONAL)
    rig.clock.passed_s += 24 * 3600
    closed = rig.send(without, PERSONAL)

    assert isinstance(waiting.pending_error, UnavailableError)
    assert kinds(waiting) == {"endpoint-1": "sent"}
    assert kinds(closed) == {"endpoint-0": "retry_window_closed", "endpoint-1": "sent"}
    assert ("push", (people(2)[0],)) not in line.calls[calls:]


# the window of a key


def test_a_request_that_was_certainly_refused_for_now_gets_a_fresh_key() -> None:
    """LINE remembers a key for a day from its first use. Under the old key, the last attempt would be a new message."""
    clock = FakeClock()
    line = FakeLine(clock, answers=["rate", "lost_after"])
    rig, batch = BatchSenderRig(line, clock, waits_for_rates=False), batch_to(people(1))
    rig.send(batch, SHARED)
    clock.passed_s += 20 * 3600
    line.answers = ["lost_after"] * 5
    rig.send(batch, SHARED)
    clock.passed_s += 5 * 3600

    result = rig.send(batch, SHARED)

    assert kinds(result) == {"endpoint-0": "sent"}
    assert line.received == {people(1)[0]: 1}


def test_when_the_batch_is_stopped_no_more_content_is_made() -> None:
    line = FakeLine(FakeClock(), answers=["quota"])
    made: list[Content] = []

    class Counting(ReadyComposer):
        def complete(self, content: Content) -> Content:
            made.append(content)
            return content

    BatchSenderRig(line).send(batch_to(people(50)), Counting(PERSONAL))

    assert len(made) == 1


def test_healing_stops_after_a_hundred_requests_and_goes_on_in_the_repeat() -> None:
    everyone = people(130)
    line = FakeLine(FakeClock(), bad_ids=everyone[:120])
    rig, batch = BatchSenderRig(line), batch_to(everyone)

    first = rig.send(batch, SHARED)

    assert first.pending_error is not None
    assert first.pending_error.code == "healing_unfinished"
    assert len(first.outcomes) == 100
    rig.send(batch, SHARED)
    assert line.received == dict.fromkeys(everyone[120:], 1)


def test_a_400_that_names_messages_fails_the_batch_in_one_call() -> None:
    line = FakeLine(FakeClock(), refuses=lambda _: "messages[0].text")

    result = BatchSenderRig(line).send(batch_to(people(9)), SHARED)

    assert len(line.calls) == 1
    assert set(kinds(result).values()) == {"invalid_message"}


def test_content_over_lines_limit_for_one_person_fails_that_person_only() -> None:
    batch = named(batch_to(people(2)), {"endpoint-0": "n" * 5000})
    line = FakeLine(FakeClock())

    result = BatchSenderRig(line).send(batch, PERSONAL)

    assert kinds(result) == {"endpoint-0": "invalid_message", "endpoint-1": "sent"}


def test_content_that_is_equal_for_many_is_judged_once(logged: Callable[[], list[dict[str, Any]]]) -> None:
    batch = named(batch_to(people(9)), {f"endpoint-{place}": "n" * 5000 for place in range(9)})

    result = BatchSenderRig(FakeLine(FakeClock())).send(batch, PERSONAL)

    assert set(kinds(result).values()) == {"invalid_message"}
    assert len(logged()) == 1


@pytest.mark.parametrize("name", [" ", "\u200b", "\u2800\ufe0f"])
def test_a_text_that_comes_out_empty_is_skipped(name: str) -> None:
    batch = named(batch_to(people(2)), {"endpoint-0": name})
    line = FakeLine(FakeClock())

    result = BatchSenderRig(line).send(batch, Text("{{Attributes.name}}"))

    assert result.outcomes["endpoint-0"].outcome == "skipped"
    assert kinds(result) == {"endpoint-0": "empty_text", "endpoint-1": "sent"}


def test_everyone_gets_a_line_emoji_behind_their_own_name() -> None:
    batch = named(batch_to(people(3)), {"endpoint-0": "花子", "endpoint-1": "👋 Hanako", "endpoint-2": ""})
    message = {**text("{{Attributes.name}} $"), "emojis": [{"index": 20, "productId": "p", "emojiId": "1"}]}
    line = FakeLine(FakeClock())

    result = BatchSenderRig(line).send(batch, Native("line", (message,)))

    assert set(kinds(result).values()) == {"sent"}
    assert [line.messages[person][0]["emojis"][0]["index"] for person in people(3)] == [3, 10, 1]


@pytest.mark.parametrize(
    ("message", "path"),
    [
        (columns(column(text=NAME), column(text=NAME, actions=[TAP] * 2)), ".template.columns[1].actions"),
        (columns(column(title=NAME), column(text=NAME)), ".template.columns[1].title"),
        (buttons(text=NAME, actions=[{"type": "message", "text": NAME}]), ".template.actions[0].label"),
        (text_v2(f"{NAME} {{you}}"), ".text"),
        (text_v2(f"{{ {NAME}"), ".text"),
        (imagemap(altText=NAME, baseUrl="https://example.com/map.png"), ".baseUrl"),
        (text(NAME + "a" * 5001), ".text"),
        (text(f"$ {NAME}") | {"emojis": [{"index": 1, **EMOJI}]}, ".emojis[0].index"),
    ],
)
def test_what_is_refused_for_everyone_is_refused_once(message: dict[str, Any], path: str) -> None:
    line = FakeLine(FakeClock())

    with pytest.raises(InvalidInputError) as raised:
        BatchSenderRig(line).send(batch_to(people(3)), Native("line", (message,)))

    assert [violation.path for violation in raised.value.violations] == [f"messages[0]{path}"]
    assert line.calls == []


def test_a_text_that_shows_nothing_to_anyone_is_sent_to_no_one() -> None:
    line = FakeLine(FakeClock())

    result = BatchSenderRig(line).send(batch_to(people(2)), Text("\u200b\u2060"))

    assert set(kinds(result).values()) == {"empty_text"}
    assert line.calls == []


@pytest.mark.parametrize(
    "message",
    [
        {"type": "text", "text": "{{Attributes.name}}"},
        flex(bubble({"type": "text", "text": "t"}), "{{Attributes.name}}"),
        {
            "type": "flex",
            "altText": "a",
            "contents": {
                "type": "bubble",
                "body": {
                    "type": "box",
                    "layout": "vertical",
                    "contents": [{"type": "text", "text": "{{Attributes.name}}"}],
                },
            },
        },
    ],
    ids=["text", "altText", "text in a Flex message"],
)
@pytest.mark.parametrize("name", [" ", "\u200b"])
def test_a_part_that_comes_out_empty_for_one_person_skips_that_person(message: dict[str, Any], name: str) -> None:
    batch = named(batch_to(people(2)), {"endpoint-0": name})
    line = FakeLine(FakeClock())

    result = BatchSenderRig(line).send(batch, Native("line", (message,)))

    assert kinds(result) == {"endpoint-0": "empty_text", "endpoint-1": "sent"}


def test_unknown_placeholders_are_counted_in_the_log_without_their_words(
    logged: Callable[[], list[dict[str, Any]]],
) -> None:
    BatchSenderRig(FakeLine(FakeClock())).send(batch_to(people(1)), Text("Dear {{secret name}} and {{other}}"))

    [line] = [line for line in logged() if line["message"] == "unknown placeholders"]
    assert line["number"] == 2
    assert "secret" not in str(logged())


def test_shared_content_over_a_limit_is_refused_as_a_whole() -> None:
    line = FakeLine(FakeClock())

    with pytest.raises(InvalidInputError, match=r"messages\[0\]\.text"):
        BatchSenderRig(line).send(batch_to(people(2)), Text("x" * 5001))

    assert line.calls == []


def test_another_content_under_a_used_key_is_refused() -> None:
    rig = BatchSenderRig(FakeLine(FakeClock()))
    rig.send(batch_to(people(2), id_covers_content=False), SHARED)

    with pytest.raises(KeyReusedError, match="other content"):
        rig.send(batch_to(people(2), id_covers_content=False, data="another"), SHARED)


def test_a_repeat_whose_people_changed_follows_the_plan_and_nothing_else() -> None:
    line = FakeLine(FakeClock(), answers=["rate"] * 5)
    rig = BatchSenderRig(line)
    rig.send(batch_to(people(2)), PERSONAL)

    changed = rig.send(batch_to(people(3)), PERSONAL)

    assert kinds(changed) == {"endpoint-0": "sent", "endpoint-1": "sent", "endpoint-2": "not_planned"}
    assert line.received == dict.fromkeys(people(2), 1)


def test_a_repeat_tells_apart_what_it_added() -> None:
    line = FakeLine(FakeClock(), answers=["ok", *["rate"] * 5])  # type: ignore[list-item]
    rig, batch = BatchSenderRig(line), batch_to(people(3))

    first = rig.send(batch, PERSONAL)
    second = rig.send(batch, PERSONAL)

    assert set(first.new_outcomes) == {"endpoint-0", "endpoint-2"}
    assert set(second.new_outcomes) == {"endpoint-1"}
    assert set(second.outcomes) == {"endpoint-0", "endpoint-1", "endpoint-2"}


def answering(line: FakeLine, *refusals: Refusal) -> FakeLine:
    """The next multicasts are refused like this."""
    take, waiting = line.multicast, list(refusals)

    def multicast(*args, **kwargs):  # type: ignore[no-untyped-def]
        if not waiting:
            return take(*args, **kwargs)
        line.calls.append(("multicast", tuple(args[0])))
        raise rejected(waiting.pop(0), Mode.TOGETHER)

    line.multicast = multicast  # type: ignore[method-assign]
    return line


def test_a_refusal_that_is_no_400_fails_the_batch_in_one_call() -> None:
    line = answering(FakeLine(FakeClock()), Refusal(403, "Not available for your plan"))

    result = BatchSenderRig(line).send(batch_to(people(9)), SHARED)

    assert len(line.calls) == 1
    assert set(kinds(result).values()) == {"line_rejected"}


def test_a_named_place_that_no_recipient_has_is_as_good_as_none() -> None:
    line = answering(FakeLine(FakeClock()), Refusal(400, "The property, to[9], … is invalid"))

    result = BatchSenderRig(line).send(batch_to(people(9)), SHARED)

    assert set(kinds(result).values()) == {"sent"}
    assert [len(to) for _, to in line.calls] == [9, 4, 5]


def test_what_was_sent_is_written_down_while_the_others_are_sent_to() -> None:
    clock = FakeClock()
    line = FakeLine(clock)
    rig, batch = BatchSenderRig(line, clock), batch_to(people(20))
    take = line.push

    def slow_push(*args, **kwargs):  # type: ignore[no-untyped-def]
        if len(line.calls) == 12:
            raise KilledError
        clock.passed_s += 1
        return take(*args, **kwargs)

    line.push = slow_push  # type: ignore[method-assign]

    with pytest.raises(KilledError):
        rig.send(batch, PERSONAL)

    assert 8 <= rig.open_after(batch) <= 10


def test_a_cut_batch_is_cut_in_the_ledger_before_the_smaller_request_goes_out() -> None:
    clock = FakeClock()
    everyone = people(3)
    line = FakeLine(clock, bad_ids=[everyone[1]], pardons_after=2)
    rig, batch = BatchSenderRig(line, clock), batch_to(everyone)
    take = line.multicast

    def killed_after_the_second(*args, **kwargs):  # type: ignore[no-untyped-def]
        accepted = take(*args, **kwargs)
        raise KilledError(accepted)

    line.multicast = killed_after_the_second  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        rig.send(batch, SHARED)
    line.multicast = take  # type: ignore[method-assign]
    clock.passed_s += 60

    result = rig.send(batch, SHARED)

    assert line.received == {everyone[0]: 1, everyone[2]: 1}
    assert result.outcomes["endpoint-1"].reason == "invalid_user_id"


def chat(name: str = "C") -> list[str]:
    return [name + "0" * 32]


def test_a_push_to_one_chat_answers_again_what_line_said_of_its_messages() -> None:
    rig = BatchSenderRig(FakeLine(FakeClock()))
    batch = batch_to(chat(), one_request_each=True, has_templates=False, id_covers_content=False)

    first = rig.send(batch, SHARED)
    again = rig.send(batch, Text("composed anew, and not looked at"))

    assert first.outcomes["endpoint-0"].sent_messages == ({"id": "request-1-0"},)
    assert (again.outcomes, again.content) == (first.outcomes, first.content)
    assert first.content == (SHARED,)


def test_a_push_that_line_took_before_the_connection_broke_answers_what_line_said_then() -> None:
    line = FakeLine(FakeClock(), answers=["lost_after"])
    rig = BatchSenderRig(line)

    result = rig.send(batch_to(chat(), one_request_each=True), SHARED)

    assert result.outcomes["endpoint-0"].sent_messages == ({"id": "request-1-0"},)
    assert line.received == {chat()[0]: 1}


def test_what_line_refused_is_told_again_in_its_own_words() -> None:
    rig = BatchSenderRig(FakeLine(FakeClock(), bad_ids=chat()))
    batch = batch_to(chat(), one_request_each=True)

    first, again = (rig.send(batch, SHARED) for _ in range(2))

    refusal = Refusal(400, "The property, to, in the request body is invalid (line: -, column: -)")
    assert first.outcomes == again.outcomes
    assert first.outcomes["endpoint-0"] == Outcome("failed", "invalid_user_id", refusal=refusal)


def test_a_literal_text_keeps_its_braces() -> None:
    line = FakeLine(FakeClock())

    BatchSenderRig(line).send(batch_to(chat(), one_request_each=True, has_templates=False), PERSONAL)

    assert line.messages[chat()[0]] == [text(PERSONAL.text)]


def test_who_waits_for_an_answer_is_told_of_a_rate_limit_at_once() -> None:
    line = FakeLine(FakeClock(), answers=["rate"])
    rig = BatchSenderRig(line, waits_for_rates=False)
    batch = batch_to(chat(), one_request_each=True)

    limited = rig.send(batch, SHARED)
    later = rig.send(batch, SHARED)

    assert isinstance(limited.pending_error, RateLimitedError)
    assert rig.clock.passed_s == 0
    assert kinds(later) == {"endpoint-0": "sent"}
    assert line.received == {chat()[0]: 1}


def test_a_delivery_with_a_new_id_is_not_looked_for_and_still_sent_once() -> None:
    class Unread(FakeLedger):
        def load(self, batch_id: BatchId) -> BatchRecord | None:
            raise AssertionError(batch_id)

    line = FakeLine(FakeClock())
    rig = BatchSenderRig(line, ledger=Unread())
    batch = batch_to(chat(), one_request_each=True, assume_new=True)

    rig.send(batch, SHARED)
    with pytest.raises(BatchInProgressError):
        rig.send(batch, SHARED)

    assert line.received == {chat()[0]: 1}


# A messenger that recognises no repeat, and takes one recipient a request


def test_shared_content_goes_to_each_where_a_request_reaches_one() -> None:
    messenger = ForgetfulMessenger()

    result = BatchSenderRig(messenger=messenger).send(batch_to(people(3), messenger=FORGETFUL), SHARED)

    assert messenger.calls == people(3)
    assert set(kinds(result).values()) == {"sent"}


@pytest.mark.parametrize("answer", ["lost_before", "lost_after"])
def test_a_request_of_unknown_fate_is_closed_at_once_and_never_repeated(answer: str) -> None:
    messenger = ForgetfulMessenger(answers=[answer])  # type: ignore[list-item]
    rig, batch = BatchSenderRig(messenger=messenger), batch_to(people(2), messenger=FORGETFUL)

    first = rig.send(batch, PERSONAL)
    again = rig.send(batch, PERSONAL)

    assert kinds(first) == {"endpoint-0": "fate_unknown", "endpoint-1": "sent"}
    assert first.outcomes["endpoint-0"] == Outcome("unknown", "fate_unknown")
    assert first.pending_error is None
    assert (again.outcomes, again.new_outcomes) == (first.outcomes, {})
    assert messenger.calls == people(2)


def test_a_rate_limit_is_no_doubt_so_it_is_repeated() -> None:
    messenger = ForgetfulMessenger(answers=["rate", "rate"])

    result = BatchSenderRig(messenger=messenger).send(batch_to(people(1), messenger=FORGETFUL), PERSONAL)

    assert kinds(result) == {"endpoint-0": "sent"}


def test_only_what_was_just_being_sent_is_in_doubt_after_a_death() -> None:
    clock = FakeClock()
    messenger = ForgetfulMessenger(answers=["rate"] * 5)
    rig, batch = BatchSenderRig(messenger=messenger, clock=clock), batch_to(people(4), messenger=FORGETFUL)
    take = messenger.send

    def killed_at_the_third_person(*args, **kwargs):  # type: ignore[no-untyped-def]
        if args[0].to[0].id == people(3)[2]:
            raise KilledError
        return take(*args, **kwargs)

    messenger.send = killed_at_the_third_person  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        rig.send(batch, PERSONAL)
    messenger.send = take  # type: ignore[method-assign]
    clock.passed_s += 60

    result = rig.send(batch, PERSONAL)

    assert kinds(result) == {
        "endpoint-0": "sent",  # refused for the rate before, which is no doubt
        "endpoint-1": "sent",
        "endpoint-2": "fate_unknown",
        "endpoint-3": "sent",
    }
    assert messenger.received == dict.fromkeys([people(4)[place] for place in (0, 1, 3)], 1)


def test_the_quota_stops_a_batch_without_doubt() -> None:
    messenger = ForgetfulMessenger(answers=["ok", "quota"])
    rig, batch = BatchSenderRig(messenger=messenger), batch_to(people(3), messenger=FORGETFUL)

    stopped = rig.send(batch, PERSONAL)
    later = rig.send(batch, PERSONAL)

    assert kinds(stopped) == {"endpoint-0": "sent", "endpoint-1": "monthly_quota", "endpoint-2": "monthly_quota"}
    assert stopped.quota_reached
    assert set(kinds(later).values()) == {"sent"}
    assert messenger.received == dict.fromkeys(people(3), 1)


def test_content_that_a_messenger_does_not_take_is_refused() -> None:
    messenger = ForgetfulMessenger()
    image = Image("https://example.com/a.jpg", "https://example.com/b.jpg")

    with pytest.raises(InvalidInputError, match="forgetful takes no Image"):
        BatchSenderRig(messenger=messenger).send(batch_to(people(1), messenger=FORGETFUL), image)

    assert messenger.calls == []
