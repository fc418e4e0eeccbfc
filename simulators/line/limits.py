"""LINE's limits on what may be sent, as data: every number once, beside its section of the Messaging API reference.

https://developers.line.biz/en/reference/messaging-api/ (read in August 2026). `SECTIONS` is keyed by the class that
line-bot-sdk has for an object; `message_checks` walks those classes and applies these limits.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

MAX_BODY_BYTES = 2 * 1024 * 1024
"""Section "Status codes", 413."""
MAX_MESSAGES = 5
"""Section "Send push message"; the other calls have the same."""
MAX_MULTICAST_RECIPIENTS = 500
"""Section "Send multicast message"."""
MAX_AGGREGATION_UNITS = 1
AGGREGATION_UNIT = re.compile(r"[A-Za-z0-9_]{1,30}")
"""Section "Send push message", `customAggregationUnits`."""
MAX_WEBHOOK_URL = 500
"""Section "Test webhook endpoint"."""
LOADING_SECONDS = range(5, 61, 5)
"""Section "Display a loading animation"."""
FOLLOWERS_PAGE = 300
MAX_FOLLOWERS_PAGE = 1000
"""Section "Get a list of users who added your LINE Official Account as a friend"."""

RETRY_KEY_LIFETIME_S = 24 * 60 * 60
"""Section "Retrying an API request"."""
REPLY_TOKEN_LIFETIME_S = 60
REPLY_TOKEN_AFTER_EVENT_S = 20 * 60
"""Section "Reply token"."""
STATELESS_TOKEN_LIFETIME_S = 900
"""Section "Issue stateless channel access token"."""
WEBHOOK_TIMEOUT_S = 2.0
"""Documentation "Check webhook error causes and statistics", request_timeout."""

MAX_BUBBLE_BYTES = 30 * 1024
MAX_CAROUSEL_BYTES = 50 * 1024
"""Sections "Bubble" and "Carousel" of Flex Message."""
MAX_EMOJI = 20
MAX_MENTIONS = 20
"""Sections "Emoji object" and "Mention object" of text message (v2)."""
SUBSTITUTION_KEY = re.compile(r"[0-9A-Za-z_]{1,20}")
"""Section "Text message (v2)"."""
BUTTONS_TEXT_BESIDE_TITLE = 60
CAROUSEL_TEXT_BESIDE_TITLE = 60
"""Sections "Buttons template" and "Column object for carousel": the length of a text beside a title or an image."""


@dataclass(frozen=True)
class Utf16:
    """A string of `at_least` to `at_most` UTF-16 code units ("Character counting in a text")."""

    at_most: int
    at_least: int = 1
    pattern: re.Pattern[str] | None = None


@dataclass(frozen=True)
class Graphemes:
    """A string of 1 to `at_most` grapheme clusters: the exceptions of "Character counting in a text"."""

    at_most: int


@dataclass(frozen=True)
class CodePoints:
    """A string of 1 to `at_most` code points. Documented as grapheme clusters, but LINE counts like this."""

    at_most: int


@dataclass(frozen=True)
class Link:
    """A percent-encoded URL. Where `https` is required, `http` to a loopback address is taken too: see the README."""

    at_most: int = 2000
    schemes: frozenset[str] = frozenset({"https"})


@dataclass(frozen=True)
class Items:
    """A list of `at_least` to `at_most` items, or an object of as many members."""

    at_most: int
    at_least: int = 1


@dataclass(frozen=True)
class Number:
    """A number of at least `at_least` and at most `at_most`."""

    at_least: float
    at_most: float = float("inf")


@dataclass(frozen=True)
class OneOf:
    values: tuple[str, ...]


Limit = Utf16 | Graphemes | CodePoints | Link | Items | Number | OneOf


@dataclass(frozen=True)
class Section:
    """What the named section of the reference says about the properties of one object."""

    title: str
    properties: Mapping[str, Limit]


@dataclass(frozen=True)
class ActionContext:
    """What the holder of an action asks of its label (in code points) and of its type.

    Sections "Specifications of the label" and "Action objects".
    """

    label_at_most: int
    label_required: bool
    quick_reply: bool = False


@dataclass(frozen=True)
class DateAndTimeFormat:
    """What a person can pick in one mode: how it is written, and its range."""

    pattern: re.Pattern[str]
    read: Callable[[str], Any]
    least: Any
    most: Any


DATE_AND_TIME_FORMATS: Mapping[str, DateAndTimeFormat] = {
    "date": DateAndTimeFormat(
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), date.fromisoformat, date(1900, 1, 1), date(2100, 12, 31)
    ),
    "time": DateAndTimeFormat(re.compile(r"[0-9]{2}:[0-9]{2}"), time.fromisoformat, time.min, time.max),
    "datetime": DateAndTimeFormat(
        re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}"),
        datetime.fromisoformat,
        datetime(1900, 1, 1),  # noqa: DTZ001 - the action knows no time zones
        datetime(2100, 12, 31, 23, 59),  # noqa: DTZ001
    ),
}
"""Section "Date and time format"."""

APP = frozenset({"http", "https", "line", "tel"})
"""The schemes an action may open (section "URI action")."""
OPENED = Link(10_000, APP)
"""Section "URI action", since 27 October 2026."""
OPENED_FROM_IMAGEMAP = Link(1000, APP)
"""Sections "Imagemap message", "Imagemap URI action object"."""
IMAGES = {"imageAspectRatio": OneOf(("rectangle", "square")), "imageSize": OneOf(("cover", "contain"))}
AREA = {"x": Number(0), "y": Number(0), "width": Number(1), "height": Number(1)}
TRACKING_ID = re.compile(r"[A-Za-z0-9\-.=,+*()%$&;:@{}!?<>\[\]]+")
DELIVERY_TAG = re.compile(r"[A-Za-z0-9_]+")

SECTIONS: Mapping[str, Section] = {
    "Sender": Section("Customize icon and display name", {"name": Utf16(20), "iconUrl": Link()}),
    "QuickReply": Section("Quick reply", {"items": Items(13)}),
    "QuickReplyItem": Section("Quick reply button object", {"imageUrl": Link()}),
    "TextMessage": Section("Text message", {"text": Utf16(5000), "emojis": Items(20), "quoteToken": Utf16(2000)}),
    "TextMessageV2": Section("Text message (v2)", {"text": Utf16(5000), "substitution": Items(100, 0)}),
    "StickerMessage": Section("Sticker message", {"packageId": Utf16(20), "stickerId": Utf16(20)}),
    "ImageMessage": Section("Image message", {"originalContentUrl": Link(), "previewImageUrl": Link()}),
    "VideoMessage": Section(
        "Video message",
        {"originalContentUrl": Link(), "previewImageUrl": Link(), "trackingId": Utf16(100, pattern=TRACKING_ID)},
    ),
    "AudioMessage": Section("Audio message", {"originalContentUrl": Link(), "duration": Number(1)}),
    "LocationMessage": Section(
        "Location message",
        {"title": Utf16(100), "address": Utf16(100), "latitude": Number(-90, 90), "longitude": Number(-180, 180)},
    ),
    "CouponMessage": Section(
        "Coupon message", {"couponId": Utf16(100), "deliveryTag": Utf16(30, pattern=DELIVERY_TAG)}
    ),
    "ImagemapMessage": Section("Imagemap message", {"baseUrl": Link(), "altText": Utf16(1500), "actions": Items(50)}),
    "ImagemapBaseSize": Section("Imagemap message", {"width": Number(1040, 1040), "height": Number(1)}),
    "ImagemapVideo": Section("Imagemap message", {"originalContentUrl": Link(), "previewImageUrl": Link()}),
    "ImagemapExternalLink": Section("Imagemap message", {"linkUri": OPENED_FROM_IMAGEMAP, "label": Utf16(30)}),
    "ImagemapArea": Section("Imagemap area object", AREA),
    "URIImagemapAction": Section("Imagemap URI action object", {"linkUri": OPENED_FROM_IMAGEMAP, "label": Utf16(100)}),
    "MessageImagemapAction": Section("Imagemap message action object", {"text": Utf16(400), "label": Utf16(100)}),
    "ClipboardImagemapAction": Section(
        "Imagemap clipboard action object", {"clipboardText": Utf16(1000), "label": Utf16(100)}
    ),
    "TemplateMessage": Section("Common properties of template message objects", {"altText": Utf16(1500)}),
    "ButtonsTemplate": Section(
        "Buttons template",
        {**IMAGES, "thumbnailImageUrl": Link(), "title": Graphemes(40), "text": Graphemes(160), "actions": Items(4)},
    ),
    "ConfirmTemplate": Section("Confirm template", {"text": Graphemes(240), "actions": Items(2, 2)}),
    "CarouselTemplate": Section("Carousel template", {**IMAGES, "columns": Items(10)}),
    "CarouselColumn": Section(
        "Column object for carousel",
        {"thumbnailImageUrl": Link(), "title": Graphemes(40), "text": Graphemes(120), "actions": Items(3)},
    ),
    "ImageCarouselTemplate": Section("Image carousel template", {"columns": Items(10)}),
    "ImageCarouselColumn": Section("Column object for image carousel", {"imageUrl": Link()}),
    "FlexMessage": Section("Flex Message", {"altText": Utf16(1500)}),
    "FlexCarousel": Section("Carousel", {"contents": Items(12)}),
    "FlexImage": Section("Image", {"url": Link()}),
    "FlexVideo": Section("Video", {"url": Link(), "previewUrl": Link()}),
    "FlexIcon": Section("Icon", {"url": Link()}),
    "PostbackAction": Section(
        "Postback action",
        {"data": Utf16(300), "displayText": CodePoints(300), "text": CodePoints(300), "fillInText": CodePoints(300)},
    ),
    "MessageAction": Section("Message action", {"text": CodePoints(300)}),
    "URIAction": Section("URI action", {"uri": OPENED}),
    "AltUri": Section("URI action", {"desktop": OPENED}),
    "DatetimePickerAction": Section(
        "Datetime picker action", {"data": Utf16(300), "mode": OneOf(("date", "time", "datetime"))}
    ),
    "ClipboardAction": Section("Clipboard action", {"clipboardText": Utf16(1000)}),
}

REQUIRED: Mapping[str, tuple[str, ...]] = {
    "Emoji": ("index", "productId", "emojiId"),
    "QuickReply": ("items",),
    "QuickReplyItem": ("action",),
    "ImagemapVideo": ("originalContentUrl", "previewImageUrl", "area"),
    "ImagemapExternalLink": ("linkUri", "label"),
    "PostbackAction": ("data",),
    "MessageAction": ("text",),
    "URIAction": ("uri",),
    "DatetimePickerAction": ("data", "mode"),
}
"""Properties that the reference calls required and line-bot-sdk's classes do not."""

