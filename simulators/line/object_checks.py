"""What LINE asks of several properties of an object together, once each of them is right by itself."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from simulators.line import limits
from simulators.line.property_checks import length_between
from simulators.line.text import grapheme_clusters
from simulators.line.violations import MAY_NOT_BE_EMPTY, WHOLE, Path, Violation

Violations = Iterator[Violation]
Json = dict[str, Any]

TEXT_V2_PARTS = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")

COLUMN_TRAITS: Mapping[str, Callable[[Json], object]] = {
    "actions": lambda column: len(column["actions"]),
    "title": lambda column: bool(column.get("title")),
    "thumbnailImageUrl": lambda column: bool(column.get("thumbnailImageUrl")),
}


def action_violations(action: Json, at: Path, owner: str, prop: str) -> Violations:
    """An action's label and type, as the property `prop` of an `owner` asks for."""
    context = limits.ACTION_CONTEXTS.get((owner, prop), limits.OTHER_FLEX_ACTION)
    label = action.get("label")
    if label is None or label == "":
        if context.label_required:
            yield Violation((*at, "label"), MAY_NOT_BE_EMPTY)
    elif isinstance(label, str) and len(label) > context.label_at_most:
        yield Violation((*at, "label"), length_between(0, context.label_at_most))
    kind = action["type"]
    if kind in limits.NEVER_IN_MESSAGES or (kind in limits.QUICK_REPLY_ONLY and not context.quick_reply):
        yield Violation((*at, "type"), "This action cannot be used here")


def _text(message: Json, at: Path) -> Violations:
    """A LINE emoji stands where the text has a `$` ("Text message")."""
    emojis = message.get("emojis") or ()
    units = message["text"].encode("utf-16-le", "surrogatepass") if emojis else b""
    for index, emoji in enumerate(emojis):
        position = emoji["index"]
        if position < 0 or units[2 * position : 2 * position + 2] != b"$\0":
            yield Violation((*at, "emojis", index, "index"), "Must be the position of a $ in the text")


def _text_v2(message: Json, at: Path) -> Violations:
    """Braces come in pairs, and what stands between them is substituted ("Text message (v2)")."""
    substitution = message.get("substitution") or {}
    for part in TEXT_V2_PARTS.finditer(message["text"]):
        if part[0] in ("{", "}"):
            yield Violation((*at, "text"), "Braces must be in pairs")
            return
        if part[1] is not None and part[1] not in substitution:
            yield Violation((*at, "text"), f"{part[0]} is not in substitution")
            return
    for key in substitution:
        if not limits.SUBSTITUTION_KEY.fullmatch(key):
            yield Violation((*at, "substitution", key), "Keys are 1 to 20 of the characters 0-9, a-z, A-Z and _")
    for kind, at_most in (("emoji", limits.MAX_EMOJI), ("mention", limits.MAX_MENTIONS)):
        if sum(item["type"] == kind for item in substitution.values()) > at_most:
            yield Violation((*at, "substitution"), f"At most {at_most} objects of the type {kind}")


def _imagemap(message: Json, at: Path) -> Violations:
    """The width of an image is added to `baseUrl`, which has no ending ("How to configure an image")."""
    if limits.IMAGE_ENDING.search(message["baseUrl"]):
        yield Violation((*at, "baseUrl"), "Must not include the extension of an image")


def _postback(action: Json, at: Path) -> Violations:
    if action.get("displayText") is not None and action.get("text") is not None:
        yield Violation((*at, "text"), "displayText and text can't both be used")


def _datetime_picker(action: Json, at: Path) -> Violations:
    """The formats and the order of what can be picked ("Date and time format")."""
    times = {prop: action[prop] for prop in ("initial", "min", "max") if action.get(prop) is not None}
    wrong = [prop for prop, time in times.items() if not _can_be_picked(time, action["mode"])]
    for prop in wrong:
        yield Violation((*at, prop), f"Must be a {action['mode']}")
    least, most = times.get("min", "").upper(), times.get("max", "~").upper()
    if not wrong and least >= most:
        yield Violation((*at, "max"), "Must be greater than min")
    elif not wrong and "initial" in times and not least <= times["initial"].upper() <= most:
        yield Violation((*at, "initial"), "Must be between min and max")


def _can_be_picked(time: str, mode: str) -> bool:
    form = limits.DATE_AND_TIME_FORMATS[mode]
    try:
        return form.pattern.fullmatch(time) is not None and form.least <= form.read(time.upper()) <= form.most
    except ValueError:
        return False


def _buttons(template: Json, at: Path) -> Violations:
    if template.get("title") or template.get("thumbnailImageUrl"):
        yield from _shorter(template, at, limits.BUTTONS_TEXT_BESIDE_TITLE)


