"""Two thousand people add the account and write, as fast as the local cloud can take it. None of them is lost."""

import re
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from local.line_simulator_client import LineSimulatorClient
from tests.local.cloud import Running
from tests.local.failures import until_all_is_quiet
from tests.local.webhook_calls import VERIFY

PEOPLE = 2000
CONNECTIONS = 32
PATIENCE_S = 60
"""LINE's two seconds suit AWS, where each call has its own processor. Here two processors first start 32 processes."""

CLEAN_FAILURE = re.compile(r"5\d\d")


@pytest.mark.usefixtures("line_as_before")
@pytest.mark.timeout(600)
def test_two_thousand_people_follow_and_write_and_none_is_lost(running: Running) -> None:
    lines = threading.local()

    def line() -> LineSimulatorClient:
        """Each of the connections has its own."""
        if not hasattr(lines, "own"):
            lines.own = LineSimulatorClient(running.line.url, patience_s=2 * PATIENCE_S)
        return lines.own  # type: ignore[no-any-return]

    def follow_and_write(user_id: str) -> None:
        line().follow(user_id)
        line().write(user_id, "Hello")

    running.line.change_settings(webhook={"redelivery": True, "timeoutSeconds": PATIENCE_S})
    assert running.post_webhook(VERIFY).status_code == 200
    before = answers(running)

    with ThreadPoolExecutor(CONNECTIONS) as connections:
        user_ids = list(connections.map(lambda number: line().add_person(f"Person-{number}"), range(PEOPLE)))
        list(connections.map(follow_and_write, user_ids))
    until_all_is_quiet(running, timeout_s=400)

    answered = answers(running) - before
    assert answered["200"] == 2 * PEOPLE
    assert [status for status in answered if status != "200" and not CLEAN_FAILURE.fullmatch(status)] == []
    items = audience(running)
    assert [user_id for user_id in user_ids if user_id not in items] == []
    assert {items[user_id]["status"]["S"] for user_id in user_ids} == {"following"}
    assert all(items[user_id]["last_event_at"]["S"] > items[user_id]["followed_at"]["S"] for user_id in user_ids)
    assert running.depth("InboxDeadLetterQueueUrl") == 0


def answers(running: Running) -> Counter[str]:
    """What the webhook answered so far, by status."""
    return Counter(running.line.call("GET", "/webhooks")["answers"])


def audience(running: Running) -> dict[str, dict[str, Any]]:
    """All items of the table, by user id."""
    pages = running.target.client("dynamodb").get_paginator("scan").paginate(TableName=running.outputs["AudienceTable"])
    return {item["sk"]["S"]: item for page in pages for item in page["Items"]}
