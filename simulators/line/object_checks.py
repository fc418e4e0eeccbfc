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
    yield from _too_large(bubble, at, limits.MAX_BUBBLE_BYTES)


def _flex_carousel(carousel: Json, at: Path) -> Violations:
    bubbles = carousel["contents"]
    for index, bubble in enumerate(bubbles):
        if bubble.get("size") != bubbles[0].get("size"):
            yield Violation((*at, "contents", index, "size"), "Must be the same for all bubbles")
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


OBJECT_CHECKS: Mapping[str, Callable[[Json, Path], Violations]] = {
    "TextMessage": _text,
    "TextMessageV2": _text_v2,
    "ButtonsTemplate": _buttons,
    "CarouselTemplate": _carousel,
    "CarouselColumn": _carousel_column,
    "FlexBubble": _bubble,
    "FlexCarousel": _flex_carousel,
    "FlexBox": _box,
    "FlexText": _flex_text,
}
