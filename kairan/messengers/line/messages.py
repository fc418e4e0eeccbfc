"""What LINE would refuse in message objects (Messaging API reference, "Message objects").

The numbers are in `kairan.messengers.line.limits`.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from kairan.errors import Violation
from kairan.messengers.line.actions import AREA, action, graphemes, imagemap_action
from kairan.messengers.line.flex import CONTAINER
from kairan.messengers.line.limits import (
    CONFIRM_ACTIONS,
    DELIVERY_TAG,
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
    MAX_EMOJI_SUBSTITUTIONS,
    MAX_EMOJIS,
    MAX_IMAGE_CAROUSEL_LABEL,
    MAX_IMAGEMAP_ACTIONS,
    MAX_IMAGEMAP_LINK_LABEL,
    MAX_LABEL,
    MAX_LOCATION_ADDRESS,
    MAX_LOCATION_TITLE,
    MAX_MENTIONS,
    MAX_MESSAGES,
    MAX_QUICK_REPLY_ITEMS,
    MAX_SENDER_NAME,
    MAX_SUBSTITUTIONS,
    MAX_TEXT,
    MAX_TITLE_GRAPHEMES,
    MAX_TRACKING_ID,
    SUBSTITUTION_KEY,
    TRACKING_ID,
)
from kairan.messengers.line.shapes import (
    Check,
    both,
    choice,
    exactly,
    judged_by,
    listed,
    mapped,
    matching,
    number,
    one_of,
    shape,
    text,
    whole,
)
from kairan.messengers.line.urls import base_url_violation, imagemap_link_violation, media_url_violation
from kairan.messengers.port import NativeObject
from kairan.text import has_lone_surrogate, shows_nothing

MAX_VIOLATIONS = 100
"""A message of megabytes can break a rule a million times."""
UNSPOKEN: NativeObject = {"type": "audio"}
"""Stands in for a `Speech` that has no sound yet. LINE's limits do not apply to it."""


def has_empty_text(messages: Sequence[NativeObject]) -> bool:
    """Whether a text message is empty, or holds nothing that can be seen."""
    return any(
        message.get("type") in ("text", "textV2")
        and isinstance(words := message.get("text"), str)
        and shows_nothing(words)
        for message in messages
    )


def violations(messages: Sequence[NativeObject]) -> list[Violation]:
    """What LINE would refuse in the messages of one request, by paths such as `messages[0].text`; the first hundred."""
    every = chain(_MESSAGES(messages, "messages"), _lone_surrogates(messages, "messages"))
    return list(islice(every, MAX_VIOLATIONS))


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


_MEDIA_URL = judged_by(media_url_violation)
_ACTION = action(MAX_LABEL, label_required=True)
_DEFAULT_ACTION = action(MAX_LABEL)
_TEXT_V2_PARTS = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_IMAGE_OPTIONS: dict[str, Check] = {
    "imageAspectRatio": choice("rectangle", "square"),
    "imageSize": choice("cover", "contain"),
}
_QUICK_REPLY_ACTION = action(MAX_LABEL, label_required=True, in_quick_reply=True)
_TRACKING_ID = matching(TRACKING_ID, MAX_TRACKING_ID, "letters, digits and -.=,+*()%$&;:@{}!?<>[]")
_DELIVERY_TAG = matching(DELIVERY_TAG, MAX_DELIVERY_TAG, "letters, digits and _")
_TITLE = graphemes(MAX_TITLE_GRAPHEMES, may_be_empty=True)
_EMOJI: dict[str, Check] = {"productId": text(), "emojiId": text()}


def _card(max_actions: int, max_text: int, max_text_with_title_or_image: int) -> Check:
    """A buttons template or a column of a carousel. Its text may be shorter beside a title or an image."""
    rest = shape(
        {"actions": listed(_ACTION, at_least=1, at_most=max_actions)},
        {"title": _TITLE, "thumbnailImageUrl": _MEDIA_URL, "defaultAction": _DEFAULT_ACTION},
    )

    def check(value: Any, path: str) -> Iterator[Violation]:
        yield from rest(value, path)
        if isinstance(value, Mapping):
            crowded = value.get("title") or value.get("thumbnailImageUrl")
            limit = max_text_with_title_or_image if crowded else max_text
            yield from shape({"text": graphemes(limit)})(value, path)

    return check


def _alike(value: Any, path: str) -> Iterator[Violation]:
    """All columns have as many actions; all or none have a title, and an image ("Column object for carousel")."""
    columns = value["columns"]
    for name, trait, wanted in _COLUMN_TRAITS:
        for index, column in enumerate(columns):
            if trait(column) != trait(columns[0]):
                yield Violation(f"{path}.columns[{index}].{name}", wanted)


_COLUMN_TRAITS: tuple[tuple[str, Callable[[Mapping[str, Any]], object], str], ...] = (
    ("actions", lambda column: len(column["actions"]), "must be as many as in the first column"),
    ("title", lambda column: bool(column.get("title")), "must be in all columns or in none"),
    ("thumbnailImageUrl", lambda column: bool(column.get("thumbnailImageUrl")), "must be in all columns or in none"),
)

