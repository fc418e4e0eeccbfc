"""How fast messages leave a sender when every request to LINE takes 50 ms.

Senders run side by side, as containers do, each with a batch of 500 people at a time. The same text for all goes by
multicast, from ten senders, so that ten requests are under way. A personal text goes by push, from four senders with
the default 32 connections each, 128 together. The ledger is in memory.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from urllib.request import urlopen

from benchmarks.command import run
from benchmarks.figures import Effort, Figure, Goal, Section
from benchmarks.processes import side_by_side
from benchmarks.senders_worker import (
    MULTICAST_PER_SECOND,
    PERSONAL,
    PUSH_PER_SECOND,
    SHARED,
    KairanSender,
    SdkLoop,
    Written,
)
from kairan.sending.batch import MAX_RECIPIENTS
from local.progress import Progress

DELAY_MS = 50
MULTICASTING = 10
PUSHING = 4
CONNECTIONS = 32
BESIDE_THE_LIMIT = Goal("≥", 0.9)
FEWEST = Goal("≤", 1)
BESIDE_THE_SDK = Goal("≥", 3)


@dataclass(frozen=True)
class Amount:
    """The amount of work.

    - `rounds`: how often each side takes its turn
    - `multicast`, `push`: batches of each sender in a round
    - `sdk_pushes`: pushes of the loop with line-bot-sdk in a round
    """

    rounds: int
    multicast: int
    push: int
    sdk_pushes: int


AMOUNTS: Mapping[Effort, Amount] = {
    "full": Amount(rounds=7, multicast=60, push=6, sdk_pushes=100),
    "quick": Amount(rounds=2, multicast=30, push=3, sdk_pushes=40),
    "smoke": Amount(rounds=1, multicast=1, push=1, sdk_pushes=1),
}


@dataclass(frozen=True)
class Sent:
    """One round.

    - `users`, `pushes`: how many were sent in the measured time
    - `requests`: all requests, including those that opened the connections
    - `fewest`: how many of them were necessary
    """

    users: int
    pushes: int
    requests: int
    fewest: int
    wall_s: float
    cpu_s: float
    written: tuple[Written, ...] = ()

    @property
    def users_per_s(self) -> float:
        return self.users / self.wall_s

    @property
    def cpu_s_per_push(self) -> float:
        return self.cpu_s / self.pushes


def measure(effort: Effort, progress: Progress) -> Section:
    amount = AMOUNTS[effort]
    same: list[Sent] = []
    personal: list[Sent] = []
    sdk: list[Sent] = []
    with slow_line() as url:
        senders = (
            (same, KairanSender(url, SHARED, amount.multicast, connections=1, programs=MULTICASTING)),
            (personal, KairanSender(url, PERSONAL, amount.push, connections=CONNECTIONS, programs=PUSHING)),
        )
        loop = SdkLoop(url, amount.sdk_pushes)
        with progress.step("Sending over 50 ms to LINE") as step:
            for number in range(amount.rounds):
                step.show(f"round {number + 1} of {amount.rounds}")
                for rounds, sender in senders:
                    rounds.append(_with_kairan(sender, url))
                sdk.append(_with_sdk(loop, url))
    return Section(
        "senders",
        "Senders: users per second at 50 ms per request",
        (
            *_speed("same text", same, MULTICAST_PER_SECOND * MAX_RECIPIENTS, sdk),
            *_speed("by person", personal, PUSH_PER_SECOND, sdk),
            _requests("same text", same),
            _requests("by person", personal),
            _cpu(personal, sdk),
        ),
        (_spread(same, personal, sdk), _ledger(same, personal)),
    )


@contextmanager
def slow_line(delay_ms: float = DELAY_MS) -> Iterator[str]:
    """Starts a LINE platform that answers after `delay_ms`, and yields its address."""
    command = [sys.executable, "-m", "benchmarks.slow_line", "--delay-ms", str(delay_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _with_kairan(sender: KairanSender, url: str) -> Sent:
    ran = side_by_side(sender, sender.programs)
    tally = _tally(url)
    events = sender.programs * (sender.batches + 1)
    if tally["people"] != events * MAX_RECIPIENTS or tally["reached_twice"]:
        raise AssertionError(f"some people were not reached once: {tally}")
    users = sender.programs * sender.batches * MAX_RECIPIENTS
    multicast = sender.content == SHARED
    fewest = events if multicast else events * MAX_RECIPIENTS
    pushes = 0 if multicast else users
    return Sent(users, pushes, tally["requests"], fewest, ran.wall_s, ran.cpu_s, tuple(ran.results))


def _with_sdk(loop: SdkLoop, url: str) -> Sent:
    ran = side_by_side(loop, 1)
    requests = _tally(url)["requests"]
    return Sent(loop.pushes, loop.pushes, requests, loop.pushes + 1, ran.wall_s, ran.cpu_s)


def _tally(url: str) -> dict[str, int]:
    with urlopen(f"{url}/tally") as answer:
        tally: dict[str, int] = json.load(answer)
    return tally


def _speed(what: str, sent: Sequence[Sent], limit: int, sdk: Sequence[Sent]) -> Iterator[Figure]:
    ours, theirs = _speed_of(sent), _speed_of(sdk)
    yield Figure(what, f"{ours:,.0f}", "LINE's limit", f"{limit:,}", ours / limit, BESIDE_THE_LIMIT)
    yield Figure(what, f"{ours:,.0f}", "SDK in a loop", f"{theirs:,.0f}", ours / theirs)


def _speed_of(sent: Sequence[Sent]) -> float:
    """The speed of the fastest round, because other programs on the machine can only slow a round down."""
    return max(each.users_per_s for each in sent)


def _requests(what: str, sent: Sequence[Sent]) -> Figure:
    requests, fewest = sum(each.requests for each in sent), sum(each.fewest for each in sent)
    return Figure(f"{what}: requests", f"{requests:,}", "fewest possible", f"{fewest:,}", requests / fewest, FEWEST)


def _cpu(personal: Sequence[Sent], sdk: Sequence[Sent]) -> Figure:
    """Compares the smallest times, because other programs on the machine can only add to them."""
    ours, theirs = (min(each.cpu_s_per_push for each in sent) * 1000 for sent in (personal, sdk))
    return Figure(
        "CPU time per push", f"{ours:.2f} ms", "line-bot-sdk", f"{theirs:.2f} ms", theirs / ours, BESIDE_THE_SDK
    )


def _spread(same: Sequence[Sent], personal: Sequence[Sent], sdk: Sequence[Sent]) -> str:
    parts = [
        f"{what} {min(speeds):,.0f}–{max(speeds):,.0f} (median {median(speeds):,.0f})"
        for what, sent in (("same text", same), ("by person", personal), ("line-bot-sdk", sdk))
        if (speeds := [each.users_per_s for each in sent])
    ]
    return (
        f"Users per second are those of the fastest of {len(same)} rounds. The rounds spread over {', '.join(parts)}."
    )


def _ledger(same: Sequence[Sent], personal: Sequence[Sent]) -> str:
    """The writes include those of each sender's first batch."""
    parts = []
    for what, sent in (("same text", same), ("by person", personal)):
        written = [each for round_ in sent for each in round_.written]
        batches = sum(round_.users // MAX_RECIPIENTS + len(round_.written) for round_ in sent)
        times = sum(each.times for each in written)
        size_kb = sum(each.bytes for each in written) / times / 1000
        parts.append(f"{times / batches:.1f} writes of {size_kb:.0f} KB ({what})")
    return f"The ledger's part for a batch of {MAX_RECIPIENTS} people (not in these times): {', '.join(parts)}."


if __name__ == "__main__":
    run(measure)
