"""Every sender, called by every caller: who received what, and how often."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from local.demo_messages import DemoPerson, campaign_event
from local.demonstration import LINKS
from tests.local.cloud import Running

FLEX = {
    "type": "flex",
    "altText": "Hello",
    "contents": {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": []}},
}
CONTENT: dict[str, tuple[Any, str]] = {
    "send_text": ("The market opens at ten.", "text"),
    "send_image": ("sample_image.jpg", "image"),
    "send_audio": ("sample_audio.mp3", "audio"),
    "send_video": ("sample_video.mp4,sample_image.jpg", "video"),
    "send_speech": ("市場は、十時に開きます。", "audio"),
    "send_messages": (json.dumps(FLEX), "flex"),
}
SENT = {"outcome": "sent"}


@dataclass(frozen=True)
class Audience:
    aiko: DemoPerson
    ben: DemoPerson
    chika: DemoPerson
    """She blocked the account."""

    def everyone(self) -> tuple[DemoPerson, ...]:
        return self.aiko, self.ben, self.chika


@pytest.fixture(scope="module")
def audience(running: Running) -> Audience:
    aiko, ben, chika = (DemoPerson(name, running.friend(name)) for name in ("Aiko", "Ben", "Chika"))
    running.line.block(chika.user_id)
    running.wait_for_status(chika.user_id, "unfollowed")
    return Audience(aiko, ben, chika)


@dataclass
class Arrivals:
    """What arrived since the test began."""

    running: Running
    audience: Audience

    def __post_init__(self) -> None:
        self._before = {
            person.user_id: len(self.running.line.received(person.user_id)) for person in self.audience.everyone()
        }

    def of(self, person: DemoPerson) -> list[dict[str, Any]]:
        return self.running.line.received(person.user_id)[self._before[person.user_id] :]

    def types(self) -> dict[str, list[str]]:
        return {person.name: [message["type"] for message in self.of(person)] for person in self.audience.everyone()}


@pytest.fixture
def arrivals(running: Running, audience: Audience) -> Arrivals:
    return Arrivals(running, audience)


def by_campaign(audience: Audience, data: str) -> dict[str, Any]:
    return campaign_event(audience.everyone(), data)


def by_connect(audience: Audience, data: str) -> dict[str, Any]:
    profiles = [
        {
            "ProfileId": uuid4().hex,
            "CustomerData": json.dumps(
                {
                    "firstName": person.name,
                    "attributes": {"line_user_id": person.user_id, "line_data": data},
                }
            ),
            "IdempotencyToken": uuid4().hex,
        }
        for person in audience.everyone()
    ]
    context = {"CampaignId": "c", "RunId": "r", "ActionId": "a", "CampaignName": "n"}
    return {"InvocationMetadata": {"CampaignContext": context}, "Items": {"CustomerProfiles": profiles}}


def by_hand(audience: Audience, data: str) -> dict[str, Any]:
    return {"to": [person.user_id for person in audience.everyone()], "data": data, "retry_key": str(uuid4())}


def outcomes(payload: dict[str, Any]) -> list[str]:
    """From the answer in any caller's form."""
    if "outcomes" in payload:
        return [outcome["outcome"] for outcome in payload["outcomes"].values()]
    if "Items" in payload:
        return [profile["ResultData"]["outcome"] for profile in payload["Items"]["CustomerProfiles"]]
    return [entry["EventAttributes"]["outcome"] for entry in payload.values()]


@pytest.mark.parametrize(
    ("sender", "caller"),
    [*((sender, by_campaign) for sender in CONTENT), ("send_text", by_connect), ("send_text", by_hand)],
)
def test_friends_receive_it_once_and_a_person_who_blocked_receives_nothing(
    running: Running,
    audience: Audience,
    arrivals: Arrivals,
    sender: str,
    caller: Callable[[Audience, str], dict[str, Any]],
) -> None:
    data, kind = CONTENT[sender]

    answer = running.invoke(sender, caller(audience, data))

    assert not answer.failed, answer.payload
    assert outcomes(answer.payload) == ["sent"] * 3
    assert arrivals.types() == {"Aiko": [kind], "Ben": [kind], "Chika": []}
    for message in arrivals.of(audience.aiko):
        for link in (message[name] for name in LINKS if name in message):
            assert running.web.get(link).status_code == 200, link


@pytest.mark.parametrize("caller", [by_campaign, by_connect, by_hand])
def test_a_repeated_event_sends_nothing_twice(
    running: Running, audience: Audience, arrivals: Arrivals, caller: Callable[[Audience, str], dict[str, Any]]
) -> None:
    event = caller(audience, "Once only")

    answers = [running.invoke("send_text", event) for _ in range(2)]

    assert [outcomes(answer.payload) for answer in answers] == [["sent"] * 3] * 2
    assert arrivals.types() == {"Aiko": ["text"], "Ben": ["text"], "Chika": []}


def test_the_command_line_invokes_too(running: Running, audience: Audience, arrivals: Arrivals) -> None:
    event = {"to": audience.aiko.user_id, "data": "By hand"}

    result = running.cloud.local("invoke", "send_text", "-", text=json.dumps(event))

    assert result.code == 0
    assert json.loads(result.out)["outcomes"][audience.aiko.user_id]["outcome"] == "sent"
    assert arrivals.types() == {"Aiko": ["text"], "Ben": [], "Chika": []}


def test_a_failing_invoke_is_an_exit_code(running: Running) -> None:
    result = running.cloud.local("invoke", "send_text", "-", text='{"to": "not-an-id"}')

    assert result.code == 1
    assert "RejectedError" in json.loads(result.out)["errorMessage"]


def test_logs_report_batches_and_name_no_person(running: Running, audience: Audience) -> None:
    running.invoke("send_text", by_campaign(audience, "A text that no log shows"))

    result = running.cloud.local("logs", "send_text")

    assert result.code == 0
    assert '"message":"sent"' in result.out
    assert "A text that no log shows" not in result.out
    assert not [person for person in audience.everyone() if person.user_id in result.out]
