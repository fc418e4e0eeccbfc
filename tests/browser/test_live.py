"""What happens while the page is connected, and while it is not."""

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from simulators.line.announcements import REMEMBERED
from tests.browser.line import Line, running_line
from tests.browser.phone import AKI, BEN, Phone
from tests.browser.wire import Wire, wire_to


@pytest.fixture
def wire(line: Line) -> Iterator[Wire]:
    with wire_to(line.url) as wire:
        yield wire


@pytest.fixture
def far_phone(context: BrowserContext, line: Line, wire: Wire) -> Iterator[Phone]:
    """Aki's, at the end of a wire."""
    line.person(AKI, "Aki")
    page: Page = context.new_page()
    phone = Phone(page, wire.url)
    phone.open(AKI)
    line.push(AKI, text("Before"))
    expect(phone.messages).to_have_count(1)
    yield phone
    page.close()


def text(words: str) -> dict[str, str]:
    return {"type": "text", "text": words}


def bodies(phone: Phone) -> list[str]:
    return phone.messages.locator(".text").all_inner_texts()


def mark(phone: Phone) -> None:
    """Marks the first message, so that it differs from one that is drawn anew."""
    phone.messages.first.evaluate("(item) => item.dataset.seen = 'yes'")


def test_a_page_that_was_cut_off_catches_up_with_what_it_missed(far_phone: Phone, line: Line, wire: Wire) -> None:
    mark(far_phone)
    wire.cut()
    expect(far_phone.page.locator("#live")).to_have_text("Reconnecting…")
    line.push(AKI, text("Meanwhile"), text("and more"))
    line.person(BEN, "Ben")

    wire.mend()

    far_phone.until_live()
    expect(far_phone.messages).to_contain_text(["Before", "Meanwhile", "and more"])
    expect(far_phone.messages.first).to_have_attribute("data-seen", "yes")
    expect(far_phone.page.get_by_role("button", name="Ben")).to_be_visible()
    line.push(AKI, text("After"))
    expect(far_phone.messages).to_have_count(4)
    assert bodies(far_phone) == ["Before", "Meanwhile", "and more", "After"]


def test_a_page_that_missed_too_much_draws_everything_anew(far_phone: Phone, line: Line, wire: Wire) -> None:
    mark(far_phone)
    wire.cut()
    expect(far_phone.page.locator("#live")).to_have_text("Reconnecting…")
    line.push(AKI, text("Meanwhile"))
    for _ in range(REMEMBERED):
        line.api("GET", "/message/quota")

    wire.mend()

    far_phone.until_live()
    expect(far_phone.messages).to_contain_text(["Before", "Meanwhile"])
    expect(far_phone.messages.first).not_to_have_attribute("data-seen", "yes")
    expect(far_phone.page.locator("#request-list li")).to_have_count(100)


def test_another_run_of_the_platform_replaces_the_first(context: BrowserContext) -> None:
    with running_line() as line:
        port = urlsplit(line.url).port
        assert port
        line.person(AKI, "Aki")
        page = context.new_page()
        phone = Phone(page, line.url)
        phone.open(AKI)
        line.push(AKI, text("Hello"))
        expect(phone.messages).to_have_count(1)
    expect(page.locator("#live")).to_have_text("Reconnecting…")

    with running_line(port) as line:
        line.person(BEN, "Ben")
        expect(page.get_by_role("heading", name="Ben’s phone")).to_be_visible()
        expect(phone.messages).to_have_count(0)
        expect(page.locator("#people-list li")).to_have_count(1)
        page.close()


def test_a_reset_of_the_platform_empties_the_page(phone: Phone, line: Line) -> None:
    line.push(AKI, text("Hello"))
    expect(phone.messages).to_have_count(1)

    line.call("POST", "/reset")

    expect(phone.page.get_by_role("heading", name="No phone yet")).to_be_visible()
    expect(phone.messages).to_have_count(0)
    expect(phone.page.locator("#chat-hint")).to_contain_text("Create a person")
    expect(phone.page.locator("#people-hint")).to_contain_text("No people yet")


def test_two_pages_show_the_same(phone: Phone, new_phone: Callable[[], Phone]) -> None:
    other = new_phone()
    other.open(AKI)

    phone.field("Message").fill("Hello")
    phone.button("Send").click()

    for each in (phone, other):
        expect(each.written.locator(".text")).to_have_text("Hello")


def test_a_person_can_be_linked_to(phone: Phone, line: Line, new_phone: Callable[[], Phone]) -> None:
    line.person(BEN, "Ben")

    other = new_phone()
    other.open(BEN)

    expect(other.page.get_by_role("heading", name="Ben’s phone")).to_be_visible()


def test_a_search_for_part_of_a_name_lists_that_person(phone: Phone, line: Line) -> None:
    for number in range(10):
        line.person(f"U{number:032x}", f"Person {number}", follows=False)

    phone.page.get_by_role("searchbox", name="Find a person").fill("son 7")

    expect(phone.page.locator("#people-list li")).to_have_count(1)
    expect(phone.page.locator("#people-list li")).to_contain_text("Person 7")
