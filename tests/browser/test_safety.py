"""Strangers write the messages. Their content is shown, and does nothing."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.line import Line
from tests.browser.phone import AKI, BEN, Phone
from tools.sample_bot import SampleBot

ATTACKS = (
    "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>\"'><svg onload=window.hacked=1>",
    "javascript:window.hacked=1//{{constructor.constructor('window.hacked=1')()}}",
)
SHORT = "<b onclick=hacked=1>"
"""Short enough for labels and names, which hold 20 characters."""


def nothing_happened(phone: Phone) -> None:
    assert phone.evaluate("window.hacked") is None
    dangerous = phone.evaluate(
        """[...document.querySelectorAll("body *")].filter((element) =>
            element.matches("script, iframe, object, embed, b, [style*=url]")
            || [...element.attributes].some(({ name, value }) =>
                /^on/.test(name) || (["href", "src", "poster", "action"].includes(name) &&
                /^\\s*(javascript|data):/i.test(value)))
        ).map((element) => element.outerHTML)"""
    )
    assert dangerous == []


@pytest.mark.parametrize("attack", ATTACKS)
def test_text_is_never_markup(phone: Phone, line: Line, bot: SampleBot, attack: str) -> None:
    action = {"type": "postback", "label": SHORT, "data": attack, "displayText": attack}
    reply = {"items": [{"type": "action", "action": action}]}
    box = {
        "type": "box",
        "layout": "vertical",
        "contents": [
            {"type": "text", "text": attack, "wrap": True},
            {"type": "text", "contents": [{"type": "span", "text": attack}]},
            {"type": "button", "action": action},
        ],
    }
    line.push(
        AKI,
        {"type": "text", "text": attack, "sender": {"name": SHORT}},
        {
            "type": "template",
            "altText": attack,
            "template": {"type": "confirm", "text": attack, "actions": [action] * 2},
        },
        {"type": "flex", "altText": attack, "contents": {"type": "bubble", "body": box}},
        {"type": "location", "title": attack, "address": attack, "latitude": 1, "longitude": 1},
        {"type": "coupon", "couponId": attack, "quickReply": reply},
    )
    line.person(BEN, attack)

    expect(phone.messages).to_have_count(5)
    expect(phone.messages.first.locator(".text")).to_have_text(attack)
    expect(phone.messages.first.locator(".sender")).to_have_text(SHORT)
    phone.quick_replies.get_by_role("button", name=SHORT).click()
    expect(phone.written.last.locator(".text")).to_have_text(attack)
    expect(phone.page.locator("#people-list strong").nth(1)).to_have_text(attack)
    phone.page.locator("#request-list summary").first.click()
    expect(phone.page.locator(".exchange .json").first).to_be_visible()
    phone.page.get_by_role("button", name=attack).click()
    expect(phone.page.locator("#chat-title")).to_have_text(f"{attack}’s phone")
    nothing_happened(phone)


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_person_sends_is_never_markup(phone: Phone, line: Line, attack: str) -> None:
    for message in (
        {"type": "text", "text": attack},
        {"type": "sticker", "packageId": attack, "stickerId": attack},
        {"type": "file", "fileName": attack},
        {"type": "image", "contentType": "text/html", "content": "PHNjcmlwdD53aW5kb3cuaGFja2VkPTE8L3NjcmlwdD4="},
    ):
        line.call("POST", f"/people/{AKI}/messages?wait=false", message)
    line.call("POST", f"/people/{AKI}/postback?wait=false", {"data": attack, "params": {"date": attack}})

    expect(phone.written.first.locator(".text")).to_have_text(attack)
    expect(phone.notes.last).to_contain_text(attack)
    nothing_happened(phone)


ADDRESSES = {
    "https://example.com/": True,
    "HTTP://EXAMPLE.COM/": True,
    "tel:0312345678": True,
    "mailto:aki@example.com": True,
    "line://nv/addFriends": True,
    "javascript:alert(1)": False,
    "JaVaScRiPt:alert(1)": False,
    " javascript:alert(1)": False,
    "java\nscript:alert(1)": False,
    "data:text/html,<script>alert(1)</script>": False,
    "vbscript:x": False,
    "file:///etc/passwd": False,
    "blob:https://example.com/1": False,
    "intent://x": False,
    "https://": False,
}


def test_only_harmless_addresses_are_opened(phone: Phone) -> None:
    script = "(addresses) => import('/phone/scripts/links.js').then(({ opened }) => addresses.map(opened))"

    opened = phone.evaluate(script, list(ADDRESSES))

    assert dict(zip(ADDRESSES, (address is not None for address in opened), strict=True)) == ADDRESSES


NASTY: list[dict[str, Any]] = [
    {"type": "image", "originalContentUrl": "javascript:hacked=1",
     "previewImageUrl": "data:image/svg+xml,<svg onload='hacked=1'/>"},
    {"type": "audio", "originalContentUrl": "javascript:hacked=1", "duration": 1},
    {"type": "imagemap", "baseUrl": "javascript:hacked=1//", "altText": "", "baseSize": {"width": 1040, "height": 1},
     "actions": [{"type": "uri", "linkUri": "javascript:hacked=1",
                  "area": {"x": "0;background:url(//x)", "y": 0, "width": 1, "height": 1}}]},
    {"type": "flex", "altText": "", "contents": {"type": "bubble", "size": "mega\" onclick=hacked=1", "body": {
        "type": "box", "layout": "vertical", "backgroundColor": "url(https://x.invalid)",
        "width": "1px;background:url(//x)", "action": {"type": "uri", "uri": "javascript:hacked=1"},
        "background": {"type": "linearGradient", "angle": "0deg", "startColor": "url(//x)", "endColor": "#fff"},
        "contents": [{"type": "text", "text": "x", "color": "red;}"}]}}},
    {"type": "flex", "altText": "", "contents": {"type": "hologram"}},
    {"type": "template", "altText": "", "template": {"type": "constructor"}},
    {"type": "__proto__"},
    {"type": "constructor"},
    {"type": "text"},
    {},
]  # fmt: skip


def test_a_message_that_line_would_never_take_does_no_harm_either(phone: Phone) -> None:
    """Even if a check before the page fails, only the page itself decides what the page does."""
    for message in NASTY:
        phone.evaluate(
            """async (message) => {
                const { view } = await import("/phone/scripts/messages/index.js");
                document.body.append(view(message, { tap() {}, enlarge() {}, nameOfPerson: () => "" }));
            }""",
            message,
        )

    shown = phone.page.locator("body > [data-type]")
    expect(shown).to_have_count(len(NASTY))
    for control in shown.locator("a, button").all():
        control.dispatch_event("click")
    nothing_happened(phone)
    pictures = (
        "(all) => all.map((each) => getComputedStyle(each).backgroundImage).filter((each) => each.includes('url'))"
    )
    assert phone.page.locator("body > [data-type] *:not(.missing)").evaluate_all(pictures) == []
    phone.errors.clear()  # the page reports a message that it cannot show


def test_the_page_could_not_make_markup_of_text_if_it_tried(phone: Phone) -> None:
    tried = phone.evaluate(
        """() => {
            try {
                document.body.innerHTML = "<b>markup</b>";
                return "done";
            } catch (error) {
                return error.name;
            }
        }"""
    )

    assert tried == "TypeError"
    assert any("TrustedHTML" in error for error in phone.errors)
    phone.errors.clear()