def _carousel_column(column: Json, at: Path) -> Violations:
    if column.get("title") or column.get("thumbnailImageUrl"):
        yield from _shorter(column, at, limits.CAROUSEL_TEXT_BESIDE_TITLE)


def _shorter(holder: Json, at: Path, at_most: int) -> Violations:
    if grapheme_clusters(holder["text"]) > at_most:
        yield Violation((*at, "text"), length_between(0, at_most))


def _carousel(template: Json, at: Path) -> Violations:
    """All columns have as many actions; all or none have a title, and an image ("Column object for carousel")."""
    columns = template["columns"]
    for prop, trait in COLUMN_TRAITS.items():
        for index, column in enumerate(columns):
            if trait(column) != trait(columns[0]):
                yield Violation((*at, "columns", index, prop), "Must be consistent for all columns")


def _bubble(bubble: Json, at: Path) -> Violations:
    if not any(bubble.get(block) for block in ("header", "hero", "body", "footer")):
        yield Violation((*at, WHOLE), "At least one block must be specified")
    hero = bubble.get("hero")
    if hero and hero["type"] not in limits.FLEX_HERO:
        yield Violation((*at, "hero"), "invalid property")
    if hero and hero["type"] == "video":
        if (bubble.get("size") or limits.BUBBLE_SIZE) not in limits.FLEX_VIDEO_SIZES:
            yield Violation((*at, "size"), "invalid property")
        if hero["altContent"]["type"] not in limits.FLEX_ALT_CONTENT:
            yield Violation((*at, "hero", "altContent"), "invalid property")
        if (hero.get("action") or {"type": "uri"})["type"] != "uri":
            yield Violation((*at, "hero", "action"), "invalid property")
    yield from _too_large(bubble, at, limits.MAX_BUBBLE_BYTES)


def _flex_carousel(carousel: Json, at: Path) -> Violations:
    bubbles = carousel["contents"]
    for index, bubble in enumerate(bubbles):
        if (bubble.get("size") or limits.BUBBLE_SIZE) != (bubbles[0].get("size") or limits.BUBBLE_SIZE):
            yield Violation((*at, "contents", index, "size"), "Must be the same for all bubbles")
        if (bubble.get("hero") or {"type": "none"})["type"] == "video":
            yield Violation((*at, "contents", index, "hero"), "invalid property")
    yield from _too_large(carousel, at, limits.MAX_CAROUSEL_BYTES)


def _too_large(container: Json, at: Path, at_most: int) -> Violations:
    if len(json.dumps(container, ensure_ascii=False, separators=(",", ":")).encode(errors="surrogatepass")) > at_most:
        yield Violation((*at, WHOLE), f"Too large flex message. The maximum size of JSON data is {at_most // 1024} KB")


def _box(box: Json, at: Path) -> Violations:
    allowed = limits.FLEX_BOX_CONTENTS[box["layout"]]
    for index, component in enumerate(box["contents"]):
        if component["type"] not in allowed:
            yield Violation((*at, "contents", index), "invalid property")


def _flex_text(text: Json, at: Path) -> Violations:
    if not text.get("text") and not text.get("contents"):
        yield Violation((*at, "text"), "must be non-empty text")


def _flex_ratio(component: Json, at: Path) -> Violations:
    ratio = component.get("aspectRatio")
    if ratio is None:
        return
    sides = [float(side) for side in ratio.split(":")] if limits.ASPECT_RATIO.fullmatch(ratio) else []
    within = bool(sides) and all(1 <= side <= limits.MAX_RATIO for side in sides)
    if not within or sides[1] > sides[0] * limits.MAX_HEIGHT_TO_WIDTH:
        yield Violation((*at, "aspectRatio"), "invalid property")


def _flex_message(message: Json, at: Path) -> Violations:
    waiting, animated = [message["contents"]], 0
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            animated += part.get("type") == "image" and part.get("animated") is True
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    if animated > limits.MAX_ANIMATED_IMAGES:
        yield Violation((*at, "contents", WHOLE), f"At most {limits.MAX_ANIMATED_IMAGES} animated images")


OBJECT_CHECKS: Mapping[str, Callable[[Json, Path], Violations]] = {
    "TextMessage": _text,
    "TextMessageV2": _text_v2,
    "ImagemapMessage": _imagemap,
    "PostbackAction": _postback,
    "DatetimePickerAction": _datetime_picker,
    "ButtonsTemplate": _buttons,
    "CarouselTemplate": _carousel,
    "CarouselColumn": _carousel_column,
    "FlexMessage": _flex_message,
    "FlexImage": _flex_ratio,
    "FlexVideo": _flex_ratio,
    "FlexBubble": _bubble,
    "FlexCarousel": _flex_carousel,
    "FlexBox": _box,
    "FlexText": _flex_text,
}
