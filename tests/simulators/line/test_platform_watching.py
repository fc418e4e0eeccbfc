"""Watching what happens: both sides of every chat, as they come and afterwards."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from starlette.requests import Request

from simulators.line.announcements import REMEMBERED, Announcements
from simulators.line.watching import NO_ANNOUNCEMENT, Watching
from tests.simulators.line.simulation import AKI, BEN, HELLO, NOBODY, Simulation

Json = dict[str, Any]


def events(stream: AsyncIterator[str], count: int) -> list[tuple[str, Json]]:
    """The next events of a stream: what happened, and its content."""

    async def read() -> list[tuple[str, Json]]:
        found: list[tuple[str, Json]] = []
        while len(found) < count:
            fields = dict(line.split(": ", 1) for line in (await anext(stream)).splitlines() if line)
            if "event" in fields:
                found.append((fields["event"], json.loads(fields["data"])))
        return found

    return asyncio.run(asyncio.wait_for(read(), 5))


def watch(sim: Simulation, seen: int = NO_ANNOUNCEMENT) -> AsyncIterator[str]:
    return Watching(sim.platform).stream(seen, heartbeat_s=5)


def seen_so_far(sim: Simulation) -> int:
    return sim.platform.announcements.latest


def test_a_watcher_begins_with_everything_there_is(sim: Simulation) -> None:
    sim.use_webhook()
    sim.person(AKI, language="ja")

    ((kind, snapshot),) = events(watch(sim), 1)

    assert kind == "snapshot"
    assert snapshot["people"] == sim.get("/_sim/people").json["people"]
    assert snapshot["account"]["webhookUrl"] == "https://example.com/webhook"
    assert [request["path"] for request in snapshot["requests"]] == ["/v2/bot/channel/webhook/endpoint"]


def test_a_watcher_is_told_what_happens_in_order(sim: Simulation) -> None:
    before = seen_so_far(sim)
    sim.person(AKI, follows=False)
    sim.post(f"/_sim/people/{AKI}/follow")
    sent = sim.send("push", {"to": AKI, "messages": [HELLO]})

    told = events(watch(sim, before), 5)

    assert [kind for kind, _ in told] == ["person", "person", "entries", "entries", "request"]
    assert [content["relation"] for kind, content in told if kind == "person"] == ["stranger", "friend"]
    assert told[2][1]["entries"][0]["event"]["type"] == "follow"
    assert told[3][1]["userIds"] == [AKI]
    assert told[3][1]["entries"][0]["message"] == HELLO
    assert told[4][1] == {
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

    sim.send("multicast", {"to": [AKI, BEN, NOBODY], "messages": [HELLO]})

    ((kind, content), _) = events(watch(sim, before), 2)
    assert (kind, content["userIds"], len(content["entries"])) == ("entries", [AKI, BEN], 1)


def test_a_message_that_reaches_nobody_is_no_entry_of_a_chat(sim: Simulation) -> None:
    before = seen_so_far(sim)

    sim.send("push", {"to": NOBODY, "messages": [HELLO]})

    assert [kind for kind, _ in events(watch(sim, before), 1)] == ["request"]


def test_a_watcher_that_waits_is_woken(sim: Simulation) -> None:
    async def scenario() -> str:
        stream = watch(sim, seen_so_far(sim))
        await anext(stream)  # when to come back
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        sim.platform.use_webhook("https://example.com/other")
        return await asyncio.wait_for(waiting, 5)

    assert "event: account\n" in asyncio.run(scenario())


def test_a_watcher_that_hears_nothing_is_kept_alive(sim: Simulation) -> None:
    async def scenario() -> str:
        stream = Watching(sim.platform).stream(seen_so_far(sim), heartbeat_s=0.01)
        await anext(stream)
        return await asyncio.wait_for(anext(stream), 5)

    assert asyncio.run(scenario()).startswith(":")


def test_who_missed_more_than_is_remembered_sees_everything_anew(sim: Simulation) -> None:
    before = seen_so_far(sim)
    for _ in range(REMEMBERED):
        sim.get("/v2/bot/message/quota")
    told = events(watch(sim, before), 1)
    sim.get("/v2/bot/message/quota")
    told_later = events(watch(sim, before), 1)

    assert [kind for kind, _ in told] == ["request"]
    assert [kind for kind, _ in told_later] == ["snapshot"]


def test_a_fresh_start_is_seen_by_everyone(sim: Simulation) -> None:
    sim.person(AKI)
    before = seen_so_far(sim)

    sim.post("/_sim/reset")

    ((kind, content),) = events(watch(sim, before), 1)
    assert (kind, content["people"]) == ("snapshot", [])


@pytest.mark.parametrize("last", ["", "what", "ffffffff-1", "{run}--1", "{run}-", "{run}-1x"])
def test_an_id_that_is_none_of_ours_begins_anew(sim: Simulation, last: str) -> None:
    given = last.format(run=sim.platform.announcements.run)

    assert Watching(sim.platform).last_seen(request({"last-event-id": given})) == NO_ANNOUNCEMENT


def test_the_last_event_is_named_by_header_or_in_the_address(sim: Simulation) -> None:
    """The header is the newer one: it is what the browser saw since the address was made."""
    run = sim.platform.announcements.run
    watching = Watching(sim.platform)

    assert watching.last_seen(request({"last-event-id": f"{run}-7"}, f"after={run}-3")) == 7
    assert watching.last_seen(request({}, f"after={run}-3")) == 3


def request(headers: Mapping[str, str], query: str = "") -> Request:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw, "query_string": query.encode()})


def test_nobody_watches_a_platform_that_ends(sim: Simulation) -> None:
    sim.platform.announcements.close()

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
