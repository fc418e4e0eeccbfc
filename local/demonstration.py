"""Kairan at work: three people add the account, one blocks it, messages of every kind go out, some of them twice.

The table tells what arrived at whom. Whatever is not exactly as it should be is an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from cli.errors import CommandError
from cli.screen import results
from cli.target import Target
from local.functions import audience_status
from local.progress import Progress
from local.sendings import Person, Push, Sending, plan
from local.simulated_line import SimulatedLine
from local.waiting import until
from local.web import LoopbackSession

LINKS = ("originalContentUrl", "previewImageUrl")
SPOKEN = "/tts/"
"""In the links of synthesised speech."""


@dataclass(frozen=True)
class Result:
    people: tuple[Person, ...]
    sendings: tuple[Sending, ...]
    received: Mapping[str, Sequence[Mapping[str, Any]]]

    def count(self, person: Person, sending: Sending) -> int:
        return sum(sending.is_this(received) for received in self.received[person.user_id])

    def differences(self) -> list[str]:
        """What is not as it should be: every message once for every friend, nothing for who blocked."""
        found = []
        for person in self.people:
            expected = 0 if person.blocked else 1
            found += [
                f"{person.name} got the {sending.title} {count} times instead of {expected}"
                for sending in self.sendings
                if (count := self.count(person, sending)) != expected
            ]
            strange = len(self.received[person.user_id]) - sum(self.count(person, sending) for sending in self.sendings)
            if strange:
                found.append(f"{person.name} got {strange} messages that nobody sent")
        return found

    def table(self) -> Table:
        table = Table(title="Who got what, and how often")
        for title in ("message", "sent by"):
            table.add_column(title)
        table.add_column("sent", justify="center")
        for person in self.people:
            table.add_column(f"{person.name} (blocked)" if person.blocked else person.name, justify="center")
        for sending in self.sendings:
            sent = "twice" if sending.twice else "once"
            cells = (self._cell(person, sending) for person in self.people)
            table.add_row(sending.title, sending.way, sent, *cells)
        return table

    def _cell(self, person: Person, sending: Sending) -> str:
        count, expected = self.count(person, sending), 0 if person.blocked else 1
        return f"[{'green' if count == expected else 'bold red'}]{count or '–'}[/]"


def run(target: Target, progress: Progress) -> Result:
    """Raises CommandError when anything differs from what should have happened."""
    line = SimulatedLine(target.line_api_url)
    with progress.step("Three people add the account, one of them blocks it"):
        people = add_people(target, line)
    sendings = plan(people)
    for sending in sendings:
        with progress.step(f"Sending the {sending.title} ({sending.way})"):
            answer = sending.send(target)
        if sending.twice:
            with progress.step(f"Sending the {sending.title} again, as if the first call had been lost"):
                repeat(sending, target, answer)
    with progress.step("Fetching every picture, sound and film that was linked"):
        received = {person.user_id: heard(line.received(person.user_id)) for person in people}
        result = Result(people, sendings, received)
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


def repeat(sending: Sending, target: Target, answer: object) -> None:
    """The caller of the push API must not even notice that nothing was sent. Raises CommandError when the answer is another."""
    again = sending.send(target)
    if isinstance(sending, Push) and again != answer:
        raise CommandError(f"The {sending.title}, sent again, was answered {again} instead of {answer}.")


def heard(received: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The messages, those that speak with the words that are kept beside the sound, as `text`."""
    with LoopbackSession() as session:
        return [
            {**message, "text": _words_at(message["originalContentUrl"], session)} if _speaks(message) else message
            for message in received
        ]


def _speaks(message: Mapping[str, Any]) -> bool:
    return SPOKEN in message.get("originalContentUrl", "")


def _words_at(link: str, session: LoopbackSession) -> str:
    answer = session.get(link.partition(".mp3")[0] + ".meta.json")
    answer.raise_for_status()
    return str(answer.json()["tts"])


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
