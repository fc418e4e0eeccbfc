"""What the tests of faults do to a running local cloud."""

import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from local.functions import physical_name
from local.sendings import Person
from tests.local.cloud import Running, eventually

T = TypeVar("T")

IDENTICAL = "The market opens at ten."
"""Goes by multicast."""
PERSONAL = "Good morning, {{User.UserAttributes.name}}!"
"""Goes by push."""


@dataclass(frozen=True)
class Crowd:
    """Friends of the account, and strangers to the audience: the webhook was switched off when they followed."""

    running: Running
    people: tuple[Person, ...]

    def received(self) -> dict[str, int]:
        """How many messages each of them has, by name; those of others are not looked at."""
        counts = {person["userId"]: person["received"] for person in self.running.line.call("GET", "/people")["people"]}
        return {person.name: counts[person.user_id] for person in self.people}

    def each(self, value: T, *, except_for: Mapping[str, T] | None = None) -> dict[str, T]:
        """The same for everybody, by name."""
        return {person.name: value for person in self.people} | dict(except_for or {})


def crowd(running: Running, size: int) -> Crowd:
    running.line.change_settings(webhook={"active": False})
    people = []
    for number in range(size):
        name = f"Person-{number}"
        people.append(Person(name, running.line.add_person(name)))
        running.line.follow(people[-1].user_id)
    running.line.change_settings(webhook={"active": True})
    return Crowd(running, tuple(people))


def inject(running: Running, fault: str, **more: Any) -> None:
    running.line.call("POST", "/faults", {"fault": fault, **more})


def struck(running: Running) -> Counter[str]:
    """How many requests each kind of fault has struck."""
    counts: Counter[str] = Counter()
    for fault in running.line.call("GET", "/faults")["faults"]:
        counts[fault["fault"]] += fault["struck"]
    return counts


def requests_of(running: Running, people: Sequence[Person]) -> list[dict[str, Any]]:
    """The remembered requests that name any of these people."""
    ids = {person.user_id for person in people}
    return [request for request in running.line.requests()["requests"] if ids & _recipients(request["body"])]


def _recipients(body: object) -> set[str]:
    to = body.get("to") if isinstance(body, dict) else None
    return set(to) if isinstance(to, list) else {str(to)}


def until_all_is_quiet(running: Running, *, timeout_s: float = 240) -> None:
    """Every event was delivered, and had its effect or is a dead letter."""
    eventually(
        lambda: not running.line.call("GET", "/webhooks")["underWay"], "webhooks are under way", timeout_s=timeout_s
    )
    eventually(lambda: running.depth("InboxQueueUrl") == 0, "the inbox queue is not empty", timeout_s=timeout_s)


@contextmanager
def configured(
    running: Running, function: str, *, timeout_s: int | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """A function with another time-out, or with more in its environment. Both changes end its warm workers."""
    functions, name = running.target.client("lambda"), physical_name(running.target, function)
    before = functions.get_function_configuration(FunctionName=name)
    variables = before["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=name,
        Timeout=timeout_s or before["Timeout"],
        Environment={"Variables": {**variables, **(environment or {})}},
    )
    try:
        yield
    finally:
        functions.update_function_configuration(
            FunctionName=name, Timeout=before["Timeout"], Environment={"Variables": variables}
        )


def kill_workers(running: Running, function: str) -> int:
    """SIGKILL for whatever runs this function; how many there were."""
    name = physical_name(running.target, function)
    (emulator,) = (program["pid"] for program in running.cloud.record["programs"] if program["name"] == "aws")
    workers = [pid for pid in children(emulator) if f"AWS_LAMBDA_FUNCTION_NAME={name}" in environment_of(pid)]
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    return len(workers)


def children(parent: int) -> Iterator[int]:
    """proc(5): the parent is the second field after the name in parentheses."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent:
            yield int(folder.name)


def environment_of(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/environ").read_text().split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []
