"""Flex containers (Messaging API reference, "Flex Message"): their sizes, addresses, actions, texts and layouts.

A component that is not known here passes: LINE adds some without notice.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from kairan.errors import Violation
from kairan.messengers.line.actions import action
from kairan.messengers.line.limits import (
    MAX_BUBBLE_BYTES,
    MAX_FLEX_CAROUSEL_BUBBLES,
    MAX_FLEX_CAROUSEL_BYTES,
    MAX_FLEX_LABEL,
)
from kairan.messengers.line.shapes import Check, both, choice, judged_by, listed, one_of, shape, text
from kairan.messengers.line.urls import media_url_violation

_ACTION = action(MAX_FLEX_LABEL)
_MEDIA_URL = judged_by(media_url_violation)
_OF_COMPONENTS: dict[str, Check] = {
    "image": shape({"url": _MEDIA_URL}),
    "icon": shape({"url": _MEDIA_URL}),
    "video": shape({"url": _MEDIA_URL, "previewUrl": _MEDIA_URL}),
    "button": shape({"action": action(MAX_FLEX_LABEL, label_required=True)}),
}
_HEROES = frozenset({"box", "image", "video"})
_BLOCKS = ("header", "hero", "body", "footer")
_NEVER_IN: Mapping[str, frozenset[str]] = {
    "horizontal": frozenset({"icon", "span", "video"}),
    "vertical": frozenset({"icon", "span", "video"}),
    "baseline": frozenset({"box", "button", "image", "separator", "span", "video"}),
}
"""What the contents of a box of this layout may not be ("Box")."""


def _within(at_most_bytes: int) -> Check:
    def check(value: Any, path: str) -> Iterator[Violation]:
        size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
        if size > at_most_bytes:
            yield Violation(path, f"{size:,} bytes; LINE takes {at_most_bytes:,}")

    return check


def _components(value: Any, path: str) -> Iterator[Violation]:
    """The component at `path` and everything inside it."""
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _components(item, f"{path}[{index}]")
    elif isinstance(value, Mapping):
        kind = value.get("type")
        if kind == "text" and not value.get("contents"):
            yield from shape({"text": text()})(value, path)
        elif kind == "box":
            yield from _box(value, path)
        elif isinstance(kind, str) and kind in _OF_COMPONENTS:
            yield from _OF_COMPONENTS[kind](value, path)
        for name, inner in value.items():
            if name == "action":
                if kind != "button":
                    yield from _ACTION(inner, f"{path}.{name}")
            else:
                yield from _components(inner, f"{path}.{name}")


def _box(value: Mapping[str, Any], path: str) -> Iterator[Violation]:
    wrong = list(shape({"layout": choice(*_NEVER_IN), "contents": listed(shape(), at_least=0)})(value, path))
    yield from wrong
    if wrong:
        return
    for index, component in enumerate(value["contents"]):
        kind = component.get("type")
        if isinstance(kind, str) and kind in _NEVER_IN[value["layout"]]:
            yield Violation(f"{path}.contents[{index}]", f"{kind} cannot be in a {value['layout']} box")


def _blocks(value: Any, path: str) -> Iterator[Violation]:
    if not any(value.get(block) for block in _BLOCKS):
        yield Violation(path, f"must have at least one of {', '.join(_BLOCKS)}")
    hero = value.get("hero")
    if isinstance(hero, Mapping) and hero.get("type") in ("bubble", "button", "icon", "separator", "span", "text"):
        yield Violation(f"{path}.hero", f"must be one of {', '.join(sorted(_HEROES))}")


def _same_size(value: Any, path: str) -> Iterator[Violation]:
    bubbles = value["contents"]
    for index, bubble in enumerate(bubbles):
        if bubble.get("size") != bubbles[0].get("size"):
            yield Violation(f"{path}.contents[{index}].size", "must be the same in all bubbles")


_BUBBLE = both(shape(), _within(MAX_BUBBLE_BYTES), _blocks)
_BUBBLES = listed(one_of({"bubble": _BUBBLE}), at_least=1, at_most=MAX_FLEX_CAROUSEL_BUBBLES)

CONTAINER: Check = both(
    one_of(
        {
            "bubble": _BUBBLE,
            "carousel": both(shape({"contents": _BUBBLES}), _within(MAX_FLEX_CAROUSEL_BYTES), _same_size),
        }
    ),
    _components,
)
