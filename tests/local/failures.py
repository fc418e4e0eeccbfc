"""What tests of failures do to a running local cloud."""

import os
import signal
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from local.demo_messages import DemoPerson
from local.functions import physical_name
from tests.local.cloud import Running, eventually

T = TypeVar("T")

IDENTICAL = "The market opens at ten."
"""Goes by multicast."""
PERSONAL = "Good morning, {{User.UserAttributes.name}}!"
"""Goes by push."""


@dataclass(frozen=True)
class FriendGroup:
    """Friends of the account whom the audience does not know: the webhook was off when they followed."""

    running: Running
    people: tuple[DemoPerson, ...]

    def received(self) -> dict[str, int]:
        """The number of messages that each of them has received, by name."""
        counts = {person["userId"]: person["received"] for person in self.running.line.call("GET", "/people")["people"]}
        return {person.name: counts[person.user_id] for person in self.people}

    def each(self, value: T, *, except_for: Mapping[str, T] | None = None) -> dict[str, T]:
        """The same value for all of them, by name."""
        return {person.name: value for person in self.people} | dict(except_for or {})


def new_friends(running: Running, size: int) -> FriendGroup:
    running.line.change_settings(webhook={"active": False})
    people = []
    for number in range(size):
        name = f"Person-{number}"
        people.append(DemoPerson(name, running.line.add_person(name)))
        running.line.follow(people[-1].user_id)
    running.line.change_settings(webhook={"active": True})
    return FriendGroup(running, tuple(people))


def inject(running: Running, failure: str, **more: Any) -> None:
    running.line.call("POST", "/faults", {"fault": failure, **more})


def struck(running: Running) -> Counter[str]:
    """How many requests each kind of failure has struck."""
    counts: Counter[str] = Counter()
    for failure in running.line.call("GET", "/faults")["faults"]:
        counts[failure["fault"]] += failure["struck"]
    return counts


def requests_of(running: Running, people: Sequence[DemoPerson]) -> list[dict[str, Any]]:
    """The remembered requests that name any of these people."""
    ids = {person.user_id for person in people}
    return [request for request in running.line.requests()["requests"] if ids & _recipients(request["body"])]


def _recipients(body: object) -> set[str]:
    to = body.get("to") if isinstance(body, dict) else None
    return set(to) if isinstance(to, list) else {str(to)}


def until_all_is_quiet(running: Running, *, timeout_s: float = 240) -> None:
    """Waits until every event has had its effect or is a dead letter."""
    eventually(
        lambda: not running.line.call("GET", "/webhooks")["underWay"], "webhooks are under way", timeout_s=timeout_s
    )
    eventually(lambda: running.depth("InboxQueueUrl") == 0, "the inbox queue is not empty", timeout_s=timeout_s)


@contextmanager
def configured(
    running: Running, function: str, *, timeout_s: int | None = None, environment: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Gives a function another time-out or more environment for the block. Both changes end its warm workers."""
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
    """Kills all workers of this function and returns how many there were."""
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
