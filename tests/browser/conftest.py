"""A real browser with the simulated platform. Skipped when no browser is installed; `tools.browser` says why."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.line import Line, running_line
from tests.browser.phone import AKI, Phone
from tools import browser, sample_bot
from tools.sample_bot import SampleBot

PATIENCE_MS = 20_000
"""For a page on a busy machine. An element that is there at once needs no waiting."""

# Every fixture ends with this folder: while playwright runs, no other test could start an event loop.


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    if reason := browser.missing():
        pytest.skip(reason)
    expect.set_options(timeout=PATIENCE_MS)
    with browser.opened() as opened:
        yield opened


@pytest.fixture(scope="package")
def the_bot() -> Iterator[SampleBot]:
    with sample_bot.running() as running:
        yield running


@pytest.fixture(scope="package")
def the_line() -> Iterator[Line]:
    with running_line() as running:
        yield running


@pytest.fixture
def bot(the_bot: SampleBot) -> SampleBot:
    return the_bot


@pytest.fixture
def line(the_line: Line, bot: SampleBot) -> Line:
    the_line.begin_anew(bot)
    return the_line


@pytest.fixture(scope="package")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        viewport={"width": 1400, "height": 900},
        locale="en-GB",
        timezone_id="Asia/Tokyo",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def new_phone(context: BrowserContext, line: Line) -> Iterator[Callable[[], Phone]]:
    """Makes pages that must not complain, not even of a breach of their content security policy."""
    phones: list[Phone] = []

    def make() -> Phone:
        phones.append(Phone(context.new_page(), line.url))
        return phones[-1]

    yield make
    for phone in phones:
        phone.page.close()
    assert [phone.errors for phone in phones] == [[] for _ in phones]


@pytest.fixture
def phone(new_phone: Callable[[], Phone], line: Line, bot: SampleBot) -> Phone:
    """Aki's. She is a friend, and the bot has received her follow event."""
    line.person(AKI, "Aki")
    assert bot.events.get(timeout=10)["type"] == "follow"
    phone = new_phone()
    phone.open(AKI)
    return phone
