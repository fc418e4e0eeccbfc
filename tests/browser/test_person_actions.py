"""What a person does on the page reaches the account's webhook."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.line import Line
from tests.browser.phone import AKI, BEN, Phone, has_loaded
from tools.sample_bot import SampleBot

Json = dict[str, Any]


def next_event(bot: SampleBot) -> Json:
    """The next event that reaches the bot, without the properties that differ each time."""
    event = bot.events.get(timeout=10)
    return {name: event[name] for name in ("type", "message", "postback", "follow", "unsend") if name in event}


def next_message(bot: SampleBot) -> Json:
    """The message of the next event, without its ids."""
    message: Json = next_event(bot)["message"]
    return {name: value for name, value in message.items() if name not in ("id", "quoteToken")}


def test_a_new_person_adds_the_account(phone: Phone, bot: SampleBot) -> None:
    phone.button("New person").click()
    phone.page.get_by_role("dialog", name="New person").get_by_label("Name").fill("Chika")
    phone.button("Create").click()

    expect(phone.page.get_by_role("heading", name="Chika’s phone")).to_be_visible()
    assert next_event(bot) == {"type": "follow", "follow": {"isUnblocked": False}}
    expect(phone.notes).to_contain_text(["Chika added the account"])


def test_a_stranger_adds_the_account_blocks_it_and_comes_back(phone: Phone, line: Line, bot: SampleBot) -> None:
    line.person(BEN, "Ben", follows=False)
    phone.page.get_by_role("button", name="Ben").click()
    expect(phone.page.locator("#banner")).to_contain_text("Ben has not added the account")

    phone.button("Add the account").click()
    assert next_event(bot) == {"type": "follow", "follow": {"isUnblocked": False}}
    expect(phone.page.locator("#banner")).to_be_hidden()

    phone.button("Block the account").click()
    assert next_event(bot)["type"] == "unfollow"
    expect(phone.page.locator("#banner")).to_contain_text("Ben blocks the account")
    expect(phone.field("Message")).to_be_disabled()
    expect(phone.page.get_by_role("button", name="Ben")).to_contain_text("blocks the account")

    phone.button("Unblock the account").click()
    assert next_event(bot) == {"type": "follow", "follow": {"isUnblocked": True}}
    expect(phone.field("Message")).to_be_enabled()
    expect(phone.notes).to_contain_text(["Ben added", "Ben blocked", "Ben unblocked"])


def test_a_message_to_a_person_who_blocks_is_not_shown(phone: Phone, line: Line) -> None:
    phone.button("Block the account").click()
    expect(phone.button("Unblock the account")).to_be_visible()

    line.push(AKI, {"type": "text", "text": "Are you there?"})

    expect(phone.page.locator("#request-list li").first).to_contain_text("/v2/bot/message/push")
    expect(phone.messages).to_have_count(0)


def test_text_is_written_with_line_breaks_and_sent_by_enter(phone: Phone, bot: SampleBot) -> None:
    phone.field("Message").press_sequentially("Hello")
    phone.field("Message").press("Shift+Enter")
    phone.field("Message").press_sequentially("there 🍅")
    phone.field("Message").press("Enter")

    assert next_message(bot) == {"type": "text", "text": "Hello\nthere 🍅"}
    expect(phone.written.locator(".text")).to_have_text("Hello\nthere 🍅")
    expect(phone.written.locator(".outcome")).to_have_text("webhook 200")
    expect(phone.field("Message")).to_have_value("")


def test_an_empty_field_sends_no_message(phone: Phone, bot: SampleBot) -> None:
    phone.field("Message").fill("  \n ")
    phone.button("Send").click()
    phone.field("Message").fill("something")
    phone.button("Send").click()

    assert next_message(bot) == {"type": "text", "text": "something"}


def test_a_webhook_that_fails_is_reported(phone: Phone, bot: SampleBot) -> None:
    bot.status = 500

    phone.field("Message").fill("Hello")
    phone.button("Send").click()

    expect(phone.written.locator(".outcome")).to_have_text("webhook 500")
    expect(phone.toast).to_have_text("The webhook failed: 500")


def test_a_sticker_is_sent(phone: Phone, bot: SampleBot) -> None:
    phone.button("Send a sticker").click()
    phone.button("Sticker 789/10855").click()

    assert next_message(bot) == {
        "type": "sticker",
        "packageId": "789",
        "stickerId": "10855",
        "stickerResourceType": "STATIC",
    }
    expect(phone.written.get_by_role("img", name="Sticker 789/10855")).to_be_visible()
    expect(phone.page.get_by_role("group", name="Stickers")).to_be_hidden()


def test_a_sample_picture_is_sent_and_can_be_fetched_by_the_bot(phone: Phone, line: Line, bot: SampleBot) -> None:
    phone.button("Send a picture").click()
    phone.button("A sample").click()

    message = next_event(bot)["message"]
    assert message["type"] == "image"
    has_loaded(phone.written.locator("img"))
    with Image.open(io.BytesIO(line.api("GET", f"/message/{message['id']}/content").content)) as picture:
        assert (picture.format, picture.size) == ("JPEG", (640, 400))


def test_a_picture_of_this_computer_is_sent(phone: Phone, line: Line, bot: SampleBot, tmp_path: Path) -> None:
    file = tmp_path / "red.png"
    Image.new("RGB", (8, 6), "red").save(file)

    phone.button("Send a picture").click()
    phone.field("A picture from this computer").set_input_files(file)

    message = next_event(bot)["message"]
    has_loaded(phone.written.locator("img"))
    assert line.api("GET", f"/message/{message['id']}/content").content == file.read_bytes()


def test_a_place_is_sent(phone: Phone, bot: SampleBot) -> None:
    phone.button("Send a place").click()
    tray = phone.page.get_by_role("form", name="A place")
    tray.get_by_label("Name").fill("Home")
    tray.get_by_label("Address").fill("")
    tray.get_by_label("Latitude").fill("-33.5")
    tray.get_by_label("Longitude").fill("151.25")
    tray.get_by_role("button", name="Send the place").click()

    assert next_message(bot) == {"type": "location", "title": "Home", "latitude": -33.5, "longitude": 151.25}
    expect(phone.written.get_by_role("link")).to_contain_text("Home")


def test_a_message_is_unsent(phone: Phone, bot: SampleBot) -> None:
    phone.field("Message").fill("Oops")
    phone.button("Send").click()
    message = next_event(bot)["message"]

    phone.button("Unsend Oops").click()

    assert next_event(bot) == {"type": "unsend", "unsend": {"messageId": message["id"]}}
    expect(phone.written).to_have_count(0)
    expect(phone.notes.last).to_contain_text("Aki unsent a message")


def buttons(*actions: Json) -> Json:
    return {
        "type": "template",
        "altText": "Menu",
        "template": {"type": "buttons", "text": "Menu", "actions": list(actions)},
    }


def quick_replies(*actions: Json) -> Json:
    items = [{"type": "action", "action": action} for action in actions]
    return {"type": "text", "text": "Well?", "quickReply": {"items": items}}


def flex_button(action: Json) -> Json:
    body = {"type": "box", "layout": "vertical", "contents": [{"type": "button", "action": action}]}
    return {"type": "flex", "altText": "A button", "contents": {"type": "bubble", "body": body}}


POSTBACK = {"type": "postback", "label": "Tap", "data": "answer=42"}
TALKING_POSTBACK = {**POSTBACK, "displayText": "The answer, please"}
MESSAGE = {"type": "message", "label": "Tap", "text": "I tapped"}


@pytest.mark.parametrize("holder", [buttons, quick_replies, flex_button])
@pytest.mark.parametrize(
    ("action", "event", "shown"),
    [
        (POSTBACK, {"type": "postback", "postback": {"data": "answer=42"}}, "Aki tapped: answer=42"),
        (TALKING_POSTBACK, {"type": "postback", "postback": {"data": "answer=42"}}, "The answer, please"),
        (MESSAGE, {"type": "text", "text": "I tapped"}, "I tapped"),
    ],
    ids=["postback", "postback with words", "message"],
)
def test_tapping_reaches_the_webhook(
    phone: Phone, line: Line, bot: SampleBot, holder: Any, action: Json, event: Json, shown: str
) -> None:
    line.push(AKI, holder(action))

    phone.button("Tap").click()

    if event["type"] == "text":
        assert next_message(bot) == event
    else:
        assert next_event(bot) == event
    expect(phone.page.locator("#entries > li").last).to_contain_text(shown)


def test_quick_replies_stay_until_the_person_writes_or_taps(phone: Phone, line: Line, bot: SampleBot) -> None:
    line.push(AKI, {"type": "text", "text": "Before"}, quick_replies(MESSAGE, POSTBACK))
    expect(phone.quick_replies.get_by_role("button")).to_have_count(2)

    phone.quick_replies.get_by_role("button").first.click()

    assert next_message(bot)["text"] == "I tapped"
    expect(phone.quick_replies).to_be_hidden()


@pytest.mark.parametrize(
    ("mode", "type_of_input", "moment"),
    [("date", "date", "2026-12-24"), ("time", "time", "18:30"), ("datetime", "datetime-local", "2026-12-24T18:30")],
)
def test_a_moment_is_picked(
    phone: Phone, line: Line, bot: SampleBot, mode: str, type_of_input: str, moment: str
) -> None:
    line.push(AKI, buttons({"type": "datetimepicker", "label": "Tap", "data": "when", "mode": mode, "initial": moment}))

    phone.button("Tap").click()
    dialog = phone.page.get_by_role("dialog", name="Tap")
    expect(dialog.locator("input")).to_have_attribute("type", type_of_input)
    expect(dialog.locator("input")).to_have_value(moment)
    dialog.get_by_role("button", name="Choose").click()

    assert next_event(bot) == {"type": "postback", "postback": {"data": "when", "params": {mode: moment}}}
    expect(phone.notes.last).to_contain_text(f"Aki tapped: when ({moment})")


def test_a_moment_that_is_not_picked_is_not_sent(phone: Phone, line: Line, bot: SampleBot) -> None:
    line.push(AKI, buttons({"type": "datetimepicker", "label": "Tap", "data": "when", "mode": "date"}))

    phone.button("Tap").click()
    phone.page.get_by_role("dialog", name="Tap").get_by_role("button", name="Cancel").click()
    phone.field("Message").fill("no")
    phone.button("Send").click()

    assert next_message(bot)["text"] == "no"


def test_text_is_copied(phone: Phone, line: Line) -> None:
    line.push(AKI, buttons({"type": "clipboard", "label": "Tap", "clipboardText": "3B48740B"}))

    phone.button("Tap").click()

    expect(phone.toast).to_have_text("Copied: 3B48740B")
    assert phone.evaluate("navigator.clipboard.readText()") == "3B48740B"


def test_a_page_is_opened_beside_this_one(phone: Phone, line: Line, bot: SampleBot) -> None:
    line.push(AKI, buttons({"type": "uri", "label": "Tap", "uri": f"{bot.url}/sample_image.jpg"}))

    with phone.page.expect_popup() as popup:
        phone.page.get_by_role("link", name="Tap").click()

    popup.value.wait_for_url(f"{bot.url}/sample_image.jpg")
    assert popup.value.evaluate("window.opener") is None


@pytest.mark.parametrize(
    ("kind", "tray"), [("camera", "Pictures"), ("cameraRoll", "Pictures"), ("location", "A place")]
)
def test_a_quick_reply_asks_for_a_picture_or_a_place(phone: Phone, line: Line, kind: str, tray: str) -> None:
    line.push(AKI, quick_replies({"type": kind, "label": "Tap"}))

    phone.button("Tap").click()

    expect(phone.page.get_by_label(tray, exact=True)).to_be_visible()


def test_a_postback_opens_the_keyboard_with_words_filled_in(phone: Phone, line: Line, bot: SampleBot) -> None:
    line.push(AKI, buttons({**POSTBACK, "inputOption": "openKeyboard", "fillInText": "Name: \nPhone: "}))

    phone.button("Tap").click()

    assert next_event(bot)["type"] == "postback"
    expect(phone.field("Message")).to_have_value("Name: \nPhone: ")
    expect(phone.field("Message")).to_be_focused()


def test_messages_to_others_are_counted_until_their_phone_is_opened(phone: Phone, line: Line) -> None:
    line.person(BEN, "Ben")
    ben = phone.page.get_by_role("button", name=re.compile("Ben"))
    expect(ben).to_be_visible()

    line.multicast([AKI, BEN], {"type": "text", "text": "One"}, {"type": "text", "text": "Two"})

    expect(ben.locator(".badge")).to_have_text("2 unread")
    ben.click()
    expect(phone.messages).to_contain_text(["One", "Two"])
    expect(ben.locator(".badge")).to_have_count(0)
