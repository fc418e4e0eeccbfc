"""Every type of message, pushed by the Messaging API, as a person then sees it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.line import Line
from tests.browser.phone import AKI, Phone, has_loaded
from tests.browser.shown_messages import example
from tests.cases.line_messages import EXAMPLES, PAGE
from tools.sample_bot import SampleBot


def see_text(shown: Locator) -> None:
    expect(shown.locator(".text")).to_have_text("Two lines 🍅\n二行目 https://example.com/a?b=1. <b>plain</b>")
    expect(shown.locator(".text")).to_have_css("white-space", "pre-wrap")
    expect(shown.get_by_role("link")).to_have_text("https://example.com/a?b=1")
    expect(shown.get_by_role("link")).to_have_attribute("href", "https://example.com/a?b=1")
    expect(shown.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer")


def see_text_with_emoji(shown: Locator) -> None:
    expect(shown.get_by_role("img", name="LINE emoji 5ac1bfd5040ab15980c9b435/001")).to_have_count(2)
    expect(shown.locator(".text")).to_have_text("👋☺ and ☺")


def see_text_v2(shown: Locator) -> None:
    expect(shown.locator(".text")).to_have_text("Hi @Aki, {braces} ☺ @All")


def see_image(shown: Locator) -> None:
    has_loaded(shown.get_by_role("button", name="Picture, enlarge").locator("img"))
    shown.get_by_role("button", name="Picture, enlarge").click()
    viewer = shown.page.get_by_role("dialog", name="Picture")
    has_loaded(viewer.locator("img"))
    viewer.get_by_role("button", name="Close").click()
    expect(viewer).to_be_hidden()


def see_video(shown: Locator) -> None:
    expect(shown.locator("video")).to_have_js_property("paused", True)
    shown.get_by_role("button", name="Play the film").click()
    until_it_moves(shown.locator("video"))


def see_audio(shown: Locator) -> None:
    expect(shown.locator(".length")).to_have_text("1:05")
    shown.get_by_role("button", name="Play the sound, 1:05").click()
    until_it_moves(shown.locator("audio"))
    shown.get_by_role("button", name="Pause the sound").click()
    expect(shown.locator("audio")).to_have_js_property("paused", True)


def see_sticker(shown: Locator) -> None:
    expect(shown.get_by_role("img", name="Sticker 446/1988")).to_be_visible()


def see_location(shown: Locator) -> None:
    expect(shown.get_by_role("link")).to_contain_text("Here1 Chiyoda35.67966, 139.00000")
    expect(shown.get_by_role("link")).to_have_attribute(
        "href", r"https://www.openstreetmap.org/?mlat=35.67966&mlon=139#map=17/35.67966/139"
    )


def see_coupon(shown: Locator) -> None:
    expect(shown.locator(".coupon")).to_have_text("Coupon01JYNW8JMQVFBNWF1APF8Z3FS72026_winter")


def see_imagemap(shown: Locator) -> None:
    has_loaded(shown.get_by_role("img", name="A street"))
    left = shown.get_by_role("button", name="The left house")
    right = shown.get_by_role("link", name="Open https://example.com/right")
    whole, one, other = (each.bounding_box() for each in (shown.locator(".imagemap"), left, right))
    assert whole
    assert one
    assert other
    assert one["width"] == pytest.approx(whole["width"] / 2, abs=1)
    assert other["x"] == pytest.approx(whole["x"] + whole["width"] / 2, abs=1)
    assert one["y"] == pytest.approx(whole["y"] + whole["height"] * 300 / 585, abs=1)
    expect(shown.get_by_role("link", name="See more")).to_be_hidden()
    shown.locator("video").dispatch_event("ended")
    expect(shown.get_by_role("link", name="See more")).to_be_visible()


def see_buttons(shown: Locator) -> None:
    expect(shown.locator(".card-words")).to_have_text("MenuPlease choose")
    expect(shown.locator("img.card-image")).to_have_css("aspect-ratio", "1 / 1")
    has_loaded(shown.locator("img.card-image"))
    expect(shown.get_by_role("link", name="All of it")).to_have_attribute("href", "http://example.com/all")
    expect(shown.get_by_role("button", name="Buy")).to_be_visible()
    expect(shown.get_by_role("link", name="Call")).to_have_attribute("href", "tel:09001234567")


def see_confirm(shown: Locator) -> None:
    expect(shown.locator(".card-text")).to_have_text("Sure?")
    expect(shown.locator(".card-actions button")).to_have_text(["Yes", "No"])


def see_carousel(shown: Locator) -> None:
    cards = shown.get_by_role("list", name="3 cards")
    expect(cards.locator(".card strong")).to_have_text(["one", "two", "three"])
    cards.get_by_role("button", name="Take three").scroll_into_view_if_needed()
    expect(cards.get_by_role("button", name="Take three")).to_be_in_viewport()


def see_image_carousel(shown: Locator) -> None:
    has_loaded(shown.get_by_role("button", name="Sea").locator("img"))
    has_loaded(shown.get_by_role("link", name=f"Open {PAGE}").locator("img"))


def see_bubble(shown: Locator) -> None:
    card = shown.get_by_role("group", name="A bubble")
    expect(card).to_have_css("width", "260px")
    expect(card.locator(".flex-header")).to_have_css("background-color", "rgb(0, 0, 255)")
    expect(card.locator(".flex-header")).to_have_text("Header")
    has_loaded(card.locator(".flex-hero img"))
    expect(card.locator(".flex-hero img")).to_have_css("aspect-ratio", "20 / 13")
    title = card.get_by_text("A title")
    expect(title).to_have_css("font-weight", "700")
    expect(title).to_have_css("color", "rgb(170, 0, 0)")
    expect(title).to_have_css("font-size", "22px")
    expect(card.get_by_text("plain bold").locator("span", has_text="bold").last).to_have_css("font-weight", "700")
    expect(card.locator("hr")).to_have_css("margin-top", "12px")
    has_loaded(card.locator("img.flex-icon"))
    one, three = (card.get_by_text(word, exact=True).locator("..").bounding_box() for word in ("one", "three"))
    assert one
    assert three
    assert three["width"] == pytest.approx(3 * one["width"], rel=0.05)
    box = card.locator(".flex-body .covered")
    expect(box).to_have_css("background-color", "rgba(0, 255, 0, 0.5)")
    expect(box).to_have_css("padding", "12px")
    expect(box.get_by_role("button", name="The box")).to_be_visible()
    expect(box.locator(".flex-image > div")).to_have_css("width", "60px")
    expect(card.get_by_role("button", name="Keep")).to_have_css("background-color", "rgb(17, 34, 51)")
    expect(card.get_by_role("link", name="See")).to_have_attribute("href", PAGE)


def see_flex_carousel(shown: Locator) -> None:
    expect(shown.get_by_role("list", name="Bubbles").locator(".flex-bubble")).to_have_count(3)


def see_flex_with_film(shown: Locator) -> None:
    shown.get_by_role("button", name="Play the film").click()
    until_it_moves(shown.locator("video"))


def see_with_quick_reply(shown: Locator) -> None:
    expect(shown.locator(".sender")).to_have_text("Cony")
    has_loaded(shown.locator(".avatar img"))
    replies = shown.page.get_by_role("list", name="Quick replies").get_by_role("button")
    expect(replies).to_have_text(["Send photo", "Camera", "Place", "Yes"])


def until_it_moves(media: Locator) -> None:
    media.evaluate(
        """(media) => new Promise((resolve) => {
            const check = () => media.currentTime > 0 && resolve();
            media.addEventListener("timeupdate", check);
            check();
        })"""
    )


CHECKS: dict[str, Callable[[Locator], None]] = {
    check.__name__.removeprefix("see_"): check
    for check in (
        see_text,
        see_text_with_emoji,
        see_text_v2,
        see_image,
        see_video,
        see_audio,
        see_sticker,
        see_location,
        see_coupon,
        see_imagemap,
        see_buttons,
        see_confirm,
        see_carousel,
        see_image_carousel,
        see_bubble,
        see_flex_carousel,
        see_flex_with_film,
        see_with_quick_reply,
    )
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_message_is_shown_as_it_comes_in(phone: Phone, line: Line, bot: SampleBot, name: str) -> None:
    line.push(AKI, example(name, bot))

    expect(phone.messages).to_have_count(1)
    expect(phone.page.locator(".unknown")).to_have_count(0)
    CHECKS[name](phone.last)


def test_a_picture_that_cannot_be_loaded_says_so(phone: Phone, line: Line, bot: SampleBot) -> None:
    gone = f"{bot.url}/gone.jpg"

    line.push(AKI, {"type": "image", "originalContentUrl": gone, "previewImageUrl": gone})

    expect(phone.last.get_by_role("img", name=f"Picture: {gone} cannot be loaded")).to_be_visible()


def test_a_sound_that_cannot_be_played_says_so(phone: Phone, line: Line, bot: SampleBot) -> None:
    line.push(AKI, {"type": "audio", "originalContentUrl": f"{bot.url}/gone.mp3", "duration": 1000})

    phone.last.get_by_role("button", name="Play the sound, 0:01").click()

    expect(phone.last).to_contain_text("cannot be played")


def test_a_screen_reader_announces_new_messages(phone: Phone, line: Line, bot: SampleBot) -> None:
    line.push(AKI, {"type": "text", "text": "Hello"}, example("audio", bot), example("bubble", bot))

    expect(phone.page.locator("[aria-live=polite]#announcer")).to_have_text(
        "Simulated LINE Official Account: Hello. Simulated LINE Official Account: a sound of 1:05. "
        "Simulated LINE Official Account: A bubble"
    )


def test_both_sides_stand_in_order_with_their_times_also_after_a_reload(phone: Phone, line: Line) -> None:
    line.push(AKI, {"type": "text", "text": "First"})
    line.write(AKI, "Second")
    line.push(AKI, {"type": "text", "text": "Third"})
    texts = ["Aki added the account", "First", "Second", "Third"]
    entries = phone.page.locator("#entries li:is(.entry, .note)")

    expect(entries).to_contain_text(texts)
    phone.page.reload()
    phone.until_live()

    expect(entries).to_contain_text(texts)
    expect(entries.locator("time")).to_have_count(4)
    expect(phone.page.locator("#entries .day")).to_have_count(1)


def test_of_a_long_chat_the_last_messages_are_shown_and_the_earlier_ones_on_demand(phone: Phone, line: Line) -> None:
    for number in range(1, 15):
        line.push(AKI, *({"type": "text", "text": f"{number}.{part}"} for part in range(1, 6)))
    phone.page.reload()
    phone.until_live()

    expect(phone.messages).to_have_count(60)
    expect(phone.messages.last).to_be_in_viewport()
    phone.button("Earlier messages").click()

    expect(phone.messages).to_have_count(70)
    expect(phone.messages.first).to_contain_text("1.1")
    expect(phone.button("Earlier messages")).to_be_hidden()
