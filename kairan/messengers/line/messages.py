"""What LINE would refuse in message objects (Messaging API reference, "Message objects").

The numbers are in `kairan.messengers.line.limits`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any

from kairan.errors import Violation
from kairan.messengers.line.actions import AREA, IMAGEMAP_LINK, action, imagemap_action
from kairan.messengers.line.flex import CONTAINER
from kairan.messengers.line.limits import (
    CONFIRM_ACTIONS,
    IMAGEMAP_WIDTH,
    MAX_ALT_TEXT,
    MAX_AUDIO_DURATION_MS,
    MAX_BUTTONS_ACTIONS,
    MAX_BUTTONS_TEXT_GRAPHEMES,
    MAX_BUTTONS_TEXT_GRAPHEMES_WITH_TITLE_OR_IMAGE,
    MAX_CAROUSEL_COLUMNS,
    MAX_COLUMN_ACTIONS,
    MAX_COLUMN_TEXT_GRAPHEMES,
    MAX_COLUMN_TEXT_GRAPHEMES_WITH_TITLE_OR_IMAGE,
    MAX_CONFIRM_TEXT_GRAPHEMES,
    MAX_DELIVERY_TAG,
    MAX_EMOJIS,
    MAX_IMAGE_CAROUSEL_LABEL_CODE_POINTS,
    MAX_IMAGEMAP_ACTIONS,
    MAX_IMAGEMAP_LINK_LABEL,
    MAX_LABEL_CODE_POINTS,
    MAX_LOCATION_ADDRESS,
    MAX_LOCATION_TITLE,
    MAX_MESSAGES,
    MAX_QUICK_REPLY_ITEMS,
    MAX_SENDER_NAME,
    MAX_SUBSTITUTION_KEY,
    MAX_SUBSTITUTIONS,
    MAX_SUBSTITUTIONS_OF_A_KIND,
    MAX_TEXT,
    MAX_TITLE_GRAPHEMES,
    MAX_TRACKING_ID,
)
from kairan.messengers.line.shapes import (
    Check,
    both,
    choice,
    judged_by,
    listed,
    mapped,
    number,
    one_of,
    shape,
    text,
    whole,
)
from kairan.messengers.line.urls import media_url_violation
from kairan.messengers.port import NativeObject
from kairan.text import grapheme_count, has_lone_surrogate, is_invisible, utf16_places

MAX_VIOLATIONS = 100
UNSPOKEN: NativeObject = {"type": "audio"}
"""Stands in for a `Speech` that has no sound yet. LINE's limits do not apply to it."""


def has_empty_text(messages: Sequence[NativeObject]) -> bool:
    """Whether a text message shows nothing: it is empty, white space, or invisible characters alone."""
    return any(
        message.get("type") in ("text", "textV2")
        and isinstance(words := message.get("text"), str)
        and is_invisible(words)
        for message in messages
    )


def violations(messages: Sequence[NativeObject]) -> list[Violation]:
    """What LINE would refuse in the messages of one request, by paths such as `messages[0].text`.

    Stops after `MAX_VIOLATIONS`, so that a body of millions of wrong objects costs no more than its own size.
    """
    found = chain(_MESSAGES(messages, "messages"), _lone_surrogates(messages, "messages"))
    return list(islice(found, MAX_VIOLATIONS))


