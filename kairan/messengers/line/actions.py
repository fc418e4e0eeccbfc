"""Action objects: what a tap does (Messaging API reference, "Action objects", "Imagemap action objects")."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from kairan.errors import Violation
from kairan.messengers.line.limits import (
    MAX_ACTION_TEXT,
    MAX_CLIPBOARD_TEXT,
    MAX_IMAGEMAP_LABEL,
    MAX_IMAGEMAP_TEXT,
    MAX_POSTBACK_DATA,
)
from kairan.messengers.line.shapes import Check, both, choice, judged_by, one_of, shape, text, whole
from kairan.messengers.line.urls import imagemap_link_violation, link_violation
from kairan.text import grapheme_count

graphemes = partial(text, length=grapheme_count)
code_points = partial(text, length=len)

AREA: Check = shape({"x": whole(0), "y": whole(0), "width": whole(1), "height": whole(1)})

_DATE = r"(?:19\d\d|20\d\d|2100)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d"
_MOMENTS = {
    "date": (_DATE, "2026-12-31"),
    "time": (_TIME, "23:59"),
    "datetime": (f"{_DATE}[Tt]{_TIME}", "2026-12-31T23:59"),
}


def action(max_label: int, *, label_required: bool = False, in_quick_reply: bool = False) -> Check:
    """Any action object that a message may hold. The object around it decides about the label, and whether the action
    may open the camera or the map. Rich menus alone switch rich menus."""
    label: dict[str, Check] = {"label": code_points(max_label, may_be_empty=not label_required)}
    required, optional = (label, {}) if label_required else ({}, label)
    reply = code_points(MAX_ACTION_TEXT)
    data = text(MAX_POSTBACK_DATA)
    link = judged_by(link_violation)
    plain = shape(required, optional)
    moments = {name: text() for name in ("initial", "max", "min")}
    return one_of(
        {
            "postback": both(
                shape(
                    required | {"data": data},
                    optional
                    | {
                        "displayText": reply,
                        "text": reply,
                        "fillInText": reply,
                        "inputOption": choice("closeRichMenu", "openRichMenu", "openKeyboard", "openVoice"),
                    },
                ),
                _one_text,
            ),
            "message": shape(required | {"text": reply}, optional),
            "uri": shape(required | {"uri": link}, optional | {"altUri": shape({}, {"desktop": link})}),
            "datetimepicker": both(
                shape(required | {"data": data, "mode": choice(*_MOMENTS)}, optional | moments), _moments
            ),
            **({"camera": plain, "cameraRoll": plain, "location": plain} if in_quick_reply else {}),
            "clipboard": shape(required | {"clipboardText": text(MAX_CLIPBOARD_TEXT)}, optional),
        }
    )


def imagemap_action() -> Check:
    label: dict[str, Check] = {"label": text(MAX_IMAGEMAP_LABEL, may_be_empty=True)}
    return one_of(
        {
            "uri": shape({"linkUri": judged_by(imagemap_link_violation), "area": AREA}, label),
            "message": shape({"text": text(MAX_IMAGEMAP_TEXT), "area": AREA}, label),
            "clipboard": shape({"clipboardText": text(MAX_CLIPBOARD_TEXT), "area": AREA}, label),
        }
    )


def _one_text(value: Any, path: str) -> Iterator[Violation]:
    if value.get("displayText") and value.get("text"):
        yield Violation(f"{path}.text", "cannot stand beside displayText")


def _moments(value: Any, path: str) -> Iterator[Violation]:
    """The bounds of a datetime picker have the form of its mode, and leave something to pick."""
    form, example = _MOMENTS.get(str(value.get("mode")), ("", ""))
    if not form:
        return
    bounds = {name: value[name] for name in ("initial", "max", "min") if isinstance(value.get(name), str)}
    wrong = [name for name, bound in bounds.items() if bound and not re.fullmatch(form, bound)]
    for name in wrong:
        yield Violation(f"{path}.{name}", f"must be written like {example}")
    if not wrong and "max" in bounds and "min" in bounds and bounds["max"].lower() <= bounds["min"].lower():
        yield Violation(f"{path}.max", "must be later than min")
