"""The pages of the push API in a browser: they load everything from the API, and a key opens a call."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.api import KEY, RunningApi, running_api
from tests.fakes.line import text
from tests.rigs.push_service import USER


@pytest.fixture
def api(tmp_path: Path) -> Iterator[RunningApi]:
    with running_api(tmp_path / "pages") as running:
        yield running


@pytest.fixture
def page(context: BrowserContext, api: RunningApi) -> Iterator[Page]:
    """A page that must not complain, and must not call another server."""
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url.removeprefix("blob:")))
    yield page
    page.close()
    assert complaints == []
    origin = api.url.removesuffix("/prod")
    assert [url for url in asked if not url.startswith((api.url, f"{origin}/", "data:"))] == []


def test_a_push_is_tried_with_a_key(page: Page, api: RunningApi) -> None:
    page.goto(f"{api.url}/docs")

    page.get_by_role("button", name="Authorize").first.click()
    page.get_by_label("Value:").fill(KEY)
    page.get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close").first.click()
    operation = page.locator("#operations-Push-push_text")
    operation.locator("button.opblock-summary-control").click()
    operation.locator("tr[data-param-name=user_id] input").fill(USER)
    operation.locator("textarea").fill('{"text": "From the page"}')
    operation.get_by_role("button", name="Execute").click()

    expect(operation.locator(".live-responses-table")).to_contain_text("sentMessages")
    assert api.service.sent() == [text("From the page")]


def test_redoc_shows_every_route(page: Page, api: RunningApi) -> None:
    page.goto(f"{api.url}/redoc")

    for summary in ("Push a text", "Push words as a voice message", "Ask where to upload a file"):
        expect(page.get_by_role("heading", name=summary)).to_be_visible()