def _lone_surrogates(value: Any, path: str) -> Iterator[Violation]:
    if isinstance(value, str):
        if has_lone_surrogate(value):
            yield Violation(path, "holds half of a character (a lone surrogate)")
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if has_lone_surrogate(name):
                yield Violation(path, "has a name with half of a character (a lone surrogate)")
            yield from _lone_surrogates(inner, f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield from _lone_surrogates(inner, f"{path}[{index}]")


_WORD = (re.compile("[0-9A-Za-z_]*"), "must be of the letters A to Z, digits and _ alone")
_TRACKING_ID = (
    re.compile(r"[A-Za-z0-9\-.=,+*()%$&;:@{}!?<>\[\]]*"),
    "must be of the letters A to Z, digits and -.=,+*()%$&;:@{}!?<>[] alone",
)
_BRACES = re.compile(r"\{\{|\}\}|\{(?P<name>[^{}]*)\}|[{}]")
_IMAGE_ENDING = re.compile(r"\.(?:jpe?g|jpe|jfif|png|gif|webp|bmp|tiff?|avif|heic|svg)(?:[?#]|$)", re.IGNORECASE)
_graphemes = partial(text, length=grapheme_count)
_MEDIA_URL = judged_by(media_url_violation)
_ACTION = action(MAX_LABEL_CODE_POINTS, labelled=True)
_TITLE = _graphemes(MAX_TITLE_GRAPHEMES)
_IMAGES: dict[str, Check] = {"imageAspectRatio": choice("rectangle", "square"), "imageSize": choice("cover", "contain")}
_EMOJI: dict[str, Check] = {"productId": text(), "emojiId": text()}


def _card(max_actions: int, max_text: int, max_text_with_title_or_image: int) -> Check:
    """A buttons template or a column of a carousel. Its text may be shorter beside a title or an image."""
    rest = shape(
        {"actions": listed(_ACTION, at_least=1, at_most=max_actions)},
        {
            "title": _TITLE,
            "thumbnailImageUrl": _MEDIA_URL,
            "defaultAction": action(MAX_LABEL_CODE_POINTS, labelled=False),
        },
    )

    def check(value: Any, path: str) -> Iterator[Violation]:
        yield from rest(value, path)
        if isinstance(value, Mapping):
            crowded = value.get("title") or value.get("thumbnailImageUrl")
            limit = max_text_with_title_or_image if crowded else max_text
            yield from shape({"text": _graphemes(limit)})(value, path)

    return check


def _like_the_first(value: Mapping[str, Any], path: str) -> Iterator[Violation]:
    """All columns have as many actions; all or none have a title, and an image ("Column object for carousel")."""
    columns = value.get("columns")
    if not isinstance(columns, list | tuple) or not all(isinstance(column, Mapping) for column in columns):
        return
    for index, column in enumerate(columns):
        for name in ("actions", "title", "thumbnailImageUrl"):
            first, own = columns[0].get(name), column.get(name)
            if name == "actions":
                if isinstance(first, list) and isinstance(own, list) and len(first) != len(own):
                    yield Violation(f"{path}.columns[{index}].{name}", f"must be {len(first)}, as in the first column")
            elif (first is None) != (own is None):
                yield Violation(f"{path}.columns[{index}].{name}", "must be in all columns or in none")


_TEMPLATE = one_of(
    {
        "buttons": both(
            _card(MAX_BUTTONS_ACTIONS, MAX_BUTTONS_TEXT_GRAPHEMES, MAX_BUTTONS_TEXT_GRAPHEMES_WITH_TITLE_OR_IMAGE),
            shape({}, _IMAGES),
        ),
        "confirm": shape(
            {
                "text": _graphemes(MAX_CONFIRM_TEXT_GRAPHEMES),
                "actions": listed(_ACTION, at_least=CONFIRM_ACTIONS, at_most=CONFIRM_ACTIONS),
            }
        ),
        "carousel": both(
            shape(
                {
                    "columns": listed(
                        _card(
                            MAX_COLUMN_ACTIONS,
                            MAX_COLUMN_TEXT_GRAPHEMES,
                            MAX_COLUMN_TEXT_GRAPHEMES_WITH_TITLE_OR_IMAGE,
                        ),
                        at_least=1,
                        at_most=MAX_CAROUSEL_COLUMNS,
                    )
                },
                _IMAGES,
            ),
            _like_the_first,
        ),
        "image_carousel": shape(
            {
                "columns": listed(
                    shape(
                        {"imageUrl": _MEDIA_URL, "action": action(MAX_IMAGE_CAROUSEL_LABEL_CODE_POINTS, labelled=False)}
                    ),
                    at_least=1,
                    at_most=MAX_CAROUSEL_COLUMNS,
                )
            }
        ),
    }
)

_SUBSTITUTION = one_of(
    {
        "mention": shape({"mentionee": one_of({"user": shape({"userId": text()}), "all": shape()})}),
        "emoji": shape(_EMOJI),
    }
)


def _substituted(value: Mapping[str, Any], path: str) -> Iterator[Violation]:
    """Braces come in pairs. Between single ones stands a name of `substitution` ("Text message (v2)")."""
    substitution = value.get("substitution")
    names = substitution if isinstance(substitution, Mapping) else {}
    words = value.get("text")
    for part in _BRACES.finditer(words) if isinstance(words, str) else ():
        if part[0] in ("{", "}"):
            yield Violation(f"{path}.text", "has a single brace: a plain one is written twice ({{ or }})")
            break
        if part["name"] is not None and part["name"] not in names:
            yield Violation(f"{path}.text", f"{part[0]} is not in substitution; plain braces are written twice")
            break
    for name in names:
        yield from text(MAX_SUBSTITUTION_KEY, form=_WORD)(name, f"{path}.substitution.{name}")
    kinds = [each.get("type") for each in names.values() if isinstance(each, Mapping)]
    for kind in ("mention", "emoji"):
        if (number := kinds.count(kind)) > MAX_SUBSTITUTIONS_OF_A_KIND:
            yield Violation(
                f"{path}.substitution", f"holds {number} of the type {kind}; LINE takes {MAX_SUBSTITUTIONS_OF_A_KIND}"
            )


def _base_url_violation(url: str) -> str | None:
    """LINE adds the width of the image to this address ("How to configure an image")."""
    if _IMAGE_ENDING.search(url):
        return "must be without the ending of an image: LINE asks for baseUrl/1040"
    return media_url_violation(url)


_IMAGEMAP_VIDEO = shape(
    {"originalContentUrl": _MEDIA_URL, "previewImageUrl": _MEDIA_URL, "area": AREA},
    {"externalLink": shape({"linkUri": IMAGEMAP_LINK, "label": text(MAX_IMAGEMAP_LINK_LABEL)})},
)

_COMMON = shape(
    {},
    {
        "quickReply": shape(
            {
                "items": listed(
                    shape(
                        {
                            "type": choice("action"),
                            "action": action(MAX_LABEL_CODE_POINTS, labelled=True, in_quick_reply=True),
                        },
                        {"imageUrl": _MEDIA_URL},
                    ),
                    at_least=1,
                    at_most=MAX_QUICK_REPLY_ITEMS,
                )
            }
        ),
        "sender": shape({}, {"name": text(MAX_SENDER_NAME), "iconUrl": _MEDIA_URL}),
    },
)


def _at_dollars(value: Any, path: str) -> Iterator[Violation]:
    """A LINE emoji replaces a `$` of the text ("Text message")."""
    words, emojis = value.get("text"), value.get("emojis")
    if not isinstance(words, str) or not isinstance(emojis, list | tuple):
        return
    dollars = set(utf16_places(words, "$"))
    for place, emoji in enumerate(emojis[:MAX_EMOJIS]):
        index = emoji.get("index") if isinstance(emoji, Mapping) else None
        if index is not None and (isinstance(index, bool) or not isinstance(index, int) or index not in dollars):
            yield Violation(f"{path}.emojis[{place}].index", "must be the place of a $ in the text, in UTF-16 units")


_OF_TYPE = one_of(
    {
        "text": both(
            shape(
                {"text": text(MAX_TEXT)},
                {
                    "emojis": listed(shape({"index": both()} | _EMOJI), at_least=1, at_most=MAX_EMOJIS),
                    "quoteToken": text(),
                },
            ),
            _at_dollars,
        ),
        "textV2": both(
            shape(
                {"text": text(MAX_TEXT)},
                {"substitution": mapped(_SUBSTITUTION, at_most=MAX_SUBSTITUTIONS), "quoteToken": text()},
            ),
            _substituted,
        ),
        "sticker": shape({"packageId": text(), "stickerId": text()}, {"quoteToken": text()}),
        "image": shape({"originalContentUrl": _MEDIA_URL, "previewImageUrl": _MEDIA_URL}),
        "video": shape(
            {"originalContentUrl": _MEDIA_URL, "previewImageUrl": _MEDIA_URL},
            {"trackingId": text(MAX_TRACKING_ID, form=_TRACKING_ID)},
        ),
        "audio": shape({"originalContentUrl": _MEDIA_URL, "duration": whole(1, MAX_AUDIO_DURATION_MS)}),
        "location": shape(
            {
                "title": text(MAX_LOCATION_TITLE),
                "address": text(MAX_LOCATION_ADDRESS),
                "latitude": number(-90, 90),
                "longitude": number(-180, 180),
            }
        ),
        "imagemap": shape(
            {
                "baseUrl": judged_by(_base_url_violation),
                "altText": text(MAX_ALT_TEXT),
                "baseSize": shape({"width": whole(IMAGEMAP_WIDTH, IMAGEMAP_WIDTH), "height": whole(1)}),
                "actions": listed(imagemap_action(), at_least=1, at_most=MAX_IMAGEMAP_ACTIONS),
            },
            {"video": _IMAGEMAP_VIDEO},
        ),
        "template": shape({"altText": text(MAX_ALT_TEXT), "template": _TEMPLATE}),
        "flex": shape({"altText": text(MAX_ALT_TEXT), "contents": CONTAINER}),
        "coupon": shape({"couponId": text()}, {"deliveryTag": text(MAX_DELIVERY_TAG, form=_WORD)}),
    }
)


def _message(value: Any, path: str) -> Iterator[Violation]:
    if value is UNSPOKEN:
        return
    yield from _OF_TYPE(value, path)
    if isinstance(value, Mapping):
        yield from _COMMON(value, path)


_MESSAGES = listed(_message, at_least=1, at_most=MAX_MESSAGES)