ACTION_CONTEXTS: Mapping[tuple[str, str], ActionContext] = {
    ("QuickReplyItem", "action"): ActionContext(20, label_required=True, quick_reply=True),
    ("ButtonsTemplate", "actions"): ActionContext(20, label_required=True),
    ("ButtonsTemplate", "defaultAction"): ActionContext(20, label_required=False),
    ("ConfirmTemplate", "actions"): ActionContext(20, label_required=True),
    ("CarouselColumn", "actions"): ActionContext(20, label_required=True),
    ("CarouselColumn", "defaultAction"): ActionContext(20, label_required=False),
    ("ImageCarouselColumn", "action"): ActionContext(12, label_required=False),
    ("FlexButton", "action"): ActionContext(40, label_required=True),
}
OTHER_FLEX_ACTION = ActionContext(40, label_required=False)

QUICK_REPLY_ONLY = frozenset({"camera", "cameraRoll", "location"})
"""Sections "Camera action", "Camera roll action", "Location action"."""
NEVER_IN_MESSAGES = frozenset({"richmenuswitch"})
"""Section "Rich menu switch action"."""

FLEX_BOX_CONTENTS: Mapping[str, frozenset[str]] = {
    "horizontal": frozenset({"box", "button", "image", "text", "separator", "filler"}),
    "vertical": frozenset({"box", "button", "image", "text", "separator", "filler"}),
    "baseline": frozenset({"icon", "text", "filler"}),
}
"""Section "Box", `contents`."""
FLEX_HERO = frozenset({"box", "image", "video"})
"""Section "Bubble", `hero`."""
BUBBLE_SIZE = "mega"
"""Section "Bubble", the default of `size`."""
FLEX_VIDEO_SIZES = frozenset({"kilo", "mega", "giga"})
FLEX_ALT_CONTENT = frozenset({"box", "image"})
"""Section "Video" of Flex Message: the bubbles that take one, and `altContent`."""
ASPECT_RATIO = re.compile(r"[0-9]+(?:\.[0-9]+)?:[0-9]+(?:\.[0-9]+)?")
MAX_RATIO = 100_000
MAX_HEIGHT_TO_WIDTH = 3
MAX_ANIMATED_IMAGES = 10
"""Sections "Image" and "Video" of Flex Message, `aspectRatio` and `animated`."""
IMAGE_ENDING = re.compile(r"\.(?:jpe?g|jpe|jfif|png|gif|webp|bmp|tiff?|avif|heic|svg)(?:[?#]|$)", re.IGNORECASE)
"""Section "How to configure an image" of imagemap messages."""
QUOTABLE = frozenset({"text", "textV2", "sticker", "image", "video", "template", "flex"})
"""Message types whose sent message has a quote token (documentation "Get quote tokens")."""


@dataclass(frozen=True)
class Rate:
    """`requests` in `seconds`, for each channel and endpoint (section "Rate limits")."""

    requests: int
    seconds: int


STANDARD_RATE = Rate(2000, 1)
MULTICAST_RATE = Rate(200, 1)
LOADING_RATE = Rate(100, 1)
WEBHOOK_ENDPOINT_RATE = Rate(1000, 60)
HOURLY_RATE = Rate(60, 3600)
