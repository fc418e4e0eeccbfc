"""`make test` runs every test: none stands in a folder that the Makefile does not name."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_folder_with_tests_is_run_and_what_runs_alone_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lists = re.findall(r"^(?:IN_MEMORY|SIDE_BY_SIDE|ALONE) := (.*)$", makefile, re.MULTILINE)
    named = [place for line in lists for place in line.split()]

    with_tests = {"/".join(path.relative_to(ROOT).parts[:2]) for path in (ROOT / "tests").rglob("test_*.py")}

    assert sorted(place for place in named if not place.endswith(".py")) == sorted(with_tests)
    assert [place for place in named if not (ROOT / place).exists()] == []
