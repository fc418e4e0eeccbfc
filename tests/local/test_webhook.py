"""From LINE's call of the webhook to the audience."""

import pytest

from tests.local.cloud import Running
from tests.local.webhook_calls import VERIFY


def test_a_signed_call_without_events_is_answered_with_ok(running: Running) -> None:
    answer = running.post_webhook(VERIFY)

    assert (answer.status_code, answer.json()) == (200, "OK")


@pytest.mark.parametrize("signature", ["", "AAAA", "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="])
def test_a_call_without_the_channels_signature_is_refused(running: Running, signature: str) -> None:
    answer = running.post_webhook(VERIFY, signature)

    assert (answer.status_code, answer.json()) == (400, "InvalidSignatureError")


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
