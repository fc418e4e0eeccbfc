"""`make screenshots`: the pictures of the phone in `docs/images`, taken from the running page.

It runs its own simulated platform, with a clock that shows the same Saturday every time. So two runs differ only in
ids.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect

from simulators.line.app import create_app, new_state
from simulators.line.channel import ChannelCredentials
from simulators.line.webhooks import WebhookSender
from tools import asgi_server, browser, sample_bot
from tools.loopback import LoopbackSession
from tools.run import ROOT
from tools.sample_bot import SampleBot

Json = dict[str, Any]

IMAGES = ROOT / "docs" / "images"
CREDENTIALS = ChannelCredentials("1234567890", "screenshots", "screenshots")
SATURDAY_MORNING = 1_795_221_660.0
"""2026-11-21, 9:41 in Tokyo."""
WIDE = {"width": 1400, "height": 900}
NARROW = {"width": 390, "height": 844}

AIKO, BEN, CHIKA = ("U" + digit * 32 for digit in "73d")


class Saturday:
    """A clock that moves only when `after` is called."""

    def __init__(self) -> None:
        self.now = SATURDAY_MORNING

    def __call__(self) -> float:
        return self.now

    def after(self, seconds: float) -> None:
        self.now += seconds


class Shop:
    """The account and its people, by the platform's own APIs."""

    def __init__(self, url: str, bot: SampleBot, clock: Saturday) -> None:
        self.url = url
        self.bot = bot
        self._clock = clock
        self._session = LoopbackSession()
        self._session.headers["Authorization"] = f"Bearer {CREDENTIALS.channel_access_token}"

    def control(self, path: str, body: object = None) -> None:
        self._clock.after(40)
        self._session.post(f"{self.url}/_sim{path}", json=body).raise_for_status()

    def use_webhook(self) -> None:
        path = "/v2/bot/channel/webhook/endpoint"
        self._session.put(self.url + path, json={"endpoint": self.bot.webhook_url}).raise_for_status()

    def send(self, call: str, to: object, *messages: Json, accepted: bool = True) -> None:
        self._clock.after(30)
        answer = self._session.post(f"{self.url}/v2/bot/message/{call}", json={"to": to, "messages": messages})
        assert answer.ok is accepted, answer.text


def main() -> int:
    clock = Saturday()
    IMAGES.mkdir(parents=True, exist_ok=True)
    with running_platform(clock) as url, sample_bot.running() as bot, browser.opened() as chromium:
        shop = Shop(url, bot, clock)
        make_people(shop)
        a_morning(shop)
        take(chromium, shop, "phone.png", WIDE, unfold=True)
        take(chromium, shop, "phone-dark.png", WIDE, unfold=True, color_scheme="dark")
        take(chromium, shop, "phone-narrow.png", NARROW)
        more_messages(shop)
        take(chromium, shop, "phone-messages.png", {"width": 460, "height": 2350})
    return 0


def take(chromium: Browser, shop: Shop, name: str, viewport: Any, *, unfold: bool = False, **options: Any) -> None:
    context = chromium.new_context(
        viewport=viewport, device_scale_factor=1.5, locale="en-GB", timezone_id="Asia/Tokyo", **options
    )
    page = context.new_page()
    page.goto(f"{shop.url}/phone/#{AIKO}")
    expect(page.locator("#live")).to_have_text("Live")
    expect(page.locator("#entries li").first).to_be_visible()
    if unfold:
        shop.send("push", BEN, text("See you at the market, Ben."))
        expect(page.locator("#people-list .badge")).to_have_count(1)
        page.locator("#request-list summary").filter(has_text="multicast").first.click()
        expect(page.locator(".exchange .json")).to_have_count(2)
        page.mouse.move(0, 0)
    wait_for_pictures(page)
    page.screenshot(path=IMAGES / name)
    context.close()
    sys.stdout.write(f"docs/images/{name}: {(IMAGES / name).stat().st_size // 1024} KB\n")


def wait_for_pictures(page: Page) -> None:
    page.evaluate("Promise.all([...document.images].filter((image) => image.src).map((image) => image.decode()))")
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.fonts.ready")


def make_people(shop: Shop) -> None:
    shop.use_webhook()
    for user_id, name, language in ((AIKO, "Aiko 愛子", "ja"), (BEN, "Ben", "en"), (CHIKA, "Chika 千佳", "ja")):
        shop.control("/people", {"userId": user_id, "displayName": name, "language": language})
        shop.control(f"/people/{user_id}/follow")
    shop.control(f"/people/{CHIKA}/block")


def a_morning(shop: Shop) -> None:
    """The account announces the market, Aiko asks a question, and the account answers."""
    shop.send("push", "no-such-id", text("Hello"), accepted=False)
    shop.send("multicast", [AIKO, BEN, CHIKA], text("おはようございます 🍅 Good morning! The market opens at ten."))
    shop.control(f"/people/{AIKO}/messages", text("Is there bread as well?"))
    shop.control(f"/people/{AIKO}/messages", {"type": "sticker", "packageId": "789", "stickerId": "10856"})
    shop.send("multicast", [AIKO, CHIKA], invitation(shop), asking(shop))


