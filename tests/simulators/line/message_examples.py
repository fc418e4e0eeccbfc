"""Message objects that LINE takes, by name, each fresh at every call."""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

PAGE = "https://example.com/page"
PICTURE = "https://example.com/picture.jpg"


def text() -> Json:
    return {"type": "text", "text": "Hello"}


def text_with_emoji() -> Json:
    emoji = {"index": 2, "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}
    return {"type": "text", "text": "👋$", "emojis": [emoji]}


def text_v2() -> Json:
    return {
        "type": "textV2",
        "text": "Hi {you} {{not this}} {laugh}",
        "substitution": {
            "you": {"type": "mention", "mentionee": {"type": "user", "userId": "U" + "a" * 32}},
            "laugh": {"type": "emoji", "productId": "5a8555cfe6256cc92ea23c2a", "emojiId": "002"},
        },
    }


def sticker() -> Json:
    return {"type": "sticker", "packageId": "446", "stickerId": "1988"}


def image() -> Json:
    return {"type": "image", "originalContentUrl": PICTURE, "previewImageUrl": PICTURE}


def video() -> Json:
    return {
        "type": "video",
        "originalContentUrl": "https://example.com/film.mp4",
        "previewImageUrl": PICTURE,
        "trackingId": "track-1",
    }


def audio() -> Json:
    return {"type": "audio", "originalContentUrl": "https://example.com/sound.m4a", "duration": 60000}


def location() -> Json:
    return {"type": "location", "title": "Here", "address": "Chiyoda", "latitude": 35.67966, "longitude": 139}


def coupon() -> Json:
    return {"type": "coupon", "couponId": "01JYNW8JMQVFBNWF1APF8Z3FS7", "deliveryTag": "2026_winter"}


def imagemap() -> Json:
    area = {"x": 0, "y": 586, "width": 520, "height": 454}
    return {
        "type": "imagemap",
        "baseUrl": "https://example.com/rm001",
        "altText": "A map",
        "baseSize": {"width": 1040, "height": 1040},
        "video": {
            "originalContentUrl": "https://example.com/film.mp4",
            "previewImageUrl": PICTURE,
            "area": {"x": 0, "y": 0, "width": 1040, "height": 585},
            "externalLink": {"linkUri": PAGE, "label": "See more"},
        },
        "actions": [
            {"type": "uri", "linkUri": PAGE, "area": area},
            {"type": "message", "text": "Hello", "area": area},
            {"type": "clipboard", "clipboardText": "3B48740B", "area": area},
        ],
    }


def buttons() -> Json:
    return {
        "type": "template",
        "altText": "Menu",
        "template": {
            "type": "buttons",
            "thumbnailImageUrl": PICTURE,
            "title": "Menu",
            "text": "Please select",
            "defaultAction": {"type": "uri", "uri": "http://example.com/123"},
            "actions": [
                {"type": "postback", "label": "Buy", "data": "action=buy"},
                {"type": "uri", "label": "Call", "uri": "tel:09001234567"},
                {"type": "datetimepicker", "label": "When", "data": "when", "mode": "date"},
                {"type": "clipboard", "label": "Copy", "clipboardText": "3B48740B"},
            ],
        },
    }


def confirm() -> Json:
    yes = {"type": "message", "label": "Yes", "text": "yes"}
    return {
        "type": "template",
        "altText": "Sure?",
        "template": {"type": "confirm", "text": "Sure?", "actions": [yes, {**yes, "label": "No"}]},
    }


def carousel() -> Json:
    column = {"text": "One", "title": "1", "actions": [{"type": "uri", "label": "See", "uri": PAGE}]}
    return {
        "type": "template",
        "altText": "Choices",
        "template": {"type": "carousel", "columns": [column, {**column, "text": "Two"}]},
    }


def image_carousel() -> Json:
    column = {"imageUrl": PICTURE, "action": {"type": "uri", "uri": PAGE}}
    return {"type": "template", "altText": "Pictures", "template": {"type": "image_carousel", "columns": [column]}}


def bubble() -> Json:
    return {
        "type": "flex",
        "altText": "A bubble",
        "contents": {
            "type": "bubble",
            "size": "mega",
            "hero": {"type": "image", "url": PICTURE, "action": {"type": "uri", "uri": PAGE}},
            "body": {
                "type": "box",
                "layout": "vertical",
                "contents": [
                    {"type": "text", "text": "Hello", "weight": "bold"},
                    {"type": "text", "contents": [{"type": "span", "text": "spans"}]},
                    {"type": "separator"},
                    {
                        "type": "box",
                        "layout": "baseline",
                        "contents": [{"type": "icon", "url": PICTURE}, {"type": "text", "text": "4.0"}],
                    },
                ],
            },
            "footer": {
                "type": "box",
                "layout": "horizontal",
                "contents": [{"type": "button", "action": {"type": "uri", "label": "See", "uri": PAGE}}],
            },
            "styles": {"footer": {"separator": True}},
        },
    }


def flex_carousel() -> Json:
    return {
        "type": "flex",
        "altText": "Bubbles",
        "contents": {"type": "carousel", "contents": [bubble()["contents"], bubble()["contents"]]},
    }


def with_quick_reply() -> Json:
    return {
        **text(),
        "sender": {"name": "Cony", "iconUrl": PICTURE},
        "quickReply": {
            "items": [
                {"type": "action", "imageUrl": PICTURE, "action": {"type": "cameraRoll", "label": "Send photo"}},
                {"type": "action", "action": {"type": "camera", "label": "Camera"}},
                {"type": "action", "action": {"type": "location", "label": "Place"}},
                {"type": "action", "action": {"type": "message", "label": "Hi", "text": "hi"}},
            ]
        },
    }


EXAMPLES: dict[str, Callable[[], Json]] = {
    example.__name__: example
    for example in (
        text,
        text_with_emoji,
        text_v2,
        sticker,
        image,
        video,
        audio,
        location,
        coupon,
        imagemap,
        buttons,
        confirm,
        carousel,
        image_carousel,
        bubble,
        flex_carousel,
        with_quick_reply,
    )
}
