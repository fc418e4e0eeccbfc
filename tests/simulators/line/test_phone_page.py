"""The phone's files: how they are served, and what they must not contain."""

import re
from pathlib import Path

import pytest

from simulators.line.phone_page import FOLDER
from tests.simulators.line.simulation import Simulation

ROOT = Path(__file__).parents[3]
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
TEXT = {path: path.read_text("utf-8") for path in FILES}
NAMESPACE = "http://www.w3.org/2000/svg"
LINKED = "https://www.openstreetmap.org/"
"""A tap on a place leads there."""


def name_of(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


@pytest.mark.parametrize("path", ["/", "/phone"])
def test_the_address_of_the_platform_leads_to_the_phone(sim: Simulation, path: str) -> None:
    answer = sim.get(path)

    assert (answer.status, answer.headers["location"]) == (307, "/phone/")


def test_the_page_has_a_policy_that_lets_no_foreign_code_in(sim: Simulation) -> None:
    answer = sim.get("/phone/")

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert {"default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'"} <= set(policy.split("; "))
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_file_is_served(sim: Simulation, path: Path) -> None:
    answer = sim.get(f"/phone/{name_of(path)}")

    assert (answer.status, answer.body) == (200, path.read_bytes())
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/phone/nothing.js", "/phone/../app.py", "/phone/%2e%2e/app.py"])
def test_no_other_file_is_served(sim: Simulation, path: str) -> None:
    assert sim.get(path).status == 404


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_names_an_address_of_another_host(path: Path) -> None:
    addresses = set(re.findall(r"https?://[\w.-]+[\w/.-]*", TEXT[path]))

    assert addresses <= {NAMESPACE, LINKED}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_file_turns_text_into_markup_or_code(path: Path) -> None:
    unsafe = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser|<script>|\son\w+=\""
    )

    assert re.findall(unsafe, TEXT[path]) == []


def test_every_file_is_used() -> None:
    all_text = "".join(TEXT.values())

    assert [name_of(path) for path in FILES if path.name not in all_text and path.name != "index.html"] == []


def test_the_pictures_of_the_pages_are_those_of_make_screenshots() -> None:
    pages = [ROOT / "README.md", ROOT / "simulators/line/README.md"]
    shown = {name for page in pages for name in re.findall(r"docs/images/([\w.-]+)", page.read_text("utf-8"))}

    assert shown == {path.name for path in (ROOT / "docs/images").iterdir()}
