"""Events and batches that failed wait in a queue, until `kairan dead-letters redrive` repeats them."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from local.demo_messages import DemoPerson, campaign_event
from tests.local.cloud import Running, eventually
from tests.local.webhook_calls import follow_event


@pytest.fixture
def empty_queues(running: Running) -> Iterator[None]:
    """The queues hold only the test's own letters."""
    for queue in ("InboxDeadLetterQueueUrl", "SendFailuresQueueUrl"):
        assert running.depth(queue) == 0
    yield
    for queue in ("InboxDeadLetterQueueUrl", "SendFailuresQueueUrl"):
        running.sqs.purge_queue(QueueUrl=running.outputs[queue])


@pytest.mark.usefixtures("empty_queues")
def test_a_malformed_event_ends_in_the_dead_letter_queue_and_does_not_hold_up_later_ones(running: Running) -> None:
    user_id = running.line.add_person("Ben")
    running.sqs.send_message(
        QueueUrl=running.outputs["InboxQueueUrl"],
        MessageBody="no JSON at all",
        MessageGroupId=user_id,
        MessageDeduplicationId=str(time.time_ns()),
    )

    running.line.follow(user_id)

    running.wait_for_status(user_id, "following")
    eventually(lambda: running.depth("InboxDeadLetterQueueUrl") == 1, "the dead-letter queue is empty")
    eventually(lambda: running.depth("InboxQueueUrl") == 0, "it is in the inbox queue as well")


@pytest.mark.usefixtures("empty_queues")
def test_an_event_is_redriven_into_the_inbox(running: Running) -> None:
    user_id = running.line.add_person("Aiko")
    event = follow_event(user_id, f"01JD{time.time_ns():022}", timestamp_ms=int(time.time() * 1000))
    running.sqs.send_message(
        QueueUrl=running.outputs["InboxDeadLetterQueueUrl"],
        MessageBody=json.dumps({"destination": "U" + "0" * 32, "event": event}),
        MessageGroupId=user_id,
        MessageDeduplicationId=str(event["webhookEventId"]),
    )
    assert "follow" in running.cloud.kairan("dead-letters", "list", "--local", "--queue", "inbox").out

    result = running.cloud.kairan("dead-letters", "redrive", "--local", "--queue", "inbox")

    assert result.code == 0, result.err
    running.wait_for_status(user_id, "following")
    assert running.depth("InboxDeadLetterQueueUrl") == 0


@pytest.mark.usefixtures("empty_queues", "line_as_before")
def test_a_batch_that_the_monthly_quota_stopped_is_sent_once_by_a_redrive(running: Running) -> None:
    people, event = batch_for_two(running)
    running.line.change_settings(quota=0)

    stopped = running.invoke("send_text", event)

    assert {entry["EventAttributes"]["reason"] for entry in stopped.payload.values()} == {"monthly_quota"}
    assert "Batches that are parked: none" not in running.cloud.kairan("dead-letters", "list", "--local").out
    running.line.change_settings(quota=None)
    redrive_sends(running)
    eventually(lambda: all_got(running, people, 1), "the redriven batch did not arrive")
    redrive_sends(running)
    running.invoke("send_text", event)
    assert all_got(running, people, 1)


@pytest.mark.usefixtures("empty_queues", "line_as_before")
def test_a_batch_that_no_retry_could_send_is_sent_once_by_a_redrive(running: Running) -> None:
    """Lambda invokes twice more, then hands the event to the on-failure queue."""
    people, event = batch_for_two(running)
    running.line.change_settings(rates={"multicast": {"requests": 0, "seconds": 1}})

    running.invoke_later("send_text", event)

    eventually(lambda: running.depth("SendFailuresQueueUrl") == 1, "nothing is in the queue of failures", timeout_s=120)
    assert all_got(running, people, 0)
    running.line.change_settings(rates={"multicast": {"requests": 200, "seconds": 1}})
    redrive_sends(running)
    eventually(lambda: all_got(running, people, 1), "the redriven batch did not arrive")


def batch_for_two(running: Running) -> tuple[list[DemoPerson], dict[str, Any]]:
    people = [DemoPerson(name, running.friend(name)) for name in ("Aiko", "Ben")]
    return people, campaign_event(people, "The market opens at ten.")


def redrive_sends(running: Running) -> None:
    result = running.cloud.kairan("dead-letters", "redrive", "--local", "--queue", "sends")
    assert result.code == 0, result.out + result.err
    assert running.depth("SendFailuresQueueUrl") == 0


def all_got(running: Running, people: list[DemoPerson], number: int) -> bool:
    return all(len(running.line.received(person.user_id)) == number for person in people)
