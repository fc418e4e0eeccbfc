"""Cold start: what it takes a fresh Python to load a function until it can do its work.

That is to import its handler and to make the one AWS client it cannot do without. The floor makes the same client and does
nothing else.
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
from benchmarks.lambda_environment import LAMBDA
from benchmarks.unpacked import LINE_BOT_SDK, Places, unpack
from local.progress import Progress

ROUNDS: Mapping[Effort, int] = {"full": 21, "quick": 5, "smoke": 1}
FUNCTIONS: Mapping[Effort, tuple[str, ...]] = {
    "full": (
        "webhook",
        "inbox",
        "send_text",
        "send_image",
        "send_audio",
        "send_video",
        "send_speech",
        "send_messages",
        "api",
    ),
    "quick": ("webhook", "inbox", "send_text", "send_image"),
    "smoke": ("webhook",),
}
WITH_SDK = {"webhook": "webhook_with_sdk", "inbox": "inbox_with_sdk"}
SENDER_WITH_SDK = "sender_with_sdk"
WITHOUT_THEIR_WORK = frozenset({"api", "send_speech"})
"""The function with line-bot-sdk pushes too, but neither validates calls nor speaks."""
LAYERS = ("shared", "powertools")
SENDER_LAYERS = (*LAYERS, "dependencies")

ENVIRONMENT = {
    "SECRET_ARN": "arn:aws:secretsmanager:us-east-1:000000000000:secret:none",
    "INBOX_QUEUE_URL": "https://sqs.invalid/inbox.fifo",
    "INBOX_DEAD_LETTER_QUEUE_URL": "https://sqs.invalid/dead-letters.fifo",
    "EVENTS_SEEN_TABLE": "events-seen",
    "CHANNEL": "line",
    "AUDIENCE_STORE": "dynamodb",
    "AUDIENCE_TABLE": "audience",
    "UNFOLLOWED_RETENTION_DAYS": "30",
    "DELIVERIES_TABLE": "deliveries",
    "SEND_FAILURES_QUEUE_URL": "https://sqs.invalid/send-failures",
    "LINE_API_URL": "https://api.line.me",
    "LINE_DATA_URL": "https://api-data.line.me",
    "MULTICAST_PER_SECOND": "50",
    "PUSH_PER_SECOND": "500",
    "PUSH_CONNECTIONS": "32",
    "MEDIA_BUCKET": "media",
    "MEDIA_URL": "https://media.invalid",
    **{f"{kind}_BUCKET": "media" for kind in ("IMAGES", "AUDIO", "VIDEO")},
    **{f"{kind}_URL": "https://media.invalid" for kind in ("IMAGES", "AUDIO", "VIDEO")},
    "AIVIS_SPEECH_URL": "https://speech.invalid",
    "AIVIS_SPEECH_API": "engine",
    "AIVIS_SPEECH_SPEAKER": "888753760",
    "TTS_MAX_CHARACTERS": "1500",
    "CHANNEL_SECRET": "none",
    "CHANNEL_ACCESS_TOKEN": "none",
}
"""Every function reads from it what it needs."""

FLOOR = "import hmac, json; from botocore.session import get_session; get_session().create_client({client!r})"
OURS = "import {function}.handler; from kairan import aws; aws.client({client!r})"
THEIRS = "import {function}.handler"
COUNT_MODULES = "; import sys; print(len(sys.modules))"

BESIDE_THE_FLOOR = {"webhook": Goal("≤", 1.3), "inbox": None, "send_speech": Goal("≤", 2), "api": Goal("≤", 2)}
SENDER_BESIDE_THE_FLOOR = Goal("≤", 1.5)
BESIDE_THE_SDK = Goal("≥", 3)


@dataclass
class Program:
    """Something to be started again and again, and what it took: `cpu_s` of every start."""

    code: str
    python_path: str
    modules: int = 0
    cpu_s: list[float] = field(default_factory=list)

    def start(self) -> None:
        """In a Python that sees the unpacked code and its own standard library, and may not write bytecode, as in Lambda."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-S", "-s", "-P", "-B", "-c", self.code + COUNT_MODULES],
            env={"PYTHONPATH": self.python_path, **LAMBDA, **ENVIRONMENT},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.modules = int(done.stdout)
        self.cpu_s.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)

    @property
    def best_s(self) -> float:
        """Whatever else the machine was doing can only have added to it."""
        return min(self.cpu_s)

    def __str__(self) -> str:
        return f"{self.best_s * 1000:.0f} ms, {self.modules}"


def measure(effort: Effort, progress: Progress) -> Section:
    functions = FUNCTIONS[effort]
    references = sorted({_with_sdk(function) for function in functions})
    with TemporaryDirectory() as folder:
        with progress.step("Building the functions and layers as Lambda finds them"):
            layers = {layer for function in functions for layer in _layers(function)}
            places = unpack({*functions, *references, *layers, LINE_BOT_SDK}, Path(folder))
        ours = {function: _ours(function, places) for function in functions}
        sdk = {name: _reference(name, places) for name in references}
        floors = {client: _floor(client, places) for client in sorted({_client(function) for function in functions})}
        programs = [*floors.values(), *ours.values(), *sdk.values()]
        with progress.step("Starting each of them in turn") as step:
            for number in range(ROUNDS[effort]):
                step.news(f"round {number + 1} of {ROUNDS[effort]}")
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
    """What is left where the floor, which both stand on, is taken away."""
    told = []
    for function, mine in ours.items():
        floor_s = floors[_client(function)].best_s
        added, with_sdk = ((each.best_s - floor_s) * 1000 for each in (mine, sdk[_with_sdk(function)]))
        told.append(f"{function} {added:.0f} ms ({with_sdk:.0f} ms)")
    return f"What each adds to the floor, and in brackets what the same function with line-bot-sdk adds: {', '.join(told)}."


def _ours(function: str, places: Places) -> Program:
    code = OURS.format(function=function, client=_client(function))
    return Program(code, places.python_path(function, *_layers(function)))


def _reference(name: str, places: Places) -> Program:
    return Program(THEIRS.format(function=name), places.python_path(name, LINE_BOT_SDK))


def _floor(client: str, places: Places) -> Program:
    return Program(FLOOR.format(client=client), places.python_path())


def _layers(function: str) -> tuple[str, ...]:
    return SENDER_LAYERS if function.startswith("send_") or function == "api" else LAYERS


def _client(function: str) -> str:
    """The webhook fills a queue; the inbox asks which events it has seen, and a sender writes down what it is about to do."""
    return "sqs" if function == "webhook" else "dynamodb"


def _with_sdk(function: str) -> str:
    return WITH_SDK.get(function, SENDER_WITH_SDK)


if __name__ == "__main__":
    run(measure)
