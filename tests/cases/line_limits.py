"""LINE's message objects: some at LINE's limits, and some with one thing too much."""

from collections.abc import Mapping
from typing import Any

URL = "https://example.com/a"
LINK = "https://example.com/" + "l" * 980
"""As long as LINE takes a link in an imagemap."""
LONG_LINK = "https://example.com/" + "l" * 9_980
"""As long as LINE takes a link in a URI action, since 27 October 2026."""
TAP = {"type": "message", "label": "Yes", "text": "yes"}
FORM = {"type": "postback", "label": "Form", "data": "form"}
PICK = {"type": "datetimepicker", "label": "Pick", "data": "d", "mode": "date"}
OPEN = {"type": "uri", "label": "Open", "uri": URL}
FLEX_VIDEO = {"type": "video", "url": URL, "previewUrl": URL, "altContent": {"type": "image", "url": URL}}
CAMERAS = ("camera", "cameraRoll", "location")
EMOJI = {"productId": "p", "emojiId": "1"}
AREA = {"x": 0, "y": 0, "width": 10, "height": 10}
FILM = {"originalContentUrl": URL, "previewImageUrl": URL, "area": AREA}


def text(words: str) -> dict[str, Any]:
    return {"type": "text", "text": words}


def image(url: str, preview_url: str) -> dict[str, Any]:
    return {"type": "image", "originalContentUrl": url, "previewImageUrl": preview_url}


def audio(url: str, duration_ms: int) -> dict[str, Any]:
    return {"type": "audio", "originalContentUrl": url, "duration": duration_ms}


def video(url: str, preview_url: str, tracking_id: str) -> dict[str, Any]:
    return {"type": "video", "originalContentUrl": url, "previewImageUrl": preview_url, "trackingId": tracking_id}


def flex(contents: Mapping[str, Any], alt_text: str = "flex") -> dict[str, Any]:
    return {"type": "flex", "altText": alt_text, "contents": contents}