_TEMPLATE = one_of(
    {
        "buttons": both(
            shape({}, _IMAGE_OPTIONS),
            _card(MAX_BUTTONS_ACTIONS, MAX_BUTTONS_TEXT_GRAPHEMES, MAX_BUTTONS_TEXT_GRAPHEMES_WITH_TITLE_OR_IMAGE),
        ),
        "confirm": shape(
            {
                "text": graphemes(MAX_CONFIRM_TEXT_GRAPHEMES),
                "actions": listed(_ACTION, at_least=CONFIRM_ACTIONS, at_most=CONFIRM_ACTIONS),
            }
        ),
        "carousel": both(
            shape(
                {
                    "columns": listed(
                        _card(
                            MAX_COLUMN_ACTIONS, MAX_COLUMN_TEXT_GRAPHEMES, MAX_COLUMN_TEXT_GRAPHEMES_WITH_TITLE_OR_IMAGE
                        ),
                        at_least=1,
                        at_most=MAX_CAROUSEL_COLUMNS,
                    )
                },
                _IMAGE_OPTIONS,
            ),
            _alike,
        ),
        "image_carousel": shape(
            {
                "columns": listed(
                    shape({"imageUrl": _MEDIA_URL, "action": action(MAX_IMAGE_CAROUSEL_LABEL)}),
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


def _emojis_at_signs(value: Any, path: str) -> Iterator[Violation]:
    """A LINE emoji stands where the text has a `$` ("Text message")."""
    emojis = value.get("emojis") or ()
    units = value["text"].encode("utf-16-le", "surrogatepass") if emojis else b""
    for place, emoji in enumerate(emojis):
        at = 2 * emoji["index"]
        if units[at : at + 2] != b"$\0":
            yield Violation(f"{path}.emojis[{place}].index", "must be the position of a $ in the text, in UTF-16 units")


def _braces(value: Any, path: str) -> Iterator[Violation]:
    """Braces come in pairs, and what stands between them is substituted ("Text message (v2)")."""
    substitution = value.get("substitution") or {}
    for part in _TEXT_V2_PARTS.finditer(value["text"]):
        if part[0] in ("{", "}"):
            yield Violation(f"{path}.text", f"has a single {part[0]}; write {part[0] * 2} for the character")
            return
        if part[1] is not None and part[1] not in substitution:
            yield Violation(
                f"{path}.text", f"{part[0][:30]} is not in substitution; write {{{{ and }}}} for plain braces"
            )
            return
    for key in substitution:
        if not re.fullmatch(SUBSTITUTION_KEY, key):
            yield Violation(
                f"{path}.substitution.{key}", "its name must be 1 to 20 of the characters 0-9, a-z, A-Z and _"
            )
    for kind, at_most in (("emoji", MAX_EMOJI_SUBSTITUTIONS), ("mention", MAX_MENTIONS)):
        if (count := sum(each["type"] == kind for each in substitution.values())) > at_most:
            yield Violation(f"{path}.substitution", f"holds {count} of the type {kind}; LINE takes {at_most}")


_IMAGEMAP_VIDEO = shape(
    {"originalContentUrl": _MEDIA_URL, "previewImageUrl": _MEDIA_URL, "area": AREA},
    {"externalLink": shape({"linkUri": judged_by(imagemap_link_violation), "label": text(MAX_IMAGEMAP_LINK_LABEL)})},
)

_COMMON = shape(
    {},
    {
        "quickReply": shape(
            {
                "items": listed(
                    shape({"action": _QUICK_REPLY_ACTION}, {"imageUrl": _MEDIA_URL}),
                    at_least=1,
                    at_most=MAX_QUICK_REPLY_ITEMS,
                )
            }
        ),
        "sender": shape({}, {"name": text(MAX_SENDER_NAME), "iconUrl": _MEDIA_URL}),
    },
)

_OF_TYPE = one_of(
    {
        "text": both(
            shape(
                {"text": text(MAX_TEXT)},
                {
                    "emojis": listed(shape({"index": whole(0)} | _EMOJI), at_least=0, at_most=MAX_EMOJIS),
                    "quoteToken": text(),
                },
            ),
            _emojis_at_signs,
        ),
        "textV2": both(
            shape(
                {"text": text(MAX_TEXT)},
                {"substitution": mapped(_SUBSTITUTION, at_most=MAX_SUBSTITUTIONS), "quoteToken": text()},
            ),
            _braces,
        ),
        "sticker": shape({"packageId": text(), "stickerId": text()}, {"quoteToken": text()}),
        "image": shape({"originalContentUrl": _MEDIA_URL, "previewImageUrl": _MEDIA_URL}),
        "video": shape({"originalContentUrl": _MEDIA_URL, "previewImageUrl": _MEDIA_URL}, {"trackingId": _TRACKING_ID}),
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
                "baseUrl": judged_by(base_url_violation),
                "altText": text(MAX_ALT_TEXT),
                "baseSize": shape(
                    {"width": exactly(IMAGEMAP_WIDTH, "the width that areas count in"), "height": whole(1)}
                ),
                "actions": listed(imagemap_action(), at_least=0, at_most=MAX_IMAGEMAP_ACTIONS),
            },
            {"video": _IMAGEMAP_VIDEO},
        ),
        "template": shape({"altText": text(MAX_ALT_TEXT), "template": _TEMPLATE}),
        "flex": shape({"altText": text(MAX_ALT_TEXT), "contents": CONTAINER}),
        "coupon": shape({"couponId": text()}, {"deliveryTag": _DELIVERY_TAG}),
    }
)


def _message(value: Any, path: str) -> Iterator[Violation]:
    if value is UNSPOKEN:
        return
    yield from _OF_TYPE(value, path)
    if isinstance(value, Mapping):
        yield from _COMMON(value, path)


_MESSAGES = listed(_message, at_least=1, at_most=MAX_MESSAGES)
