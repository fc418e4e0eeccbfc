"""Kairan at work: three people add the account, one blocks it, messages of every kind go out, one of them twice.

The table tells what arrived at whom. Whatever is not exactly as it should be is an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from rich.table import Table

from cli.errors import CommandError
from cli.screen import results
from cli.target import Target
from local.functions import audience_status, invoke
from local.progress import Progress
from local.simulated_line import SimulatedLine
from local.waiting import until
from local.web import LoopbackSession

CAMPAIGN_TEXT = "Good morning, {{User.UserAttributes.name|friend}}! The market opens at ten."
DIRECT_TEXT = "Only for you: a seat is free at eight."
LINKS = ("originalContentUrl", "previewImageUrl")


@dataclass(frozen=True)
class Person:
    name: str
    user_id: str
    blocked: bool = False


@dataclass(frozen=True)
class Message:
    """A column of the table: what is sent by which function, and how it is known again when it arrives."""

    title: str
    sender: str
    event: Mapping[str, Any]
    type: str
    text: str = ""

    def is_this(self, received: Mapping[str, Any]) -> bool:
        return received["type"] == self.type and self.text in received.get("text", "")


@dataclass(frozen=True)
class Result:
    people: tuple[Person, ...]
    messages: tuple[Message, ...]
    received: Mapping[str, Sequence[Mapping[str, Any]]]

    def count(self, person: Person, message: Message) -> int:
        return sum(message.is_this(received) for received in self.received[person.user_id])

    def differences(self) -> list[str]:
        """What is not as it should be: every message once for every friend, nothing for who blocked."""
        found = []
        for person in self.people:
            expected = 0 if person.blocked else 1
            found += [
                f"{person.name} got the {message.title} {count} times instead of {expected}"
                for message in self.messages
                if (count := self.count(person, message)) != expected
            ]
            strange = len(self.received[person.user_id]) - sum(self.count(person, message) for message in self.messages)
            if strange:
                found.append(f"{person.name} got {strange} messages that nobody sent")
        return found

    def table(self) -> Table:
        table = Table(title="Who got what, and how often", caption="The text campaign was sent twice.")
        table.add_column("person")
        for message in self.messages:
            table.add_column(message.title, justify="center")
        for person in self.people:
            name = f"{person.name} (blocked the account)" if person.blocked else person.name
            table.add_row(name, *(self._cell(person, message) for message in self.messages))
        return table

    def _cell(self, person: Person, message: Message) -> str:
        count, expected = self.count(person, message), 0 if person.blocked else 1
        return f"[{'green' if count == expected else 'bold red'}]{count or '–'}[/]"


def run(target: Target, progress: Progress) -> Result:
    """Raises CommandError when anything differs from what should have happened."""
    line = SimulatedLine(target.line_api_url)
    with progress.step("Three people add the account, one of them blocks it"):
        people = add_people(target, line)
    messages = plan(people)
    for message in messages:
        with progress.step(f"Sending the {message.title} ({message.sender})"):
            send(target, message)
    with progress.step(f"Sending the {messages[0].title} again, as if it had been delivered twice"):
        send(target, messages[0])
    result = Result(people, messages, {person.user_id: line.received(person.user_id) for person in people})
    with progress.step("Fetching every picture, sound and film that was linked"):
        fetch_links(result)
    results.print(result.table())
    if differences := result.differences():
        raise CommandError(
            "The demonstration did not go as it should:\n- " + "\n- ".join(differences),
            fix="Look at `python -m local logs` and .local/logs.",
        )
    return result


def add_people(target: Target, line: SimulatedLine) -> tuple[Person, ...]:
    people = tuple(
        Person(name, line.add_person(name, language=language), blocked=name == "Chika")
        for name, language in (("Aiko", "ja"), ("Ben", "en"), ("Chika", "ja"))
    )
    for person in people:
        line.follow(person.user_id)
        _wait_for_status(target, person, "following")
        if person.blocked:
            line.block(person.user_id)
            _wait_for_status(target, person, "unfollowed")
    return people


def plan(people: Sequence[Person]) -> tuple[Message, ...]:
    """Campaign events name all three people: a campaign that was planned before someone blocked the account does that too."""
    user_ids = [person.user_id for person in people]
    return (
        Message("text", "send_text", campaign_event(people, CAMPAIGN_TEXT), "text", "The market opens at ten."),
        Message("image", "send_image", campaign_event(people, "sample_image.jpg"), "image"),
        Message("audio", "send_audio", campaign_event(people, "sample_audio.mp3"), "audio"),
        Message("video", "send_video", campaign_event(people, "sample_video.mp4,sample_image.jpg"), "video"),
        Message("direct invoke", "send_text", {"to": user_ids, "data": DIRECT_TEXT}, "text", DIRECT_TEXT),
    )


def campaign_event(people: Sequence[Person], data: str) -> dict[str, Any]:
    """A batch of a campaign as Amazon Pinpoint hands it to a custom channel."""
    return {
        "Message": {},
        "Data": data,
        "ApplicationId": "demonstration",
        "CampaignId": uuid4().hex,
        "TreatmentId": "0",
        "ActivityId": uuid4().hex,
        "ScheduledTime": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "Endpoints": {
            f"endpoint-{person.name.lower()}": {
                "ChannelType": "CUSTOM",
                "Address": person.user_id,
                "EndpointStatus": "ACTIVE",
                "OptOut": "NONE",
                "User": {"UserId": person.user_id, "UserAttributes": {"name": [person.name]}},
            }
            for person in people
        },
    }


def send(target: Target, message: Message) -> None:
    """Raises CommandError unless LINE accepted the message for everyone."""
    answer = invoke(target, message.sender, message.event)
    if answer.failed:
        raise CommandError(
            f"{message.sender} failed: {answer.payload.get('errorMessage')}",
            fix=f"`python -m local logs {message.sender}` tells more.",
        )
    outcomes = answer.payload.get("outcomes") or {
        endpoint: entry["EventAttributes"] for endpoint, entry in answer.payload.items()
    }
    if failed := {name: outcome for name, outcome in outcomes.items() if outcome["outcome"] != "sent"}:
        raise CommandError(f"{message.sender} did not send the {message.title} to everyone: {failed}")


def fetch_links(result: Result) -> None:
    links = {
        received[link]
        for messages in result.received.values()
        for received in messages
        for link in LINKS
        if link in received
    }
    with LoopbackSession() as session:
        for link in sorted(links):
            if (status := session.get(link).status_code) != 200:
                raise CommandError(f"{link} was sent, but fetching it is answered with {status}.")


def _wait_for_status(target: Target, person: Person, status: str) -> None:
    until(
        lambda: audience_status(target, person.user_id) == status,
        what=f"{person.name} is not `{status}` in the audience",
        timeout_s=30,
    )