def bubble(*components: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": list(components)}}


def template(**what: Any) -> dict[str, Any]:
    return {"type": "template", "altText": "template", "template": what}


def imagemap(**what: Any) -> dict[str, Any]:
    return {
        "type": "imagemap",
        "baseUrl": URL,
        "altText": "map",
        "baseSize": {"width": 1040, "height": 700},
        "actions": [{"type": "uri", "linkUri": URL, "area": AREA}],
        **what,
    }


def quick_reply(*actions: Mapping[str, Any]) -> dict[str, Any]:
    return {"quickReply": {"items": [{"type": "action", "action": action} for action in actions]}}


def text_v2(words: str, *names: str) -> dict[str, Any]:
    return {"type": "textV2", "text": words, "substitution": {name: {"type": "emoji", **EMOJI} for name in names}}


def buttons(**what: Any) -> dict[str, Any]:
    return template(**{"type": "buttons", "text": "t", "actions": [TAP], **what})


def columns(*several: Mapping[str, Any]) -> dict[str, Any]:
    return template(type="carousel", columns=list(several))


def column(**what: Any) -> dict[str, Any]:
    return {"text": "column", "actions": [TAP], **what}


LABELS = ("👨‍👩‍👧" * 4, "e\u0301" * 10, "🇯🇵" * 10, "🍎" * 20)
"""Twenty code points, fewer characters for a reader, and some of them more in UTF-16."""

GOOD: dict[str, dict[str, Any]] = {
    "text": {"type": "text", "text": "🍎" * 2499 + "$.", "emojis": [EMOJI | {"index": 4998}]},
    "nulls": {
        "type": "text",
        "text": "t",
        "emojis": None,
        "quickReply": None,
        "sender": {"name": None},
        "quoteToken": None,
    },
    "textV2": {
        "type": "textV2",
        "text": "Hi {who} {apple}",
        "substitution": {
            "who": {"type": "mention", "mentionee": {"type": "user", "userId": "U1"}},
            "apple": {"type": "emoji", "productId": "p", "emojiId": "1"},
        },
    },
    "sticker": {"type": "sticker", "packageId": "446", "stickerId": "1988"},
    "image": image(URL, URL),
    "video": video(URL, URL, "t" * 100),
    "audio": audio(URL, 1),
    "location": {"type": "location", "title": "t" * 100, "address": "a" * 100, "latitude": 35.6, "longitude": -139},
    "imagemap": imagemap(
        actions=[
            {"type": "uri", "linkUri": LINK, "area": AREA},
            {"type": "message", "text": "m", "area": AREA},
            {"type": "clipboard", "clipboardText": "c", "area": AREA},
        ],
        video=FILM
        | {
            "externalLink": {"linkUri": LINK, "label": "l"},
        },
    ),
    "buttons": template(type="buttons", text="t" * 160, actions=[TAP] * 4),
    "buttons with a title": template(type="buttons", title="t" * 40, text="t" * 60, actions=[TAP]),
    "confirm": template(type="confirm", text="t" * 240, actions=[TAP, TAP]),
    "labels": template(
        type="buttons", text="t", actions=[{"type": "message", "label": label, "text": label * 15} for label in LABELS]
    ),
    "carousel": template(type="carousel", columns=[column(text="t" * 120)] * 10),
    "image carousel": template(type="image_carousel", columns=[{"imageUrl": URL, "action": TAP | {"label": "l" * 12}}]),
    "flex": flex(
        bubble(
            {"type": "text", "text": "t"},
            {"type": "text", "contents": [{"type": "span", "text": "s"}]},
            {"type": "image", "url": URL, "action": TAP},
            {"type": "button", "action": TAP | {"label": "l" * 40}},
            {"type": "a component of next year"},
        )
    ),
    "flex video": flex({"type": "bubble", "size": "kilo", "hero": FLEX_VIDEO | {"action": OPEN, "aspectRatio": "1:3"}}),
    "flex images": flex(
        bubble(
            *[{"type": "image", "url": URL, "animated": True, "aspectRatio": "1.91:1"}] * 10,
            {"type": "image", "url": URL},
            {"type": "box", "layout": "baseline", "contents": [{"type": "icon", "url": URL, "aspectRatio": "1:3"}]},
        )
    ),
    "sizes alike": flex({"type": "carousel", "contents": [bubble(), bubble() | {"size": "mega"}]}),
    "flex carousel": flex({"type": "carousel", "contents": [bubble({"type": "text", "text": "t"})] * 12}),
    "coupon": {"type": "coupon", "couponId": "c", "deliveryTag": "d" * 30},
    "actions of quick replies": text("t")
    | quick_reply(*({"type": kind, "label": "l"} for kind in CAMERAS), PICK, OPEN),
    "columns alike": template(type="carousel", columns=[column(title="t", thumbnailImageUrl=URL)] * 2),
    "no labels": template(
        type="image_carousel",
        columns=[{"imageUrl": URL, "action": {"type": "message", "text": "t"}}],
    ),
    "default action": template(
        type="buttons",
        text="t",
        imageSize="contain",
        imageAspectRatio="square",
        defaultAction={"type": "uri", "uri": URL},
        actions=[TAP],
    ),
    "base url": imagemap(baseUrl="https://example.com/v1.2/map.2026"),
    "braces": {"type": "textV2", "text": "{{a}} {{{b_1}}} {b_1}", "substitution": {"b_1": {"type": "emoji", **EMOJI}}},
    "quick reply": text("t") | {"quickReply": {"items": [{"type": "action", "imageUrl": URL, "action": TAP}] * 13}},
    "sender": text("t") | {"sender": {"name": "n" * 20, "iconUrl": URL}},
    "actions": template(
        type="carousel",
        columns=[
            column(actions=[action])
            for action in (
                {"type": "postback", "label": "l", "data": "d" * 300, "displayText": "👨‍👩‍👧" * 60},
                {"type": "uri", "label": "l", "uri": LONG_LINK, "altUri": {"desktop": LONG_LINK}},
                PICK,
                PICK | {"min": "1900-01-01", "initial": "2026-12-24", "max": "2100-12-31"},
                PICK | {"mode": "time", "min": "09:00", "initial": "09:00"},
                PICK | {"mode": "datetime", "max": "2026-12-24t18:30", "initial": "2026-12-24T18:30"},
                {"type": "clipboard", "label": "l", "clipboardText": "c" * 1000},
            )
        ],
    ),
}

BAD: list[tuple[Any, str]] = [
    ("text", ""),
    ({"text": "no type"}, ".type"),
    ({"type": "gif"}, ".type"),
    ({"type": ["text"]}, ".type"),
    ({"type": "text"}, ".text"),
    (text(""), ".text"),
    (text("🍎" * 2500 + "a"), ".text"),
    ({"type": "text", "text": 5}, ".text"),
    ({"type": "text", "text": None}, ".text"),
    (GOOD["text"] | {"emojis": [EMOJI]}, ".emojis[0].index"),
    (GOOD["text"] | {"emojis": [EMOJI | {"index": 2499}]}, ".emojis[0].index"),
    (GOOD["text"] | {"emojis": [EMOJI | {"index": 4998}] * 2 + [EMOJI | {"index": 4999}]}, ".emojis[2].index"),
    (GOOD["text"] | {"emojis": []}, ".emojis"),
    (text("$" * 21) | {"emojis": [EMOJI | {"index": place} for place in range(21)]}, ".emojis"),
    (
        text_v2("{who}") | {"substitution": {"who": {"type": "mention", "mentionee": {"type": "user"}}}},
        ".substitution.who.mentionee.userId",
    ),
    ({"type": "sticker", "packageId": 446, "stickerId": "1988"}, ".packageId"),
    (image("http://example.com/a", URL), ".originalContentUrl"),
    (image(URL, "https://example.com/春"), ".previewImageUrl"),
    (image(URL + "a" * 2000, URL), ".originalContentUrl"),
    (video(URL, URL, "t" * 101), ".trackingId"),
    (audio(URL, 0), ".duration"),
    (GOOD["audio"] | {"duration": 1.5}, ".duration"),
    (GOOD["audio"] | {"duration": True}, ".duration"),
    (GOOD["location"] | {"title": "t" * 101}, ".title"),
    (GOOD["location"] | {"address": "t" * 101}, ".address"),
    (GOOD["location"] | {"latitude": 91}, ".latitude"),
    (GOOD["location"] | {"longitude": float("nan")}, ".longitude"),
    (imagemap(altText="t" * 1501), ".altText"),
    (imagemap(actions=[{"type": "message", "text": "m", "area": AREA}] * 51), ".actions"),
    (imagemap(actions=[]), ".actions"),
    (imagemap(actions=[{"type": "message", "text": "m"}]), ".actions[0].area"),
    (imagemap(actions=[{"type": "uri", "linkUri": "javascript:1", "area": AREA}]), ".actions[0].linkUri"),
    (imagemap(actions=[{"type": "uri", "linkUri": LINK + "l", "area": AREA}]), ".actions[0].linkUri"),
    (
        imagemap(video=FILM | {"externalLink": {"linkUri": LINK + "l", "label": "l"}}),
        ".video.externalLink.linkUri",
    ),
    (imagemap(baseSize={"width": 1040}), ".baseSize.height"),
    (GOOD["buttons"] | {"altText": "t" * 1501}, ".altText"),
    (template(type="buttons", text="t" * 161, actions=[TAP]), ".template.text"),
    (template(type="buttons", text="t" * 61, thumbnailImageUrl=URL, actions=[TAP]), ".template.text"),
    (template(type="buttons", title="t" * 41, text="t", actions=[TAP]), ".template.title"),
    (template(type="buttons", text="t", actions=[TAP] * 5), ".template.actions"),
    (template(type="buttons", text="t", actions=[]), ".template.actions"),
    (template(type="confirm", text="t" * 241, actions=[TAP, TAP]), ".template.text"),
    (template(type="confirm", text="t", actions=[TAP]), ".template.actions"),
    (template(type="carousel", columns=[column()] * 11), ".template.columns"),
    (template(type="carousel", columns=[column(actions=[TAP] * 4)]), ".template.columns[0].actions"),
    (template(type="carousel", columns=[column(text="t" * 121)]), ".template.columns[0].text"),
    (template(type="carousel", columns=[column(text="t" * 61, title="t")]), ".template.columns[0].text"),
    (
        template(type="image_carousel", columns=[{"imageUrl": URL, "action": TAP | {"label": "l" * 13}}]),
        ".template.columns[0].action.label",
    ),
    (template(type="confirm", text="t", actions=[TAP | {"label": "l" * 21}, TAP]), ".template.actions[0].label"),
    (template(type="confirm", text="t", actions=[TAP | {"text": "t" * 301}, TAP]), ".template.actions[0].text"),
    (
        template(type="confirm", text="t", actions=[{"type": "postback", "label": "l", "data": "d" * 301}, TAP]),
        ".template.actions[0].data",
    ),
    (
        template(type="confirm", text="t", actions=[TAP | {"label": "👨‍👩‍👧" * 4 + "l"}, TAP]),
        ".template.actions[0].label",
    ),
    (template(type="confirm", text="t", actions=[TAP | {"text": "e\u0301" * 151}, TAP]), ".template.actions[0].text"),
    (
        template(type="confirm", text="t", actions=[FORM | {"displayText": "👨‍👩‍👧" * 61}, TAP]),
        ".template.actions[0].displayText",
    ),
    (
        template(type="confirm", text="t", actions=[FORM | {"fillInText": "🇯🇵" * 151}, TAP]),
        ".template.actions[0].fillInText",
    ),
    (template(type="confirm", text="t", actions=[OPEN | {"uri": LONG_LINK + "l"}, TAP]), ".template.actions[0].uri"),
    (
        template(type="confirm", text="t", actions=[OPEN | {"altUri": {"desktop": LONG_LINK + "l"}}, TAP]),
        ".template.actions[0].altUri.desktop",
    ),
    (template(type="confirm", text="t", actions=[{"type": "fly"}, TAP]), ".template.actions[0].type"),
    (columns(column(), column(actions=[TAP] * 2), column()), ".template.columns[1].actions"),
    (columns(column(title="t"), column(title="t"), column()), ".template.columns[2].title"),
    (columns(column(), column(title="t")), ".template.columns[1].title"),
    (columns(column(thumbnailImageUrl=URL), column()), ".template.columns[1].thumbnailImageUrl"),
    (columns(column(title="")), ".template.columns[0].title"),
    (buttons(title=""), ".template.title"),
    (buttons(actions=[TAP, {"type": "message", "text": "t"}]), ".template.actions[1].label"),
    (buttons(actions=[TAP | {"label": ""}]), ".template.actions[0].label"),
    (columns(column(actions=[{"type": "uri", "uri": URL}])), ".template.columns[0].actions[0].label"),
    (text("t") | quick_reply({"type": "message", "text": "t"}), ".quickReply.items[0].action.label"),
    (text("t") | quick_reply({"type": "camera"}), ".quickReply.items[0].action.label"),
    (text("t") | {"quickReply": {"items": [{"action": TAP}]}}, ".quickReply.items[0].type"),
    *[(buttons(actions=[{"type": kind, "label": "l"}]), ".template.actions[0].type") for kind in CAMERAS],
    (
        text("t") | quick_reply({"type": "richmenuswitch", "label": "l", "richMenuAliasId": "a", "data": "d"}),
        ".quickReply.items[0].action.type",
    ),
    (buttons(imageSize="huge"), ".template.imageSize"),
    (buttons(imageAspectRatio="16:9"), ".template.imageAspectRatio"),
    (buttons(actions=[PICK | {"mode": "year"}]), ".template.actions[0].mode"),
    (buttons(actions=[PICK | {"initial": "24.12.2026"}]), ".template.actions[0].initial"),
    (buttons(actions=[PICK | {"initial": "2026-02-30"}]), ".template.actions[0].initial"),
    (buttons(actions=[PICK | {"min": "1899-12-31"}]), ".template.actions[0].min"),
    (buttons(actions=[PICK | {"max": "2101-01-01"}]), ".template.actions[0].max"),
    (buttons(actions=[PICK | {"min": "2026-12-24", "max": "2026-12-24"}]), ".template.actions[0].max"),
    (buttons(actions=[PICK | {"min": "2026-12-24", "initial": "2026-12-23"}]), ".template.actions[0].initial"),
    (buttons(actions=[PICK | {"mode": "time", "max": "18:30", "initial": "18:31"}]), ".template.actions[0].initial"),
    (buttons(actions=[PICK | {"mode": "time", "initial": "24:00"}]), ".template.actions[0].initial"),
    (buttons(actions=[PICK | {"mode": "datetime", "initial": "2026-12-24"}]), ".template.actions[0].initial"),
    (buttons(actions=[FORM | {"displayText": "t", "text": "t"}]), ".template.actions[0].text"),
    *[(text_v2(words, "a"), ".text") for words in ("{", "}", "a { b", "{a}}", "{{a}", "{b}", "{}", "{{{a}}")],
    (text_v2("a", "a-b"), ".substitution.a-b"),
    (text_v2("a", "a" * 21), ".substitution." + "a" * 21),
    (text_v2("a", *(f"n{n}" for n in range(21))), ".substitution"),
    (video(URL, URL, "two words"), ".trackingId"),
    ({"type": "coupon", "couponId": "c", "deliveryTag": "spring-2026"}, ".deliveryTag"),
    (imagemap(baseSize={"width": 1000, "height": 700}), ".baseSize.width"),
    *[
        (imagemap(baseUrl=f"https://example.com/map{ending}"), ".baseUrl")
        for ending in (".png", ".JPG", "/1040.jpeg", ".gif?v=1")
    ],
    (imagemap(video={"originalContentUrl": URL, "previewImageUrl": URL}), ".video.area"),
    (imagemap(video=FILM | {"externalLink": {"linkUri": URL}}), ".video.externalLink.label"),
    (flex(bubble(), "t" * 1501), ".altText"),
    (flex(bubble(), ""), ".altText"),
    (flex({"type": "box", "layout": "vertical", "contents": []}), ".contents.type"),
    (flex(bubble({"type": "text", "text": ""})), ".contents.body.contents[0].text"),
    (flex(bubble({"type": "image", "url": "http://example.com/a"})), ".contents.body.contents[0].url"),
    (flex(bubble({"type": "button", "action": TAP | {"label": "l" * 41}})), ".contents.body.contents[0].action.label"),
    (flex(bubble({"type": "button"})), ".contents.body.contents[0].action"),
    (
        flex(bubble({"type": "button", "action": {"type": "uri", "uri": URL}})),
        ".contents.body.contents[0].action.label",
    ),
    (flex({"type": "bubble"}), ".contents"),
    (flex(bubble({"type": "box", "layout": "vertical"})), ".contents.body.contents[0].contents"),
    (flex(bubble({"type": "box", "layout": "vertical", "contents": {}})), ".contents.body.contents[0].contents"),
    (flex(bubble({"text": "t"})), ".contents.body.contents[0].type"),
    (
        flex({"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": ["t"]}}),
        ".contents.body.contents[0]",
    ),
    (flex({"type": "bubble", "body": {"type": "text", "text": "t"}}), ".contents.body.type"),
    (flex({"type": "bubble", "hero": {"type": "text", "text": "t"}}), ".contents.hero.type"),
    (
        flex({"type": "bubble", "hero": FLEX_VIDEO, "size": "giga", "header": {"type": "box", "contents": []}}),
        ".contents.header.layout",
    ),
    (flex({"type": "bubble", "hero": FLEX_VIDEO, "size": "micro"}), ".contents.size"),
    (
        flex({"type": "bubble", "hero": FLEX_VIDEO | {"altContent": {"type": "text", "text": "t"}}}),
        ".contents.hero.altContent.type",
    ),
    (flex({"type": "bubble", "hero": FLEX_VIDEO | {"action": TAP}}), ".contents.hero.action.type"),
    (flex(bubble(FLEX_VIDEO)), ".contents.body.contents[0].type"),
    (flex(bubble({"type": "icon", "url": URL})), ".contents.body.contents[0].type"),
    (flex(bubble({"type": "span", "text": "t"})), ".contents.body.contents[0].type"),
    (
        flex(bubble({"type": "box", "layout": "baseline", "contents": [{"type": "image", "url": URL}]})),
        ".contents.body.contents[0].contents[0].type",
    ),
    (flex(bubble({"type": "box", "layout": "diagonal", "contents": []})), ".contents.body.contents[0].layout"),
    (
        flex(bubble({"type": "text", "contents": [{"type": "text", "text": "t"}]})),
        ".contents.body.contents[0].contents[0].type",
    ),
    *[
        (flex(bubble({"type": "image", "url": URL, "aspectRatio": ratio})), ".contents.body.contents[0].aspectRatio")
        for ratio in ("1:3.1", "0:1", "100001:1", "wide", "16/9")
    ],
    (flex(bubble(*[{"type": "image", "url": URL, "animated": True}] * 11)), ".contents"),
    (flex({"type": "carousel", "contents": [bubble(), bubble() | {"size": "kilo"}]}), ".contents.contents[1].size"),
    (
        flex({"type": "carousel", "contents": [{"type": "bubble", "hero": FLEX_VIDEO}]}),
        ".contents.contents[0].hero.type",
    ),
    (flex(bubble({"type": "text", "text": "あ" * 10_240})), ".contents"),
    (flex({"type": "carousel", "contents": [bubble()] * 13}), ".contents.contents"),
    (flex({"type": "carousel", "contents": [bubble({"type": "text", "text": "t" * 20_000})] * 3}), ".contents"),
    ({"type": "coupon", "couponId": "c", "deliveryTag": "d" * 31}, ".deliveryTag"),
    (text("t") | {"quickReply": {"items": [{"type": "action", "action": TAP}] * 14}}, ".quickReply.items"),
    (
        text("t") | {"quickReply": {"items": [{"type": "action", "action": TAP | {"label": "l" * 21}}]}},
        ".quickReply.items[0].action.label",
    ),
    (text("t") | {"sender": {"name": "n" * 21}}, ".sender.name"),
    (text("t") | {"sender": {"iconUrl": "a.png"}}, ".sender.iconUrl"),
]
"""Each with the place of what is wrong in it."""

STRICTER: list[tuple[Any, str]] = [
    (audio(URL, 24 * 60 * 60 * 1000 + 1), ".duration"),
    (audio(URL, 10**30), ".duration"),
]
"""What LINE would take, and no one can mean."""

HALF_CHARACTERS: list[tuple[Any, str]] = [
    (text("half \ud83c"), ".text"),
    (flex(bubble({"type": "text", "text": "t\ud800"})), ".contents.body.contents[0].text"),
]
"""What cannot be written as UTF-8, so that Kairan cannot send it."""
