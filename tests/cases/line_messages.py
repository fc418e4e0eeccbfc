"""Message objects that LINE takes, one or more of every type, by name."""

import json
from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]

PAGE = "https://example.com/page"
PICTURE = "https://example.com/picture.jpg"
FILM = "https://example.com/film.mp4"
SOUND = "https://example.com/sound.m4a"
IMAGEMAP = "https://example.com/imagemap"

_EMOJI = {"productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}
_YES = {"type": "message", "label": "Yes", "text": "yes"}


def _area(x: int, y: int, width: int, height: int) -> Json:
    return {"x": x, "y": y, "width": width, "height": height}


def _box(layout: str, *contents: Json, **properties: object) -> Json:
    return {"type": "box", "layout": layout, "contents": list(contents), **properties}


def _template(alt_text: str, **template: object) -> Json:
    return {"type": "template", "altText": alt_text, "template": template}


def _flex(alt_text: str, contents: Json) -> Json:
    return {"type": "flex", "altText": alt_text, "contents": contents}


def _column(title: str) -> Json:
    actions = [{"type": "postback", "label": f"Take {title}", "data": title}]
    return {"thumbnailImageUrl": PICTURE, "title": title, "text": f"About {title}", "actions": actions}


_BUBBLE = {
    "type": "bubble",
    "size": "kilo",
    "styles": {"header": {"backgroundColor": "#0000ff"}, "footer": {"separator": True}},
    "header": _box("vertical", {"type": "text", "text": "Header"}),
    "hero": {"type": "image", "url": PICTURE, "size": "full", "aspectRatio": "20:13", "aspectMode": "cover"},
    "body": _box(
        "vertical",
        {"type": "text", "text": "A title", "weight": "bold", "size": "xl", "color": "#aa0000"},
        {
            "type": "text",
            "contents": [{"type": "span", "text": "plain "}, {"type": "span", "text": "bold", "weight": "bold"}],
        },
        {"type": "separator", "margin": "lg"},
        _box(
            "baseline",
            {"type": "icon", "url": PICTURE, "size": "sm"},
            {"type": "text", "text": "one", "flex": 1},
            {"type": "text", "text": "three", "flex": 3},
            margin="lg",
        ),
        _box(
            "vertical",
            {"type": "text", "text": "in a box"},
            {"type": "image", "url": PICTURE, "size": "xs"},
            backgroundColor="#00ff0080",
            cornerRadius="md",
            paddingAll="lg",
            action={"type": "message", "label": "The box", "text": "box"},
        ),
    ),
    "footer": _box(
        "horizontal",
        {
            "type": "button",
            "style": "primary",
            "color": "#112233",
            "action": {"type": "postback", "label": "Keep", "data": "keep"},
        },
        {"type": "button", "action": {"type": "uri", "label": "See", "uri": PAGE}},
    ),
}

EXAMPLES: Mapping[str, Json] = {
    "text": {"type": "text", "text": "Two lines 🍅\n二行目 https://example.com/a?b=1. <b>plain</b>"},
    "text_with_emoji": {
        "type": "text",
        "text": "👋$ and $",
        "emojis": [{"index": 8, **_EMOJI}, {"index": 2, **_EMOJI}],
    },
    "text_v2": {
        "type": "textV2",
        "text": "Hi {you}, {{braces}} {smile} {everyone}",
        "substitution": {
            "you": {"type": "mention", "mentionee": {"type": "user", "userId": "U" + "a" * 32}},
            "everyone": {"type": "mention", "mentionee": {"type": "all"}},
            "smile": {"type": "emoji", **_EMOJI},
        },
    },
    "sticker": {"type": "sticker", "packageId": "446", "stickerId": "1988"},
    "image": {"type": "image", "originalContentUrl": PICTURE, "previewImageUrl": PICTURE},
    "video": {"type": "video", "originalContentUrl": FILM, "previewImageUrl": PICTURE, "trackingId": "track-1"},
    "audio": {"type": "audio", "originalContentUrl": SOUND, "duration": 65_000},
    "location": {"type": "location", "title": "Here", "address": "1 Chiyoda", "latitude": 35.67966, "longitude": 139},
    "coupon": {"type": "coupon", "couponId": "01JYNW8JMQVFBNWF1APF8Z3FS7", "deliveryTag": "2026_winter"},
    "imagemap": {
        "type": "imagemap",
        "baseUrl": IMAGEMAP,
        "altText": "A street",
        "baseSize": {"width": 1040, "height": 585},
        "video": {
            "originalContentUrl": FILM,
            "previewImageUrl": PICTURE,
            "area": _area(0, 0, 1040, 300),
            "externalLink": {"linkUri": PAGE, "label": "See more"},
        },
        "actions": [
            {"type": "uri", "linkUri": "https://example.com/right", "area": _area(520, 300, 520, 285)},
            {"type": "message", "text": "left", "label": "The left house", "area": _area(0, 300, 520, 285)},
            {"type": "clipboard", "clipboardText": "3B48740B", "area": _area(0, 0, 40, 40)},
        ],
    },
    "buttons": _template(
        "Menu",
        type="buttons",
        thumbnailImageUrl=PICTURE,
        imageAspectRatio="square",
        title="Menu",
        text="Please choose",
        defaultAction={"type": "uri", "label": "All of it", "uri": "http://example.com/all"},
        actions=[
            {"type": "postback", "label": "Buy", "data": "action=buy"},
            {"type": "uri", "label": "Call", "uri": "tel:09001234567"},
            {"type": "datetimepicker", "label": "When", "data": "when", "mode": "date"},
            {"type": "clipboard", "label": "Copy", "clipboardText": "3B48740B"},
        ],
    ),
    "confirm": _template("Sure?", type="confirm", text="Sure?", actions=[_YES, {**_YES, "label": "No"}]),
    "carousel": _template("Choices", type="carousel", columns=[_column("one"), _column("two"), _column("three")]),
    "image_carousel": _template(
        "Views",
        type="image_carousel",
        columns=[
            {"imageUrl": PICTURE, "action": {"type": "message", "label": "Sea", "text": "Sea"}},
            {"imageUrl": PICTURE, "action": {"type": "uri", "uri": PAGE}},
        ],
    ),
    "bubble": _flex("A bubble", _BUBBLE),
    "flex_carousel": _flex("Bubbles", {"type": "carousel", "contents": [_BUBBLE] * 3}),
    "flex_with_film": _flex(
        "A film",
        {
            "type": "bubble",
            "hero": {
                "type": "video",
                "url": FILM,
                "previewUrl": PICTURE,
                "altContent": {"type": "image", "url": PICTURE},
                "aspectRatio": "16:9",
            },
            "body": _box("vertical", {"type": "text", "text": "A film"}),
        },
    ),
    "with_quick_reply": {
        "type": "text",
        "text": "Hello",
        "sender": {"name": "Cony", "iconUrl": PICTURE},
        "quickReply": {
            "items": [
                {"type": "action", "imageUrl": PICTURE, "action": {"type": "cameraRoll", "label": "Send photo"}},
                {"type": "action", "action": {"type": "camera", "label": "Camera"}},
                {"type": "action", "action": {"type": "location", "label": "Place"}},
                {"type": "action", "action": _YES},
            ]
        },
    },
}


def fresh_example(name: str, media: Mapping[str, str] | None = None) -> Json:
    """A copy to change. `media` replaces addresses by others."""
    text = json.dumps(EXAMPLES[name])
    for address, other in (media or {}).items():
        text = text.replace(json.dumps(address), json.dumps(other))
    copy: Json = json.loads(text)
    return copy
