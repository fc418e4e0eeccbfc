"""Flex containers (Messaging API reference, "Flex Message"): their sizes, addresses, actions and texts, and which
component may stand where. Components and properties that the reference does not know pass.

LINE itself checks the looks (colours, margins, alignments), and answers with the path of what is wrong.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kairan.errors import Violation
from kairan.messengers.line.actions import action
from kairan.messengers.line.limits import (
    FLEX_VIDEO_SIZES,
    MAX_ANIMATED_IMAGES,
    MAX_BUBBLE_BYTES,
    MAX_FLEX_CAROUSEL_BUBBLES,
    MAX_FLEX_CAROUSEL_BYTES,
    MAX_FLEX_LABEL_CODE_POINTS,
    MAX_IMAGE_HEIGHT_TO_WIDTH,
    MAX_IMAGE_RATIO,
)
from kairan.messengers.line.shapes import Check, both, choice, judged_by, listed, one_of, shape, text
from kairan.messengers.line.urls import media_url_violation

_BLOCKS = ("header", "hero", "body", "footer")
_INSIDE_BOX: Mapping[str, tuple[str, ...]] = {
    "horizontal": ("box", "button", "image", "text", "separator", "filler"),
    "vertical": ("box", "button", "image", "text", "separator", "filler"),
    "baseline": ("icon", "text", "filler"),
}
_COMPONENTS = ("box", "button", "image", "video", "icon", "text", "span", "separator", "filler")
_RATIO = re.compile(r"([0-9]+(?:\.[0-9]+)?):([0-9]+(?:\.[0-9]+)?)")


def _ratio_violation(value: str) -> str | None:
    ratio = _RATIO.fullmatch(value)
    if ratio is None or not all(1 <= float(side) <= MAX_IMAGE_RATIO for side in ratio.groups()):
        return f"must be width:height, each from 1 to {MAX_IMAGE_RATIO:,}"
    width, height = map(float, ratio.groups())
    return (
        f"is higher than {MAX_IMAGE_HEIGHT_TO_WIDTH} times its width"
        if height > MAX_IMAGE_HEIGHT_TO_WIDTH * width
        else None
    )


_ACTION = action(MAX_FLEX_LABEL_CODE_POINTS, labelled=False)
_MEDIA_URL = judged_by(media_url_violation)
_RATIOS: Mapping[str, Check] = {"aspectRatio": judged_by(_ratio_violation)}
_BOX = one_of({"box": shape()})
_OF_COMPONENTS: dict[str, Check] = {
    "box": shape({"layout": choice(*_INSIDE_BOX), "contents": listed(shape({"type": text()}))}),
    "image": shape({"url": _MEDIA_URL}, _RATIOS),
    "icon": shape({"url": _MEDIA_URL}),
    "video": shape(
        {"url": _MEDIA_URL, "previewUrl": _MEDIA_URL, "altContent": one_of({"box": shape(), "image": shape()})}, _RATIOS
    ),
    "button": shape({"action": action(MAX_FLEX_LABEL_CODE_POINTS, labelled=True)}),
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
        elif kind == "text":
            yield from _only(("span",), value, path)
        elif kind == "box":
            layout = value.get("layout")
            yield from _only(_INSIDE_BOX.get(layout, ()) if isinstance(layout, str) else (), value, path)
        if isinstance(kind, str) and kind in _OF_COMPONENTS:
            yield from _OF_COMPONENTS[kind](value, path)
        for name, inner in value.items():
            if name == "action":
                if kind != "button" and inner is not None:
                    yield from _ACTION(inner, f"{path}.{name}")
            else:
                yield from _components(inner, f"{path}.{name}")


def _only(kinds: tuple[str, ...], value: Mapping[str, Any], path: str) -> Iterator[Violation]:
    """The component holds components of these kinds. No `kinds`: what it may hold is not known."""
    contents = value.get("contents")
    for index, item in enumerate(contents if isinstance(contents, list | tuple) and kinds else ()):
        kind = item.get("type") if isinstance(item, Mapping) else None
        if kind in _COMPONENTS and kind not in kinds:
            yield Violation(f"{path}.contents[{index}].type", f"must be one of {', '.join(kinds)} here")


def _blocks(value: Mapping[str, Any], path: str) -> Iterator[Violation]:
    if not any(value.get(block) for block in _BLOCKS):
        yield Violation(path, f"must have one of {', '.join(_BLOCKS)}")
    hero = value.get("hero")
    if isinstance(hero, Mapping) and hero.get("type") == "video":
        if (value.get("size") or "mega") not in FLEX_VIDEO_SIZES:
            yield Violation(f"{path}.size", f"must be one of {', '.join(FLEX_VIDEO_SIZES)} above a video")
        link = hero.get("action")
        if isinstance(link, Mapping) and link.get("type") != "uri":
            yield Violation(f"{path}.hero.action.type", "must be uri on a video")


def _alike(value: Mapping[str, Any], path: str) -> Iterator[Violation]:
    """Bubbles beside each other: all of one width, and none with a video."""
    bubbles = value.get("contents")
    sizes = []
    for index, bubble in enumerate(bubbles if isinstance(bubbles, list | tuple) else ()):
        if not isinstance(bubble, Mapping):
            continue
        sizes.append(bubble.get("size") or "mega")
        if sizes[-1] != sizes[0]:
            yield Violation(f"{path}.contents[{index}].size", "must be the same for all bubbles")
        hero = bubble.get("hero")
        if isinstance(hero, Mapping) and hero.get("type") == "video":
            yield Violation(f"{path}.contents[{index}].hero.type", "must not be video in a carousel")


def _animated(value: Any, path: str) -> Iterator[Violation]:
    if (number := _animated_images(value)) > MAX_ANIMATED_IMAGES:
        yield Violation(path, f"holds {number} animated images; LINE takes {MAX_ANIMATED_IMAGES}")


def _animated_images(value: Any) -> int:
    if isinstance(value, list | tuple):
        return sum(map(_animated_images, value))
    if isinstance(value, Mapping):
        own = value.get("type") == "image" and value.get("animated") is True
        return own + sum(map(_animated_images, value.values()))
    return 0


_BUBBLE = both(
    shape(
        {},
        {
            "header": _BOX,
            "hero": one_of(dict.fromkeys(("box", "image", "video"), shape())),
            "body": _BOX,
            "footer": _BOX,
        },
    ),
    _blocks,
    _within(MAX_BUBBLE_BYTES),
)
_BUBBLES = listed(one_of({"bubble": _BUBBLE}), at_least=1, at_most=MAX_FLEX_CAROUSEL_BUBBLES)

CONTAINER: Check = both(
    one_of(
        {
            "bubble": _BUBBLE,
            "carousel": both(shape({"contents": _BUBBLES}), _alike, _within(MAX_FLEX_CAROUSEL_BYTES)),
        }
    ),
    _components,
    _animated,
)
