"""Watching what happens: both sides of every chat, live and afterwards."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from starlette.requests import Request

from simulators.line.announcements import REMEMBERED, Announcements
from simulators.line.event_stream import NO_ANNOUNCEMENT, EventStream
from tests.simulators.line.simulation import AKI, BEN, HELLO, UNKNOWN, Simulation

Json = dict[str, Any]


def events(stream: AsyncIterator[str], count: int) -> list[tuple[str, Json]]:
    """The next events of a stream: kind and content."""

    async def read() -> list[tuple[str, Json]]:
        received: list[tuple[str, Json]] = []
        while len(received) < count:
            fields = dict(line.split(": ", 1) for line in (await anext(stream)).splitlines() if line)
            if "event" in fields:
                received.append((fields["event"], json.loads(fields["data"])))
        return received

    return asyncio.run(asyncio.wait_for(read(), 5))


def watch(sim: Simulation, seen: int = NO_ANNOUNCEMENT) -> AsyncIterator[str]:
    return EventStream(sim.state).stream(seen, heartbeat_s=5)


def seen_so_far(sim: Simulation) -> int:
    return sim.state.announcements.latest


def test_a_new_watcher_gets_a_snapshot(sim: Simulation) -> None:
    sim.use_webhook()
    sim.person(AKI, language="ja")

    ((kind, snapshot),) = events(watch(sim), 1)

    assert kind == "snapshot"
    assert snapshot["people"] == sim.get("/_sim/people").json["people"]
    assert snapshot["account"]["webhookUrl"] == "https://example.com/webhook"
    assert [request["path"] for request in snapshot["requests"]] == ["/v2/bot/channel/webhook/endpoint"]


def test_a_watcher_gets_what_happens_in_order(sim: Simulation) -> None:
    before = seen_so_far(sim)
    sim.person(AKI, follows=False)
    sim.post(f"/_sim/people/{AKI}/follow")
    sent = sim.send("push", {"to": AKI, "messages": [HELLO]})

    received = events(watch(sim, before), 5)

    assert [kind for kind, _ in received] == ["person", "person", "entries", "entries", "request"]
    stranger, friend, follow, hello, request = (content for _, content in received)
    assert [stranger["relation"], friend["relation"]] == ["stranger", "friend"]
    assert follow["entries"][0]["event"]["type"] == "follow"
    assert (hello["userIds"], hello["entries"][0]["message"]) == ([AKI], HELLO)
    assert request == {
        "requestId": sent.headers["x-line-request-id"],
        "at": "2026-09-21T14:13:20.000Z",
        "method": "POST",
        "path": "/v2/bot/message/push",
        "retryKey": None,
        "status": 200,
    }


def test_a_multicast_is_announced_once_for_all_it_reaches(sim: Simulation) -> None:
    for user_id in (AKI, BEN):
        sim.person(user_id)
    before = seen_so_far(sim)

    sim.send("multicast", {"to": [AKI, BEN, UNKNOWN], "messages": [HELLO]})

    ((kind, content), _) = events(watch(sim, before), 2)
    assert (kind, content["userIds"], len(content["entries"])) == ("entries", [AKI, BEN], 1)


def test_a_message_that_reaches_no_one_is_in_no_chat(sim: Simulation) -> None:
    before = seen_so_far(sim)

    sim.send("push", {"to": UNKNOWN, "messages": [HELLO]})

    assert [kind for kind, _ in events(watch(sim, before), 1)] == ["request"]


def test_a_watcher_that_waits_is_woken(sim: Simulation) -> None:
    async def scenario() -> str:
        stream = watch(sim, seen_so_far(sim))
        await anext(stream)  # the reconnection time
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        sim.state.use_webhook("https://example.com/other")
        return await asyncio.wait_for(waiting, 5)

    assert "event: account\n" in asyncio.run(scenario())


def test_a_connection_without_events_is_kept_alive(sim: Simulation) -> None:
    async def scenario() -> str:
        stream = EventStream(sim.state).stream(seen_so_far(sim), heartbeat_s=0.01)
        await anext(stream)
        return await asyncio.wait_for(anext(stream), 5)

    assert asyncio.run(scenario()).startswith(":")


def test_a_watcher_that_missed_more_than_is_remembered_gets_a_snapshot(sim: Simulation) -> None:
    before = seen_so_far(sim)
    for _ in range(REMEMBERED):
        sim.get("/v2/bot/message/quota")
    ((in_time, _),) = events(watch(sim, before), 1)
    sim.get("/v2/bot/message/quota")
    ((too_late, _),) = events(watch(sim, before), 1)

    assert (in_time, too_late) == ("request", "snapshot")


def test_after_a_reset_every_watcher_gets_a_snapshot(sim: Simulation) -> None:
    sim.person(AKI)
    before = seen_so_far(sim)

    sim.post("/_sim/reset")

    ((kind, content),) = events(watch(sim, before), 1)
    assert (kind, content["people"]) == ("snapshot", [])


@pytest.mark.parametrize("last", ["", "what", "ffffffff-1", "{run}--1", "{run}-", "{run}-1x"])
def test_an_id_of_another_run_or_form_begins_anew(sim: Simulation, last: str) -> None:
    event_id = last.format(run=sim.state.announcements.run)

    assert EventStream(sim.state).last_seen(request({"last-event-id": event_id})) == NO_ANNOUNCEMENT


def test_the_last_event_is_named_by_header_or_in_the_address(sim: Simulation) -> None:
    """The header is newer: the address was made before the browser saw that event."""
    run = sim.state.announcements.run
    watching = EventStream(sim.state)

    assert watching.last_seen(request({"last-event-id": f"{run}-7"}, f"after={run}-3")) == 7
    assert watching.last_seen(request({}, f"after={run}-3")) == 3


def request(headers: Mapping[str, str], query: str = "") -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw, "query_string": query.encode()})


def test_the_end_of_the_platform_ends_every_stream(sim: Simulation) -> None:
    sim.state.announcements.close()

    async def scenario() -> list[str]:
        return [part async for part in watch(sim)]

    assert asyncio.run(scenario()) == ["retry: 1000\n\n"]


def test_announcements_are_found_by_number() -> None:
    announcements = Announcements()
    for word in ("one", "two", "three"):
        announcements.announce(word, {})

    kinds = [[a.kind for a in announcements.since(n) or ()] for n in (0, 1, 3)]

    assert kinds == [["one", "two", "three"], ["two", "three"], []]
    assert announcements.since(4) is None
    assert announcements.since(-1) is None
