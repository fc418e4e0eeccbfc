"""Cold start: the time that a fresh Python needs until a function can work.

It imports the function's handler and makes the one AWS client that the function always needs. The floor makes the same
client and does nothing else.
"""

import resource
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.command import run
from benchmarks.figures import Effort, Figure, Goal, Section
from benchmarks.lambda_environment import ENVIRONMENTS, LAMBDA
from benchmarks.unpacked import LINE_BOT_SDK, Unpacked, unpack
from kairan.contract import Sender, folder_of
from local.progress import Progress

ROUNDS: Mapping[Effort, int] = {"full": 21, "quick": 5, "smoke": 1}
FUNCTIONS: Mapping[Effort, tuple[str, ...]] = {
    "full": tuple(ENVIRONMENTS),
    "quick": ("webhook", "inbox", "send_text", "send_image"),
    "smoke": ("webhook",),
}
WITH_SDK = {"webhook": "webhook_with_sdk", "inbox": "inbox_with_sdk"}
SENDER_WITH_SDK = "sender_with_sdk"
WITHOUT_THEIR_WORK = frozenset({"api", "send_speech"})
"""The function with line-bot-sdk pushes, too, but it does not validate calls or speak."""
LAYERS = ("shared", "powertools")
SENDER_LAYERS = (*LAYERS, "dependencies")

WITH_SDK_ENVIRONMENT = {
    "INBOX_QUEUE_URL": "https://sqs.invalid/inbox.fifo",
    "AUDIENCE_TABLE": "audience",
    "DELIVERIES_TABLE": "deliveries",
    "CHANNEL_SECRET": "none",
    "CHANNEL_ACCESS_TOKEN": "none",
}
"""The environment of the functions with line-bot-sdk. Each reads the variables that it needs."""

FLOOR = "import hmac, json; from botocore.session import get_session; get_session().create_client({client!r})"
OURS = "import {folder}.handler; from kairan import aws; aws.client({client!r})"
THEIRS = "import {folder}.handler"
COUNT_MODULES = "; import sys; print(len(sys.modules))"

BESIDE_THE_FLOOR = {"webhook": Goal("≤", 1.2), "inbox": Goal("≤", 1.2), "api": Goal("≤", 1.9)}
SENDER_BESIDE_THE_FLOOR = Goal("≤", 1.4)
BESIDE_THE_SDK = Goal("≥", 3)


@dataclass
class Program:
    """Code to start again and again. `cpu_s` has the time of every start."""

    code: str
    python_path: str
    environment: Mapping[str, str] = field(default_factory=dict)
    modules: int = 0
    cpu_s: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Starts a Python with the unpacked code and the standard library. It writes no bytecode, as in Lambda."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-S", "-s", "-P", "-B", "-c", self.code + COUNT_MODULES],
            env={"PYTHONPATH": self.python_path, **LAMBDA, **self.environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.modules = int(done.stdout)
        self.cpu_s.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    @property
    def best_s(self) -> float:
        """The smallest time, because other programs on the machine can only add to it."""
        return min(self.cpu_s)

    def __str__(self) -> str:
        return f"{self.best_s * 1000:.0f} ms, {self.modules}"


def measure(effort: Effort, progress: Progress) -> Section:
    functions = FUNCTIONS[effort]
    references = sorted({_with_sdk(function) for function in functions})
    with TemporaryDirectory() as folder:
        with progress.step("Building the functions and layers as Lambda finds them"):
            layers = {layer for function in functions for layer in _layers(function)}
            unpacked = unpack({*map(folder_of, functions), *references, *layers, LINE_BOT_SDK}, Path(folder))
        ours = {function: _ours(function, unpacked) for function in functions}
        sdk = {name: _reference(name, unpacked) for name in references}
        floors = {client: _floor(client, unpacked) for client in sorted({_client(function) for function in functions})}
        programs = [*floors.values(), *ours.values(), *sdk.values()]
        with progress.step("Starting each of them in turn") as step:
            for number in range(ROUNDS[effort]):
                step.show(f"round {number + 1} of {ROUNDS[effort]}")
                for program in programs:
                    program.start()
    figures = []
    for function in functions:
        mine, floor, theirs = ours[function], floors[_client(function)], sdk[_with_sdk(function)]
        goal = BESIDE_THE_FLOOR.get(function, SENDER_BESIDE_THE_FLOOR)
        figures += [
            Figure(function, str(mine), "the floor", str(floor), mine.best_s / floor.best_s, goal),
            Figure(
                function,
                str(mine),
                "line-bot-sdk",
                str(theirs),
                theirs.best_s / mine.best_s,
                None if function in WITHOUT_THEIR_WORK else BESIDE_THE_SDK,
            ),
        ]
    return Section(
        "cold-start", "Cold start: CPU time, modules loaded", tuple(figures), (_beyond_the_floor(ours, sdk, floors),)
    )


def _beyond_the_floor(ours: Mapping[str, Program], sdk: Mapping[str, Program], floors: Mapping[str, Program]) -> str:
    """The times of both sides without the floor, which they share."""
    parts = []
    for function, mine in ours.items():
        floor_s = floors[_client(function)].best_s
        added, with_sdk = ((each.best_s - floor_s) * 1000 for each in (mine, sdk[_with_sdk(function)]))
        parts.append(f"{function} {added:.0f} ms ({with_sdk:.0f} ms)")
    return f"Each function adds to the floor (in brackets: the same function with line-bot-sdk): {', '.join(parts)}."


def _ours(function: str, unpacked: Unpacked) -> Program:
    folder = folder_of(function)
    code = OURS.format(folder=folder, client=_client(function))
    return Program(code, unpacked.python_path(folder, *_layers(function)), ENVIRONMENTS[function])


def _reference(name: str, unpacked: Unpacked) -> Program:
    return Program(THEIRS.format(folder=name), unpacked.python_path(name, LINE_BOT_SDK), WITH_SDK_ENVIRONMENT)


def _floor(client: str, unpacked: Unpacked) -> Program:
    return Program(FLOOR.format(client=client), unpacked.python_path())


def _layers(function: str) -> tuple[str, ...]:
    return SENDER_LAYERS if function == "api" or function in tuple(Sender) else LAYERS


def _client(function: str) -> str:
    """The webhook fills a queue. The inbox and the senders begin with a table: processed events, or the ledger."""
    return "sqs" if function == "webhook" else "dynamodb"


def _with_sdk(function: str) -> str:
    return WITH_SDK.get(function, SENDER_WITH_SDK)


if __name__ == "__main__":
    run(measure)
