"""`make test` runs every test: none stands in a folder that the Makefile does not name."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_folder_with_tests_is_run_once() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = [
        folder
        for line in re.findall(r"^(?:IN_MEMORY|ALONE) := (.*)$", makefile, re.MULTILINE)
        for folder in line.split()
    ]

    with_tests = {"/".join(path.relative_to(ROOT).parts[:2]) for path in (ROOT / "tests").rglob("test_*.py")}

    assert sorted(named) == sorted(with_tests)