def more_messages(shop: Shop) -> None:
    image, film = shop.bot.image, shop.bot.video
    shop.send("push", AIKO, {"type": "image", "originalContentUrl": image, "previewImageUrl": image})
    shop.send("push", AIKO, {"type": "video", "originalContentUrl": film, "previewImageUrl": image})
    shop.send(
        "push",
        AIKO,
        {
            "type": "location",
            "title": "Asahi Park",
            "address": "2-4 Asahi, Chuo",
            "latitude": 35.66,
            "longitude": 139.77,
        },
        {"type": "template", "altText": "Three stalls", "template": stalls(image)},
        {"type": "template", "altText": "Coming?", "template": question()},
        {"type": "imagemap", **map_of_the_street(shop)},
        {"type": "coupon", "couponId": "01JYNW8JMQVFBNWF1APF8Z3FS7", "deliveryTag": "market_2026"},
    )
    shop.control(
        f"/people/{AIKO}/messages", {"type": "location", "title": "Home", "latitude": 35.7, "longitude": 139.7}
    )


def text(words: str) -> Json:
    return {"type": "text", "text": words}


def invitation(shop: Shop) -> Json:
    """A Flex Message with most of the possible components."""

    def row(name: str, value: str) -> Json:
        return {
            "type": "box",
            "layout": "baseline",
            "spacing": "md",
            "contents": [
                {"type": "text", "text": name, "size": "sm", "color": "#8a8272", "flex": 1},
                {"type": "text", "text": value, "size": "sm", "wrap": True, "flex": 4},
            ],
        }

    return {
        "type": "flex",
        "altText": "The Saturday market",
        "contents": {
            "type": "bubble",
            "hero": {
                "type": "image",
                "url": shop.bot.image,
                "size": "full",
                "aspectRatio": "20:9",
                "aspectMode": "cover",
            },
            "body": {
                "type": "box",
                "layout": "vertical",
                "spacing": "md",
                "paddingAll": "16px",
                "contents": [
                    {"type": "text", "text": "土曜朝市 Saturday market", "weight": "bold", "size": "lg"},
                    row("Where", "Asahi Park, by the fountain"),
                    row("When", "10:00 – 14:00"),
                    row("Bread", "From Ito’s oven, since 1968"),
                ],
            },
            "footer": {
                "type": "box",
                "layout": "horizontal",
                "spacing": "sm",
                "contents": [
                    {
                        "type": "button",
                        "style": "primary",
                        "height": "sm",
                        "action": {"type": "postback", "label": "Keep a loaf", "data": "keep=loaf"},
                    },
                    {
                        "type": "button",
                        "height": "sm",
                        "action": {"type": "uri", "label": "The way", "uri": "https://market.example/way"},
                    },
                ],
            },
        },
    }


def asking(shop: Shop) -> Json:
    answers = ["I am coming 🙋", "Not today", "Tell me next time"]
    items = [{"type": "action", "action": {"type": "message", "label": each, "text": each}} for each in answers]
    return {
        "type": "audio",
        "originalContentUrl": shop.bot.audio,
        "duration": 5000,
        "sender": {"name": "Ito, the baker"},
        "quickReply": {"items": items},
    }


def stalls(image: str) -> Json:
    def column(title: str, words: str) -> Json:
        action = {"type": "postback", "label": "Tell me more", "data": f"stall={title}"}
        return {"thumbnailImageUrl": image, "title": title, "text": words, "actions": [action]}

    return {
        "type": "carousel",
        "columns": [column("Ito’s oven", "Bread and buns"), column("Green hill", "Vegetables"), column("Umi", "Fish")],
    }


def question() -> Json:
    yes, no = ({"type": "message", "label": word, "text": word} for word in ("Yes", "No"))
    return {"type": "confirm", "text": "Shall we keep a basket for you?", "actions": [yes, no]}


def map_of_the_street(shop: Shop) -> Json:
    def area(x: int) -> Json:
        return {"x": x, "y": 330, "width": 230, "height": 150}

    return {
        "baseUrl": shop.bot.imagemap,
        "altText": "The street",
        "baseSize": {"width": 1040, "height": 585},
        "actions": [
            {"type": "message", "text": "The baker", "area": area(50)},
            {"type": "uri", "linkUri": "https://market.example/", "area": area(320)},
        ],
    }


@contextmanager
def running_platform(clock: Saturday) -> Iterator[str]:
    state = new_state(CREDENTIALS, clock)
    with asgi_server.serving(create_app(state, WebhookSender(state))) as url:
        try:
            yield url
        finally:
            state.announcements.close()


if __name__ == "__main__":
    sys.exit(main())
