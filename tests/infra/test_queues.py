"""Queues, what reads them, and where failures go."""

import pytest

from forward.app import DELAYS_S, REPEATED_FOR
from infra.event_queue import SAFETY_NET_RECEIVES
from kairan.contract import Sender
from kairan.inbox.batch import MAX_ATTEMPTS
from tests.infra.deployed import VARIANTS, Deployed, deployed, synthesised, text

FOURTEEN_DAYS_S = 14 * 24 * 60 * 60
QUEUES = ["WebhookQueue", "WebhookDeadLetters", "SendersFailures"]


@pytest.mark.parametrize("name", QUEUES)
def test_a_queue_is_encrypted_and_keeps_two_weeks(default: Deployed, name: str) -> None:
    queue = default.all("SQS::Queue")[name]

    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == FOURTEEN_DAYS_S


@pytest.mark.parametrize("name", ["WebhookQueue", "WebhookDeadLetters"])
def test_events_stay_in_order_for_each_person_and_do_not_wait_for_other_people(default: Deployed, name: str) -> None:
    queue = default.all("SQS::Queue")[name]

    assert queue["FifoQueue"] is True
    assert queue["DeduplicationScope"] == "messageGroup"
    assert queue["FifoThroughputLimit"] == "perMessageGroupId"
    assert "ContentBasedDeduplication" not in queue


@pytest.mark.parametrize("name", ["WebhookQueue", "WebhookDeadLetters"])
def test_a_queue_of_events_takes_the_largest_event(default: Deployed, name: str) -> None:
    assert default.all("SQS::Queue")[name]["MaximumMessageSize"] == 1024 * 1024


def test_failures_of_senders_have_no_order(default: Deployed) -> None:
    assert "FifoQueue" not in default.all("SQS::Queue")["SendersFailures"]


def test_sqs_moves_an_event_long_after_the_inbox_has_used_up_its_tries(default: Deployed) -> None:
    redrive = default.all("SQS::Queue")["WebhookQueue"]["RedrivePolicy"]

    assert redrive["maxReceiveCount"] == SAFETY_NET_RECEIVES
    assert SAFETY_NET_RECEIVES >= 10 * MAX_ATTEMPTS
    assert text(redrive["deadLetterTargetArn"]) == "WebhookDeadLetters.Arn"


def test_an_event_stays_hidden_for_six_times_as_long_as_the_inbox_may_run(default: Deployed) -> None:
    queue = default.all("SQS::Queue")["WebhookQueue"]

    assert queue["VisibilityTimeout"] >= 6 * default.functions["inbox"]["Timeout"]


def test_the_inbox_reads_ten_events_at_a_time_and_answers_which_failed(default: Deployed) -> None:
    (mapping,) = default.all("Lambda::EventSourceMapping").values()

    assert text(mapping["EventSourceArn"]) == "WebhookQueue.Arn"
    assert text(mapping["FunctionName"]) == "WebhookInbox"
    assert mapping["BatchSize"] == 10
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "MaximumBatchingWindowInSeconds" not in mapping
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 50}


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_fails_for_good_of_an_asynchronous_invocation_is_kept(variant: str) -> None:
    """Of the senders. API Gateway waits for the webhook and the push API, the queue for the inbox, CloudFormation for
    the sample media."""
    configured = {
        text(each["FunctionName"]): each for each in deployed(variant).all("Lambda::EventInvokeConfig").values()
    }

    assert sorted(configured) == sorted(f"Senders{sender.construct_id}" for sender in Sender)
    for each in configured.values():
        assert text(each["DestinationConfig"]["OnFailure"]["Destination"]) == "SendersFailures.Arn"
        assert each["MaximumRetryAttempts"] == 2
        assert each["MaximumEventAgeInSeconds"] == 3600
        assert each["Qualifier"] == "$LATEST"


# the queues of targets

TARGETS = ["ForwardingTarget78e74ff3d5e1", "ForwardingTarget89b9609242e7"]


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", ["Queue", "DeadLetters"])
def test_the_queues_of_a_target_are_like_those_of_events(target: str, name: str) -> None:
    queue = deployed("forwarding").all("SQS::Queue")[f"{target}{name}"]

    assert queue["FifoQueue"] is True
    assert queue["DeduplicationScope"] == "messageGroup"
    assert queue["FifoThroughputLimit"] == "perMessageGroupId"
    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == FOURTEEN_DAYS_S
    assert queue["MaximumMessageSize"] == 1024 * 1024


@pytest.mark.parametrize("target", TARGETS)
def test_sqs_moves_a_call_long_after_its_hour(target: str) -> None:
    stack = deployed("forwarding")
    queue = stack.all("SQS::Queue")[f"{target}Queue"]
    attempts_in_an_hour = len(DELAYS_S) + REPEATED_FOR.total_seconds() / DELAYS_S[-1]

    assert text(queue["RedrivePolicy"]["deadLetterTargetArn"]) == f"{target}DeadLetters.Arn"
    assert queue["RedrivePolicy"]["maxReceiveCount"] >= 10 * attempts_in_an_hour
    assert queue["VisibilityTimeout"] >= 6 * stack.functions["forward"]["Timeout"]


@pytest.mark.parametrize("target", TARGETS)
def test_each_target_has_its_own_few_batches_at_a_time(target: str) -> None:
    """So a slow one keeps neither the others waiting nor the webhook from its concurrency."""
    mappings = deployed("forwarding").all("Lambda::EventSourceMapping").values()

    (mapping,) = (each for each in mappings if text(each["EventSourceArn"]) == f"{target}Queue.Arn")

    assert text(mapping["FunctionName"]) == "ForwardingFunction"
    assert mapping["BatchSize"] == 10
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 5}


def test_a_target_more_or_less_leaves_the_queues_of_the_others_as_they_are() -> None:
    first, second = ("https://bot.example.com/line?key=k1", "http://127.0.0.1:5001/")
    both, other_order, alone = (
        synthesised({"forward_webhooks_to": targets}).ids("SQS::Queue")
        for targets in ([first, second], [second, first, "https://third.example.com"], [second])
    )

    assert both < other_order
    assert alone < both
