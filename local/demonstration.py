"""Kairan at work: three people add the account, one blocks it, messages of every kind go out, some of them twice.

The table shows which messages arrived. Any difference from the expected messages is an error.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from cli.errors import CommandError
from cli.screen import results
from cli.target import Target
from kairan.contract import SPEECH
from local.demo_messages import DemoMessage, DemoPerson, PushedMessage, demo_messages
from local.functions import audience_status
from local.line_simulator_client import LineSimulatorClient
from local.progress import Progress
from local.waiting import until
from tools.loopback import LoopbackSession

LINKS = ("originalContentUrl", "previewImageUrl")


@dataclass(frozen=True)
class DemonstrationResult:
    people: tuple[DemoPerson, ...]
    messages: tuple[DemoMessage, ...]
    received: Mapping[str, Sequence[Mapping[str, Any]]]

    def count(self, person: DemoPerson, message: DemoMessage) -> int:
        return sum(message.matches(received) for received in self.received[person.user_id])

    def differences(self) -> list[str]:
        """The differences from the expected result: each message once for a friend, none for a person who blocked."""
        differences = []
        for person in self.people:
            expected = 0 if person.blocked else 1
            differences += [
                f"{person.name} received the {message.title} {count} times instead of {expected}"
                for message in self.messages
                if (count := self.count(person, message)) != expected
            ]
            unexpected = len(self.received[person.user_id]) - sum(self.count(person, each) for each in self.messages)
            if unexpected:
                differences.append(f"{person.name} received {unexpected} messages that the demonstration did not send")
        return differences

    def table(self) -> Table:
        table = Table(title="Who got what, and how often")
        for title in ("message", "sent by"):
            table.add_column(title)
        table.add_column("sent", justify="center")
        for person in self.people:
            table.add_column(f"{person.name} (blocked)" if person.blocked else person.name, justify="center")
        for message in self.messages:
            times = "twice" if message.twice else "once"
            cells = (self._cell(person, message) for person in self.people)
            table.add_row(message.title, message.sender, times, *cells)
        return table

    def _cell(self, person: DemoPerson, message: DemoMessage) -> str:
        count, expected = self.count(person, message), 0 if person.blocked else 1
        return f"[{'green' if count == expected else 'bold red'}]{count or '–'}[/]"


def run(target: Target, progress: Progress) -> DemonstrationResult:
    """Raises CommandError when the result differs from the expected one."""
    line = LineSimulatorClient(target.line_api_url)
    with progress.step("Three people add the account, one of them blocks it"):
        people = add_people(target, line)
    messages = demo_messages(people)
    for message in messages:
        with progress.step(f"Sending the {message.title} ({message.sender})"):
            answer = message.send(target)
        if message.twice:
            with progress.step(f"Sending the {message.title} again, as a retrying caller would"):
                repeat(message, target, answer)
    with progress.step("Fetching the linked pictures, sounds and films"):
        words = spoken_words(target)
        received = {person.user_id: with_words(line.received(person.user_id), words) for person in people}
        result = DemonstrationResult(people, messages, received)
        fetch_links(result)
    results.print(result.table())
    if differences := result.differences():
        raise CommandError(
            "The demonstration went wrong:\n- " + "\n- ".join(differences),
            fix="Look at `python -m local logs` and .local/logs.",
        )
    return result


def add_people(target: Target, line: LineSimulatorClient) -> tuple[DemoPerson, ...]:
    people = tuple(
        DemoPerson(name, line.add_person(name, language=language), blocked=name == "Chika")
        for name, language in (("Aiko", "ja"), ("Ben", "en"), ("Chika", "ja"))
    )
    for person in people:
        line.follow(person.user_id)
        _wait_for_status(target, person, "following")
        if person.blocked:
            line.block(person.user_id)
            _wait_for_status(target, person, "unfollowed")
    return people


def repeat(message: DemoMessage, target: Target, answer: object) -> None:
    """Raises CommandError when the push API answers a repeat differently from the first call."""
    again = message.send(target)
    if isinstance(message, PushedMessage) and again != answer:
        raise CommandError(f"The {message.title}, sent again, was answered {again} instead of {answer}.")


def spoken_words(target: Target) -> dict[str, str]:
    """The words of each sound, by its key. The notes have them, which are not served."""
    s3, bucket = target.client("s3"), target.output("AudioBucket")
    listed = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=SPEECH)
    keys = [each["Key"] for page in listed for each in page.get("Contents", ()) if each["Key"].endswith(".meta.json")]
    notes = [json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys]
    return {note["mp3"]: note["tts"] for note in notes}


def with_words(received: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """The messages. A spoken one has its words as `text`."""
    return [
        {**message, "text": words[key]} if (key := _sound_of(message)) in words else message for message in received
    ]


def _sound_of(message: Mapping[str, Any]) -> str:
    """The key of generated speech; empty for any other message."""
    _, separator, rest = message.get("originalContentUrl", "").partition(f"/{SPEECH}")
    return f"{SPEECH}{rest.partition('?')[0]}" if separator else ""


def fetch_links(result: DemonstrationResult) -> None:
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
                raise CommandError(f"A message links to {link}, which answers {status}.")


def _wait_for_status(target: Target, person: DemoPerson, status: str) -> None:
    until(
        lambda: audience_status(target, person.user_id) == status,
        what=f"{person.name} is not `{status}` in the audience",
        timeout_s=30,
    )
