"""The benchmarks still run and still compare like with like. How fast anything is, no test judges."""

import json
import shutil
from pathlib import Path

import pytest

from benchmarks import cold_start, page, pushes, senders, speech, webhook
from benchmarks.__main__ import BENCHMARKS, Name
from benchmarks.events import body
from benchmarks.figures import Figure, Goal, Section, times
from kairan.contract import Sender, folder_of
from kairan.messengers.line.signature import sign
from local.progress import Progress
from tools.run import ROOT, environment


@pytest.fixture
def progress(monkeypatch: pytest.MonkeyPatch) -> Progress:
    """In the environment in which `make bench` runs."""
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    return Progress()


def goals(section: Section) -> list[tuple[str, str, str]]:
    return [(figure.what, figure.reference, str(figure.goal)) for figure in section.figures if figure.goal]


def test_a_cold_start_is_compared_with_the_floor_and_with_the_sdk(progress: Progress) -> None:
    section = cold_start.measure("smoke", progress)

    assert goals(section) == [("webhook", "the floor", "≤ 1.2 ×"), ("webhook", "line-bot-sdk", "≥ 3 ×")]
    assert all(figure.ratio > 0 for figure in section.figures)


def test_every_function_that_messages_pass_through_has_its_cold_start_measured() -> None:
    lambdas = {path.parent.name for path in (ROOT / "lambdas").glob("*/handler.py")}

    measured = cold_start.FUNCTIONS["full"]
    assert set(map(folder_of, measured)) == lambdas - {"sample_media"}
    assert set(measured) >= set(Sender)


def test_webhook_calls_are_compared_with_the_parser_of_the_sdk(progress: Progress) -> None:
    section = webhook.measure("smoke", progress)

    assert goals(section) == [
        ("100 events", "WebhookParser", "≥ 10 ×"),
        ("100 events", "… and queue entries", "≥ 10 ×"),
    ]


def test_both_sides_of_the_webhook_benchmark_make_the_same_entries() -> None:
    text = body(12)
    signature = sign(webhook.CHANNEL_SECRET, text.encode())

    ours, theirs = webhook.kairan(text, signature), webhook.sdk_parser_and_entries(text, signature)

    assert [entry[1:] for entry in ours] == [entry[1:] for entry in theirs]
    assert [json.loads(entry.body) for entry in ours] == [json.loads(entry.body) for entry in theirs]


def test_senders_are_compared_with_lines_limits_and_reach_all_people_once(progress: Progress) -> None:
    section = senders.measure("smoke", progress)

    assert goals(section) == [
        ("same text", "LINE's limit", "≥ 0.9 ×"),
        ("by person", "LINE's limit", "≥ 0.9 ×"),
        ("same text: requests", "fewest possible", "≤ 1 ×"),
        ("by person: requests", "fewest possible", "≤ 1 ×"),
        ("CPU time per push", "line-bot-sdk", "≥ 3 ×"),
    ]
    assert [figure.ratio for figure in section.figures if "requests" in figure.what] == [1, 1]


@pytest.mark.parametrize(("ratio", "written"), [(0.957, "0.96 ×"), (3.24, "3.2 ×"), (5160.4, "5,160 ×")])
def test_a_ratio_is_written_with_the_digits_that_say_something(ratio: float, written: str) -> None:
    assert times(ratio) == written


@pytest.mark.parametrize(
    ("goal", "verdict"), [(None, ""), (Goal("≤", 1.3), "met"), (Goal("≥", 1.3), "met"), (Goal("≥", 3), "missed")]
)
def test_a_figure_says_whether_its_goal_is_met(goal: Goal | None, verdict: str) -> None:
    assert Figure("webhook", "130 ms", "the floor", "100 ms", 1.3, goal).verdict == verdict


@pytest.mark.parametrize("name", Name)
def test_every_benchmark_has_its_place_on_the_page(name: Name) -> None:
    text = page.PAGE.read_text(encoding="utf-8")

    assert [text.count(mark) for mark in page.marks(name)] == [1, 1]
    assert set(BENCHMARKS) == set(Name)


def test_a_benchmark_writes_into_its_place_and_nowhere_else(tmp_path: Path) -> None:
    written = tmp_path / "benchmarks.md"
    shutil.copy(page.PAGE, written)
    before, after = written.read_text(encoding="utf-8").split(page.marks("webhook")[1])
    figure = Figure("100 events", "90,000", "WebhookParser", "30,000", 3.0, Goal("≥", 10))

    for _ in range(2):
        page.write(Section("webhook", "Webhook", (figure,), ("A note.",)), written)

    text = written.read_text(encoding="utf-8")
    assert text.count("| 100 events | 90,000 | WebhookParser | 30,000 | 3.0 × | ≥ 10 × | **missed** |") == 1
    assert text.startswith(before.split(page.marks("webhook")[0])[0])
    assert text.endswith(after)


def test_a_page_without_a_place_is_not_written(tmp_path: Path) -> None:
    written = tmp_path / "benchmarks.md"
    written.write_text("# Benchmarks\n", encoding="utf-8")

    with pytest.raises(ValueError, match="no place"):
        page.write(Section("webhook", "Webhook", ()), written)


def test_a_push_by_rest_is_compared_with_the_line_call_alone(progress: Progress) -> None:
    section = pushes.measure("smoke", progress)

    assert goals(section) == [("of it, our own", "what it may take", "≤ 1 ×")] * 2
    assert [figure.what for figure in section.figures[::2]] == ["LINE takes 50 ms", "LINE answers at once"]
    assert {figure.reference for figure in section.figures[::2]} == {"the LINE call alone"}


def test_a_message_spoken_again_is_compared_with_the_first_time(progress: Progress) -> None:
    section = speech.measure("smoke", progress)

    assert goals(section) == [("a spoken message, again", "the first time", "≥ 20 ×")]
    assert [figure.what for figure in section.figures[1:]] == ["WAV to MP3", "the local engine"]
    assert all(figure.ratio > 0 for figure in section.figures)
