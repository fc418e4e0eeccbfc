"""The page, as a person who uses it sees it."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

AKI = "U" + "a" * 32
BEN = "U" + "b" * 32


class Phone:
    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self._url = url
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda message: self._notice(message.type, message.text))

    def _notice(self, kind: str, text: str) -> None:
        """Keeps the page's own complaints. A picture that could not be loaded is none."""
        if kind in ("error", "warning") and not text.startswith("Failed to load resource"):
            self.errors.append(text)

    def open(self, user_id: str = "") -> None:
        self.page.goto(f"{self._url}/phone/#{user_id}")
        self.until_live()

    def until_live(self) -> None:
        expect(self.page.locator("#live")).to_have_text("Live")

    @property
    def messages(self) -> Locator:
        """What the account sent."""
        return self.page.locator("#entries .theirs")

    @property
    def written(self) -> Locator:
        """What the person sent."""
        return self.page.locator("#entries .mine")

    @property
    def notes(self) -> Locator:
        return self.page.locator("#entries .note")

    @property
    def last(self) -> Locator:
        return self.messages.last

    @property
    def quick_replies(self) -> Locator:
        return self.page.get_by_role("list", name="Quick replies")

    @property
    def toast(self) -> Locator:
        return self.page.locator("#toast")

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name, exact=isinstance(name, str))

    def field(self, label: str) -> Locator:
        return self.page.get_by_label(label, exact=True)

    def evaluate(self, expression: str, argument: Any = None) -> Any:
        return self.page.evaluate(expression, argument)


def has_loaded(image: Locator) -> None:
    """The picture is there, not only its element."""
    expect(image).to_be_visible()
    image.evaluate("(image) => image.decode()")


def lies_within(inner: Locator, outer: Locator) -> bool:
    """From side to side."""
    one, other = inner.bounding_box(), outer.bounding_box()
    assert one
    assert other
    return one["x"] >= other["x"] - 1 and one["x"] + one["width"] <= other["x"] + other["width"] + 1
