"""The page without a mouse, on a small screen, in the dark, and without motion."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.line import Line
from tests.browser.phone import AKI, BEN, Phone, lies_within
from tests.browser.shown_messages import example
from tools.sample_bot import SampleBot

FOCUSED = """() => {
    const { activeElement: element } = document;
    const style = getComputedStyle(element);
    return [
        element.getAttribute("aria-label") || element.labels?.[0]?.textContent.trim() || element.textContent.trim(),
        style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
    ];
}"""


def test_tab_reaches_every_control_in_order_with_a_name_and_a_visible_focus(phone: Phone, line: Line) -> None:
    line.push(AKI, {"type": "text", "text": "Hello https://example.com/"})
    expect(phone.messages).to_have_count(1)
    phone.evaluate("document.activeElement.blur()")

    reached = []
    for _ in range(14):
        phone.page.keyboard.press("Tab")
        reached.append(phone.evaluate(FOCUSED))

    assert reached == [
        ["Skip to the message field", True],
        ["New person", True],
        ["AAkifriend", True],
        ["Block the account", True],
        ["Conversation", True],
        ["https://example.com/", True],
        ["push", True],
        ["Send a sticker", True],
        ["Send a picture", True],
        ["Send a place", True],
        ["Message", True],
        ["Send", True],
        ["Refused only", True],
        [reached[-1][0], True],
    ]
    assert "/v2/bot/message/push" in reached[-1][0]


def test_a_conversation_needs_no_mouse(phone: Phone, line: Line, bot: SampleBot) -> None:
    keyboard = phone.page.keyboard
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(phone.field("Message")).to_be_focused()
    keyboard.type("Hello")
    keyboard.press("Enter")
    assert bot.events.get(timeout=10)["message"]["text"] == "Hello"

    line.push(AKI, example("bubble", bot))
    expect(phone.messages).to_have_count(1)
    phone.field("Message").press("Shift+Tab")
    phone.button("Keep").focus()
    keyboard.press("Space")

    assert bot.events.get(timeout=10)["postback"] == {"data": "keep"}


def test_trays_open_and_close_by_keyboard(phone: Phone, bot: SampleBot) -> None:
    opener = phone.button("Send a sticker")
    opener.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    expect(phone.button("Sticker 446/1988")).to_be_focused()

    phone.page.keyboard.press("Escape")
    expect(phone.page.get_by_role("group", name="Stickers")).to_be_hidden()
    expect(opener).to_be_focused()

    opener.press("Enter")
    phone.page.keyboard.press("Enter")
    assert bot.events.get(timeout=10)["message"]["stickerId"] == "1988"
    expect(phone.field("Message")).to_be_focused()


def test_people_are_chosen_with_the_arrow_keys(phone: Phone, line: Line) -> None:
    line.person(BEN, "Ben")
    expect(phone.page.locator("#people-list li")).to_have_count(2)

    phone.page.get_by_role("button", name="Aki").press("ArrowDown")
    phone.page.keyboard.press("Enter")

    expect(phone.page.get_by_role("heading", name="Ben’s phone")).to_be_visible()
    expect(phone.page.get_by_role("button", name="Ben")).to_be_focused()
    expect(phone.page.get_by_role("button", name="Ben")).to_have_attribute("aria-current", "true")


def test_a_dialog_is_answered_by_enter_and_left_by_escape(phone: Phone, bot: SampleBot) -> None:
    phone.button("New person").press("Enter")
    expect(phone.page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    phone.page.keyboard.press("Escape")
    expect(phone.button("New person")).to_be_focused()

    phone.page.keyboard.press("Enter")
    expect(phone.page.get_by_role("dialog").get_by_label("Name")).to_be_focused()
    phone.page.keyboard.type("Dai")
    expect(phone.page.get_by_role("dialog").get_by_label("Name")).to_have_value("Dai")
    phone.page.keyboard.press("Enter")

    assert bot.events.get(timeout=10)["type"] == "follow"
    expect(phone.page.get_by_role("heading", name="Dai’s phone")).to_be_visible()


@pytest.fixture
def narrow(phone: Phone) -> Phone:
    phone.page.set_viewport_size({"width": 360, "height": 720})
    return phone


def tab(phone: Phone, name: str) -> Locator:
    return phone.page.get_by_role("tab", name=name)


def panels(page: Page) -> list[str]:
    ids: list[str] = page.locator("main > section:visible").evaluate_all("(panels) => panels.map((each) => each.id)")
    return ids


def fits(page: Page) -> Any:
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_on_a_narrow_screen_panels_are_tabs(narrow: Phone) -> None:
    page = narrow.page
    expect(tab(narrow, "Chat")).to_have_attribute("aria-selected", "true")
    assert panels(page) == ["chat"]

    tab(narrow, "Chat").press("ArrowRight")
    expect(tab(narrow, "Requests")).to_be_focused()
    assert panels(page) == ["requests"]
    assert fits(page)

    page.keyboard.press("ArrowRight")
    assert panels(page) == ["people"]
    expect(page.get_by_role("tabpanel", name="People")).to_be_visible()
    assert fits(page)

    page.get_by_role("button", name="Aki").click()
    assert panels(page) == ["chat"]


def test_on_a_wide_screen_all_panels_stand_side_by_side(phone: Phone) -> None:
    assert panels(phone.page) == ["people", "chat", "requests"]
    expect(phone.page.get_by_role("tablist")).to_be_hidden()
    assert fits(phone.page)


def test_messages_fit_at_any_width(phone: Phone, line: Line, bot: SampleBot) -> None:
    long = {"type": "text", "text": "long" * 60 + " https://example.com/" + "a" * 200}
    giga = example("bubble", bot)
    giga["contents"]["size"] = "giga"

    line.push(AKI, long, giga, example("flex_carousel", bot), example("imagemap", bot))

    expect(phone.messages).to_have_count(4)
    for width in (320, 360, 760, 900, 1080):
        phone.page.set_viewport_size({"width": width, "height": 720})
        assert fits(phone.page), width
        for number in range(4):
            assert lies_within(phone.messages.nth(number).locator("[data-type]"), phone.page.locator("#log")), width
        expect(phone.field("Message")).to_be_in_viewport()
        expect(phone.button("Send")).to_be_in_viewport()


def test_a_message_leads_to_its_request_on_a_narrow_screen_too(narrow: Phone, line: Line) -> None:
    line.push(AKI, {"type": "text", "text": "Hello"})

    narrow.messages.first.get_by_role("button", name="push").click()

    assert panels(narrow.page) == ["requests"]


def test_dark_and_light_are_different_and_flex_stays_on_white(phone: Phone, line: Line, bot: SampleBot) -> None:
    line.push(AKI, example("bubble", bot))
    background = "() => getComputedStyle(document.body).backgroundColor"

    phone.page.emulate_media(color_scheme="light")
    light = phone.evaluate(background)
    phone.page.emulate_media(color_scheme="dark")

    assert phone.evaluate(background) != light
    expect(phone.page.locator(".flex-bubble")).to_have_css("background-color", "rgb(255, 255, 255)")


def test_the_page_stands_still_for_a_person_who_wants_no_motion(phone: Phone) -> None:
    phone.page.emulate_media(reduced_motion="reduce")

    moving = phone.evaluate(
        """[...document.querySelectorAll("*")].filter((element) => {
            const { transitionDuration, animationName, scrollBehavior } = getComputedStyle(element);
            return transitionDuration !== "0s" || animationName !== "none" || scrollBehavior !== "auto";
        }).length"""
    )

    assert moving == 0
