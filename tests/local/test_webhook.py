"""From LINE's call of the webhook to the audience."""

import json

import pytest

from tests.local.cloud import Running, eventually
from tests.local.webhook_calls import VERIFY, follow_event


def test_a_signed_call_without_events_is_answered_with_ok(running: Running) -> None:
    answer = running.post_webhook(VERIFY)

    assert (answer.status_code, answer.json()) == (200, "OK")


@pytest.mark.parametrize("signature", ["", "AAAA", "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="])
def test_a_call_without_the_channels_signature_is_refused(running: Running, signature: str) -> None:
    answer = running.post_webhook(VERIFY, signature)

    assert (answer.status_code, answer.json()) == (400, "InvalidSignatureError")


def test_a_signed_body_that_line_would_not_send_is_refused(running: Running) -> None:
    answer = running.post_webhook(b'{"events": 1}')

    assert (answer.status_code, answer.json()) == (400, "InvalidBodyError")


def test_line_s_own_test_of_the_webhook_succeeds(running: Running) -> None:
    answer = running.web.post(
        f"{running.outputs['LineApiUrl']}/v2/bot/channel/webhook/test",
        json={"endpoint": running.outputs["WebhookUrl"]},
        headers={"authorization": f"Bearer {running.secret['CHANNEL_ACCESS_TOKEN']}"},
    )

    assert (answer.status_code, answer.json()["success"], answer.json()["statusCode"]) == (200, True, 200)


def test_a_follow_makes_a_follower_and_a_block_ends_it(running: Running) -> None:
    user_id = running.line.add_person("Aiko")
    assert running.status(user_id) is None

    running.line.follow(user_id)
    running.wait_for_status(user_id, "following")
    running.line.block(user_id)
    running.wait_for_status(user_id, "unfollowed")
    running.line.follow(user_id)
    running.wait_for_status(user_id, "following")


def test_an_earlier_friend_is_registered_when_they_write(running: Running) -> None:
    """A person who added the account before Kairan was installed never sends a follow event."""
    running.line.change_settings(webhook={"active": False})
    user_id = running.line.add_person("Ben")
    running.line.follow(user_id)
    running.line.change_settings(webhook={"active": True})
    assert running.status(user_id) is None

    running.line.write(user_id, "Good evening")

    running.wait_for_status(user_id, "following")


def test_an_event_that_was_sent_twice_has_one_effect(running: Running) -> None:
    """The redelivered follow, late as it is, does not undo the block."""
    user_id = running.friend()
    follow = follow_event(user_id, "01JD0000000000000000000001", timestamp_ms=1_700_000_000_000)

    running.line.block(user_id)
    running.wait_for_status(user_id, "unfollowed")
    for _ in range(2):
        running.sqs.send_message(
            QueueUrl=running.outputs["InboxQueueUrl"],
            MessageBody=json.dumps({"destination": "U" + "0" * 32, "event": follow}),
            MessageGroupId=user_id,
            MessageDeduplicationId=follow["webhookEventId"],
        )
    eventually(lambda: running.depth("InboxQueueUrl") == 0, "the inbox queue is not empty")

    assert running.status(user_id) == "unfollowed"
