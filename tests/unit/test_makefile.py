"""`make test` runs every test: none stands in a folder that the Makefile does not name."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_folder_with_tests_is_run_and_what_runs_alone_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lists = re.findall(r"^(?:IN_MEMORY|SIDE_BY_SIDE|ALONE) := (.*)$", makefile, re.MULTILINE)
    named = [place for line in lists for place in line.split()]

    folders = [place for place in named if not place.endswith(".py")]

    with_tests = {path.parent.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")}
    run_by = {folder: [place for place in folders if folder.is_relative_to(place)] for folder in with_tests}

    assert {folder: places for folder, places in run_by.items() if len(places) != 1} == {}
    assert [place for place in named if not (ROOT / place).exists()] == []
