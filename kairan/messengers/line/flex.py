"""Flex containers (Messaging API reference, "Flex Message"): their sizes, addresses, actions and texts.

LINE itself checks how components nest, and answers with the path of what is wrong.
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
    MAX_FLEX_LABEL_CODE_POINTS,
)
from kairan.messengers.line.shapes import Check, both, judged_by, listed, one_of, shape, text
from kairan.messengers.line.urls import media_url_violation

_ACTION = action(MAX_FLEX_LABEL_CODE_POINTS)
_MEDIA_URL = judged_by(media_url_violation)
_OF_COMPONENTS: dict[str, Check] = {
    "image": shape({"url": _MEDIA_URL}),
    "icon": shape({"url": _MEDIA_URL}),
    "video": shape({"url": _MEDIA_URL, "previewUrl": _MEDIA_URL}),
    "button": shape({"action": _ACTION}),
}


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
        elif isinstance(kind, str) and kind in _OF_COMPONENTS:
            yield from _OF_COMPONENTS[kind](value, path)
        for name, inner in value.items():
            if name == "action":
                if kind != "button":
                    yield from _ACTION(inner, f"{path}.{name}")
            else:
                yield from _components(inner, f"{path}.{name}")


_BUBBLE = both(shape(), _within(MAX_BUBBLE_BYTES))
_BUBBLES = listed(one_of({"bubble": _BUBBLE}), at_least=1, at_most=MAX_FLEX_CAROUSEL_BUBBLES)

CONTAINER: Check = both(
    one_of({"bubble": _BUBBLE, "carousel": both(shape({"contents": _BUBBLES}), _within(MAX_FLEX_CAROUSEL_BYTES))}),
    _components,
)
