"""Every type of message, pushed by the Messaging API, and what a person then sees."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.line import Line
from tests.browser.phone import AKI, Phone, has_loaded
from tests.simulators.line.message_examples import EXAMPLES
from tools.sample_bot import SampleBot

Json = dict[str, Any]

EMOJI = {"productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}


@dataclass(frozen=True)
class Shown:
    """A message, and what has to stand in the chat for it."""

    message: Callable[[SampleBot], Json]
    check: Callable[[Locator], None]


def text(_: SampleBot) -> Json:
    return {"type": "text", "text": "Two lines 🍅\n二行目 https://example.com/a?b=1. <b>plain</b>"}


def see_text(shown: Locator) -> None:
    expect(shown.locator(".text")).to_have_text("Two lines 🍅\n二行目 https://example.com/a?b=1. <b>plain</b>")
    expect(shown.locator(".text")).to_have_css("white-space", "pre-wrap")
    expect(shown.get_by_role("link")).to_have_text("https://example.com/a?b=1")
    expect(shown.get_by_role("link")).to_have_attribute("href", "https://example.com/a?b=1")
    expect(shown.get_by_role("link")).to_have_attribute("rel", "noopener noreferrer")


def text_with_emoji(_: SampleBot) -> Json:
    return {"type": "text", "text": "👋$ and $", "emojis": [{"index": 8, **EMOJI}, {"index": 2, **EMOJI}]}


def see_emoji(shown: Locator) -> None:
    expect(shown.get_by_role("img", name=f"LINE emoji {EMOJI['productId']}/001")).to_have_count(2)
    expect(shown.locator(".text")).to_have_text("👋☺ and ☺")


def text_v2(_: SampleBot) -> Json:
    return {
        "type": "textV2",
        "text": "Hi {you}, {{braces}} {smile} {everyone}",
        "substitution": {
            "you": {"type": "mention", "mentionee": {"type": "user", "userId": AKI}},
            "everyone": {"type": "mention", "mentionee": {"type": "all"}},
            "smile": {"type": "emoji", **EMOJI},
        },
    }


def see_text_v2(shown: Locator) -> None:
    expect(shown.locator(".text")).to_have_text("Hi @Aki, {braces} ☺ @All")


def image(bot: SampleBot) -> Json:
    return {"type": "image", "originalContentUrl": bot.image, "previewImageUrl": bot.image}


def see_image(shown: Locator) -> None:
    has_loaded(shown.get_by_role("button", name="Picture, enlarge").locator("img"))
    shown.get_by_role("button", name="Picture, enlarge").click()
    viewer = shown.page.get_by_role("dialog", name="Picture")
    has_loaded(viewer.locator("img"))
    viewer.get_by_role("button", name="Close").click()
    expect(viewer).to_be_hidden()


def video(bot: SampleBot) -> Json:
    return {"type": "video", "originalContentUrl": bot.video, "previewImageUrl": bot.image}


def see_video(shown: Locator) -> None:
    expect(shown.locator("video")).to_have_js_property("paused", True)
    shown.get_by_role("button", name="Play the film").click()
    until_it_moves(shown.locator("video"))


def audio(bot: SampleBot) -> Json:
    return {"type": "audio", "originalContentUrl": bot.audio, "duration": 65_000}


def see_audio(shown: Locator) -> None:
    expect(shown.locator(".length")).to_have_text("1:05")
    shown.get_by_role("button", name="Play the sound, 1:05").click()
    until_it_moves(shown.locator("audio"))
    shown.get_by_role("button", name="Pause the sound").click()
    expect(shown.locator("audio")).to_have_js_property("paused", True)


def until_it_moves(media: Locator) -> None:
    media.evaluate(
        """(media) => new Promise((resolve) => {
            const check = () => media.currentTime > 0 && resolve();
            media.addEventListener("timeupdate", check);
            check();
        })"""
    )


def sticker(_: SampleBot) -> Json:
    return {"type": "sticker", "packageId": "446", "stickerId": "1988"}


def see_sticker(shown: Locator) -> None:
    expect(shown.get_by_role("img", name="Sticker 446/1988")).to_be_visible()


def location(_: SampleBot) -> Json:
    return {"type": "location", "title": "Here", "address": "1 Chiyoda", "latitude": 35.67966, "longitude": 139.0}


def see_location(shown: Locator) -> None:
    expect(shown.get_by_role("link")).to_contain_text("Here1 Chiyoda35.67966, 139.00000")
    expect(shown.get_by_role("link")).to_have_attribute(
        "href", r"https://www.openstreetmap.org/?mlat=35.67966&mlon=139#map=17/35.67966/139"
    )


def coupon(_: SampleBot) -> Json:
    return {"type": "coupon", "couponId": "01JYNW8JMQVFBNWF1APF8Z3FS7", "deliveryTag": "winter"}


def see_coupon(shown: Locator) -> None:
    expect(shown.locator(".coupon")).to_have_text("Coupon01JYNW8JMQVFBNWF1APF8Z3FS7winter")


def imagemap(bot: SampleBot) -> Json:
    def area(x: int) -> Json:
        return {"x": x, "y": 300, "width": 520, "height": 285}

    film = {
        "originalContentUrl": bot.video,
        "previewImageUrl": bot.image,
        "area": {"x": 0, "y": 0, "width": 1040, "height": 300},
        "externalLink": {"linkUri": "https://example.com/more", "label": "See more"},
    }
    return {
        "type": "imagemap",
        "baseUrl": bot.imagemap,
        "altText": "A street",
        "baseSize": {"width": 1040, "height": 585},
        "video": film,
        "actions": [
            {"type": "message", "text": "left", "label": "The left house", "area": area(0)},
            {"type": "uri", "linkUri": "https://example.com/right", "area": area(520)},
        ],
    }


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


def buttons(bot: SampleBot) -> Json:
    template = {
        "type": "buttons",
        "thumbnailImageUrl": bot.image,
        "imageAspectRatio": "square",
        "title": "Menu",
        "text": "Please choose",
        "defaultAction": {"type": "uri", "label": "All of it", "uri": "https://example.com/all"},
        "actions": [
            {"type": "postback", "label": "Buy", "data": "buy"},
            {"type": "uri", "label": "Call", "uri": "tel:09001234567"},
        ],
    }
    return {"type": "template", "altText": "Menu", "template": template}


def see_buttons(shown: Locator) -> None:
    expect(shown.locator(".card-words")).to_have_text("MenuPlease choose")
    expect(shown.locator("img.card-image")).to_have_css("aspect-ratio", "1 / 1")
    has_loaded(shown.locator("img.card-image"))
    expect(shown.get_by_role("link", name="All of it")).to_have_attribute("href", "https://example.com/all")
    expect(shown.get_by_role("button", name="Buy")).to_be_visible()
    expect(shown.get_by_role("link", name="Call")).to_have_attribute("href", "tel:09001234567")


def confirm(_: SampleBot) -> Json:
    yes, no = ({"type": "message", "label": word, "text": word} for word in ("Yes", "No"))
    return {
        "type": "template",
        "altText": "Sure?",
        "template": {"type": "confirm", "text": "Sure?", "actions": [yes, no]},
    }


def see_confirm(shown: Locator) -> None:
    expect(shown.locator(".card-text")).to_have_text("Sure?")
    expect(shown.locator(".card-actions button")).to_have_text(["Yes", "No"])


def carousel(bot: SampleBot) -> Json:
    columns = [
        {
            "thumbnailImageUrl": bot.image,
            "title": title,
            "text": f"About {title}",
            "actions": [{"type": "postback", "label": f"Take {title}", "data": title}],
        }
        for title in ("one", "two", "three")
    ]
    return {"type": "template", "altText": "Choices", "template": {"type": "carousel", "columns": columns}}


def see_carousel(shown: Locator) -> None:
    cards = shown.get_by_role("list", name="3 cards")
    expect(cards.locator(".card strong")).to_have_text(["one", "two", "three"])
    cards.get_by_role("button", name="Take three").scroll_into_view_if_needed()
    expect(cards.get_by_role("button", name="Take three")).to_be_in_viewport()


def image_carousel(bot: SampleBot) -> Json:
    columns = [
        {"imageUrl": bot.image, "action": {"type": "message", "label": label, "text": label}}
        for label in ("Sea", "Hill")
    ]
    return {"type": "template", "altText": "Views", "template": {"type": "image_carousel", "columns": columns}}


def see_image_carousel(shown: Locator) -> None:
    for label in ("Sea", "Hill"):
        has_loaded(shown.get_by_role("button", name=label).locator("img"))


def bubble(bot: SampleBot) -> Json:
    postback = {"type": "postback", "label": "Keep", "data": "keep"}
    body = [
        {"type": "text", "text": "A title", "weight": "bold", "size": "xl", "color": "#aa0000"},
        {
            "type": "text",
            "contents": [{"type": "span", "text": "plain "}, {"type": "span", "text": "bold", "weight": "bold"}],
        },
        {"type": "separator", "margin": "lg"},
        {
            "type": "box",
            "layout": "baseline",
            "margin": "lg",
            "contents": [
                {"type": "icon", "url": bot.image, "size": "sm"},
                {"type": "text", "text": "one", "flex": 1},
                {"type": "text", "text": "three", "flex": 3},
            ],
        },
        {
            "type": "box",
            "layout": "vertical",
            "backgroundColor": "#00ff0080",
            "cornerRadius": "md",
            "paddingAll": "lg",
            "action": {"type": "message", "label": "The box", "text": "box"},
            "contents": [{"type": "text", "text": "in a box"}, {"type": "image", "url": bot.image, "size": "xs"}],
        },
    ]
    contents = {
        "type": "bubble",
        "size": "kilo",
        "styles": {"header": {"backgroundColor": "#0000ff"}, "footer": {"separator": True}},
        "header": {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": "Header"}]},
        "hero": {"type": "image", "url": bot.image, "size": "full", "aspectRatio": "20:13", "aspectMode": "cover"},
        "body": {"type": "box", "layout": "vertical", "contents": body},
        "footer": {
            "type": "box",
            "layout": "horizontal",
            "contents": [
                {"type": "button", "style": "primary", "color": "#112233", "action": postback},
                {"type": "button", "action": {"type": "uri", "label": "See", "uri": "https://example.com/"}},
            ],
        },
    }
    return {"type": "flex", "altText": "A bubble", "contents": contents}


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
    expect(card.get_by_role("link", name="See")).to_have_attribute("href", "https://example.com/")


def flex_carousel(bot: SampleBot) -> Json:
    bubbles = [bubble(bot)["contents"] for _ in range(3)]
    return {"type": "flex", "altText": "Bubbles", "contents": {"type": "carousel", "contents": bubbles}}


def see_flex_carousel(shown: Locator) -> None:
    expect(shown.get_by_role("list", name="Bubbles").locator(".flex-bubble")).to_have_count(3)


def flex_with_film(bot: SampleBot) -> Json:
    hero = {
        "type": "video",
        "url": bot.video,
        "previewUrl": bot.image,
        "altContent": {"type": "image", "url": bot.image},
        "aspectRatio": "16:9",
    }
    body = {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": "A film"}]}
    return {"type": "flex", "altText": "A film", "contents": {"type": "bubble", "hero": hero, "body": body}}


def see_flex_with_film(shown: Locator) -> None:
    shown.get_by_role("button", name="Play the film").click()
    until_it_moves(shown.locator("video"))


def from_another_sender(bot: SampleBot) -> Json:
    return {"type": "text", "text": "Hello", "sender": {"name": "Cony", "iconUrl": bot.image}}


def see_sender(shown: Locator) -> None:
    expect(shown.locator(".sender")).to_have_text("Cony")
    has_loaded(shown.locator(".avatar img"))


SHOWN = {
    "text": Shown(text, see_text),
    "text with LINE emoji": Shown(text_with_emoji, see_emoji),
    "textV2": Shown(text_v2, see_text_v2),
    "image": Shown(image, see_image),
    "video": Shown(video, see_video),
    "audio": Shown(audio, see_audio),
    "sticker": Shown(sticker, see_sticker),
    "location": Shown(location, see_location),
    "coupon": Shown(coupon, see_coupon),
    "imagemap": Shown(imagemap, see_imagemap),
    "buttons": Shown(buttons, see_buttons),
    "confirm": Shown(confirm, see_confirm),
    "carousel": Shown(carousel, see_carousel),
    "image carousel": Shown(image_carousel, see_image_carousel),
    "flex": Shown(bubble, see_bubble),
    "flex carousel": Shown(flex_carousel, see_flex_carousel),
    "flex with a film": Shown(flex_with_film, see_flex_with_film),
    "sender": Shown(from_another_sender, see_sender),
}


@pytest.mark.parametrize("name", SHOWN)
def test_a_message_is_shown_as_it_comes_in(phone: Phone, line: Line, bot: SampleBot, name: str) -> None:
    shown = SHOWN[name]

    line.push(AKI, shown.message(bot))

    expect(phone.messages).to_have_count(1)
    shown.check(phone.last)


def test_no_message_that_line_takes_is_unknown_to_the_page(phone: Phone, line: Line) -> None:
    for make in EXAMPLES.values():
        line.push(AKI, make())

    expect(phone.messages).to_have_count(len(EXAMPLES))
    expect(phone.page.locator(".unknown")).to_have_count(0)


def test_a_picture_that_cannot_be_loaded_says_so(phone: Phone, line: Line, bot: SampleBot) -> None:
    gone = f"{bot.url}/gone.jpg"

    line.push(AKI, {"type": "image", "originalContentUrl": gone, "previewImageUrl": gone})

    expect(phone.last.get_by_role("img", name=f"Picture: {gone} cannot be loaded")).to_be_visible()


def test_a_sound_that_cannot_be_played_says_so(phone: Phone, line: Line, bot: SampleBot) -> None:
    line.push(AKI, {"type": "audio", "originalContentUrl": f"{bot.url}/gone.mp3", "duration": 1000})

    phone.last.get_by_role("button", name="Play the sound, 0:01").click()

    expect(phone.last).to_contain_text("cannot be played")


def test_new_messages_are_told_to_who_cannot_see(phone: Phone, line: Line, bot: SampleBot) -> None:
    line.push(AKI, {"type": "text", "text": "Hello"}, audio(bot), bubble(bot))

    expect(phone.page.locator("[aria-live=polite]#announcer")).to_have_text(
        "Simulated LINE Official Account: Hello. Simulated LINE Official Account: a sound of 1:05. "
        "Simulated LINE Official Account: A bubble"
    )


def test_both_sides_stand_in_order_with_their_times_also_after_a_reload(phone: Phone, line: Line) -> None:
    line.push(AKI, {"type": "text", "text": "First"})
    line.control("POST", f"/people/{AKI}/messages", {"type": "text", "text": "Second"})
    line.push(AKI, {"type": "text", "text": "Third"})
    said = ["Aki added the account", "First", "Second", "Third"]
    entries = phone.page.locator("#entries li:is(.entry, .note)")

    expect(entries).to_contain_text(said)
    phone.page.reload()
    phone.until_live()

    expect(entries).to_contain_text(said)
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
