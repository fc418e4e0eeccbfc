"""The phone's files, how they are served, and what they must not contain; what its page asks the platform for."""

import re
from pathlib import Path
from typing import Any

import pytest

from simulators.line.phone_page import FOLDER
from tests.simulators.line.simulation import AKI, HELLO, Simulation

ROOT = Path(__file__).parents[3]
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
TEXT = {path: path.read_text("utf-8") for path in FILES}
NAMESPACE = "http://www.w3.org/2000/svg"
LINKED = "https://www.openstreetmap.org/"
"""Where a tap on a place leads."""


def name_of(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


@pytest.mark.parametrize("path", ["/", "/phone"])
def test_the_address_of_the_platform_leads_to_the_phone(sim: Simulation, path: str) -> None:
    answer = sim.get(path)

    assert (answer.status, answer.headers["location"]) == (307, "/phone/")


def test_the_page_is_served_with_a_policy_that_lets_nothing_in(sim: Simulation) -> None:
    answer = sim.get("/phone/")

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert {"default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"} <= set(policy.split("; "))
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_is_served(sim: Simulation, path: Path) -> None:
    answer = sim.get(f"/phone/{name_of(path)}")

    assert (answer.status, answer.body) == (200, path.read_bytes())
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/phone/nothing.js", "/phone/../app.py", "/phone/%2e%2e/app.py"])
def test_nothing_else_is_served(sim: Simulation, path: str) -> None:
    assert sim.get(path).status == 404


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_asks_for_anything_of_another_host(path: Path) -> None:
    addresses = set(re.findall(r"https?://[\w.-]+[\w/.-]*", TEXT[path]))

    assert addresses <= {NAMESPACE, LINKED}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_makes_markup_or_code_of_text(path: Path) -> None:
    unsafe = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|<script>|\son\w+=\""
    )

    assert re.findall(unsafe, TEXT[path]) == []


def test_every_file_is_used(sim: Simulation) -> None:
    everything = "".join(TEXT.values())

    assert [name_of(path) for path in FILES if path.name not in everything and path.name != "index.html"] == []


def test_every_picture_in_the_pages_is_there_and_no_other() -> None:
    """`make screenshots` makes them."""
    pages = [ROOT / "README.md", ROOT / "simulators/line/README.md"]
    named = {name for page in pages for name in re.findall(r"docs/images/([\w.-]+)", page.read_text("utf-8"))}

    assert named == {path.name for path in (ROOT / "docs/images").iterdir()}


def test_a_chat_has_both_sides_in_order(sim: Simulation) -> None:
    sim.person(AKI)
    sent = sim.send("push", {"to": AKI, "messages": [HELLO]})
    sim.post(f"/_sim/people/{AKI}/messages", {"type": "text", "text": "And you?"})
    sim.post(f"/_sim/people/{AKI}/postback", {"data": "d", "displayText": "Yes", "params": {"date": "2026-11-21"}})

    entries = sim.get(f"/_sim/people/{AKI}/conversation").json["entries"]

    assert [entry["number"] for entry in entries] == sorted({entry["number"] for entry in entries})
    follow, hello, question, postback = entries
    assert follow["event"]["type"] == "follow"
    assert hello == {
        "number": hello["number"],
        "at": "2026-09-21T14:13:20.000Z",
        "requestId": sent.headers["x-line-request-id"],
        "call": "push",
        "message": HELLO,
    }
    assert question["event"]["message"]["text"] == "And you?"
    assert postback["event"]["postback"] == {"data": "d", "params": {"date": "2026-11-21"}}
    assert postback["shown"] == "Yes"


@pytest.mark.parametrize("body", [{"data": "d", "params": ["x"]}, {"data": "d", "params": {"date": 1}}, {"params": {}}])
def test_a_postback_is_refused_that_nothing_could_send(sim: Simulation, body: Any) -> None:
    sim.person(AKI)

    assert sim.post(f"/_sim/people/{AKI}/postback", body).status == 400


def test_what_a_person_sent_can_be_looked_at_until_it_is_unsent(sim: Simulation) -> None:
    sim.person(AKI)
    message_id = sim.post(f"/_sim/people/{AKI}/messages", {"type": "file"}).json["messageId"]

    answer = sim.get(f"/_sim/contents/{message_id}")
    sim.post(f"/_sim/people/{AKI}/messages/{message_id}/unsend")

    assert (answer.status, answer.body) == (200, b"A file.\n")
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert sim.get(f"/_sim/contents/{message_id}").status == 404


def test_one_request_can_be_looked_into(sim: Simulation) -> None:
    request_id = sim.get("/v2/bot/message/quota").headers["x-line-request-id"]

    assert sim.get(f"/_sim/requests/{request_id}").json == sim.get("/_sim/requests").json["requests"][0]
    assert sim.get("/_sim/requests/nothing").status == 404
