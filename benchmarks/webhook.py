"""The webhook's work on a body of LINE's: it checks the signature, parses, and makes a queue entry of each event.

`WebhookParser` of line-bot-sdk checks the signature, too, and makes a model of each event. It is measured twice: alone,
and with the same queue entries made from its models.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from linebot.v3 import WebhookParser  # type: ignore[import-untyped]

from benchmarks.command import run
from benchmarks.events import body
from benchmarks.figures import Effort, Figure, Goal, Section
from kairan.clock import iso
from kairan.inbox.queue import Arrival, Entry, entries_of
from kairan.messengers.line import NAME
from kairan.messengers.line.events import parse_body
from kairan.messengers.line.signature import is_signed, sign
from local.progress import Progress

ACCOUNT = "line"
RECEIVED_AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
CHANNEL_SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
EVENTS = (1, 10, 100)
TURNS: Mapping[Effort, int] = {"full": 40, "quick": 8, "smoke": 1}
TURN_S = 0.1
GOAL = Goal("≥", 10)
GOAL_IS_FOR = 100

Work = Callable[[str, str], object]
"""Processes a body and its signature, both as API Gateway passes them on."""


def kairan(text: str, signature: str) -> Sequence[Entry]:
    content = text.encode()
    if not is_signed(CHANNEL_SECRET, content, signature):
        raise AssertionError("the signature must be right")
    callback = parse_body(content)
    arrival = Arrival(NAME, ACCOUNT, callback.destination, RECEIVED_AT)
    return entries_of(arrival, callback.events)


parser = WebhookParser(CHANNEL_SECRET)


def sdk_parser(text: str, signature: str) -> object:
    return parser.parse(text, signature)


def sdk_parser_and_entries(text: str, signature: str) -> Sequence[Entry]:
    callback = parser.parse(text, signature, as_payload=True)
    arrival = {
        "messenger": NAME,
        "account": ACCOUNT,
        "destination": callback.destination,
        "received_at": iso(RECEIVED_AT),
    }
    return [
        Entry(
            json.dumps({**arrival, "event": event.to_dict()}),
            event.source.user_id,
            event.webhook_event_id,
        )
        for event in callback.events
    ]


@dataclass
class Timed:
    work: Work
    calls_s: list[float] = field(default_factory=list)

    def turn(self, text: str, signature: str) -> None:
        """Many calls in a row, with warm caches, as on a busy day."""
        until = time.perf_counter() + TURN_S
        ended = 0.0
        while ended < until:
            began = time.perf_counter()
            self.work(text, signature)
            ended = time.perf_counter()
            self.calls_s.append(ended - began)

    @property
    def best_s(self) -> float:
        """The shortest call, because other programs on the machine can only add to it."""
        return min(self.calls_s)


def measure(effort: Effort, progress: Progress) -> Section:
    figures = []
    for events in EVENTS:
        ours, alone, with_entries = Timed(kairan), Timed(sdk_parser), Timed(sdk_parser_and_entries)
        with progress.step(f"Taking webhook calls of {_events(events)}"):
            _in_turn([ours, alone, with_entries], body(events), TURNS[effort])
        goal = GOAL if events == GOAL_IS_FOR else None
        figures += [
            Figure(
                _events(events),
                _rate(events, ours),
                reference,
                _rate(events, theirs),
                theirs.best_s / ours.best_s,
                goal,
            )
            for reference, theirs in (("WebhookParser", alone), ("… and queue entries", with_entries))
        ]
    return Section("webhook", "Webhook: events per second on one core", tuple(figures))


def _in_turn(timed: Sequence[Timed], text: str, turns: int) -> None:
    signature = sign(CHANNEL_SECRET, text.encode())
    for _ in range(turns):
        for each in timed:
            each.turn(text, signature)


def _events(number: int) -> str:
    return "1 event" if number == 1 else f"{number} events"


def _rate(events: int, timed: Timed) -> str:
    return f"{events / timed.best_s:,.0f}"


if __name__ == "__main__":
    run(measure)
