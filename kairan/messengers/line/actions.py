"""Action objects: what a tap does (Messaging API reference, "Action objects", "Imagemap action objects")."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from kairan.errors import Violation
from kairan.messengers.line.limits import (
    MAX_ACTION_TEXT_CODE_POINTS,
    MAX_CLIPBOARD_TEXT,
    MAX_IMAGEMAP_LABEL,
    MAX_IMAGEMAP_LINK,
    MAX_IMAGEMAP_TEXT,
    MAX_LINK,
    MAX_POSTBACK_DATA,
    PICKED_FROM,
    PICKED_TO,
)
from kairan.messengers.line.shapes import Check, both, choice, judged_by, one_of, shape, text, whole
from kairan.messengers.line.urls import link_violation

_code_points = partial(text, length=len)
"""LINE's documentation says grapheme clusters, but LINE counts the labels and texts of actions in code points."""

IMAGEMAP_LINK: Check = judged_by(partial(link_violation, at_most=MAX_IMAGEMAP_LINK))
AREA: Check = shape({"x": whole(0), "y": whole(0), "width": whole(1), "height": whole(1)})

_PICKED = {
    "date": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "2026-12-24", "{}T00:00"),
    "time": (re.compile(r"[0-9]{2}:[0-9]{2}"), "18:30", "2000-01-01T{}"),
    "datetime": (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}"), "2026-12-24T18:30", "{}"),
}
"""By mode: how LINE writes what a person picks, an example, and how it becomes a point of time."""


def action(max_label: int, *, labelled: bool, in_quick_reply: bool = False) -> Check:
    """The action of an object that takes labels of `max_label` code points, and demands them when it is `labelled`.

    Some actions are for quick replies alone, and switching rich menus is for rich menus alone.
    """
    label: dict[str, Check] = {"label": _code_points(max_label, may_be_empty=not labelled)}
    required, optional = (label, {}) if labelled else ({}, label)
    reply = _code_points(MAX_ACTION_TEXT_CODE_POINTS)
    data = text(MAX_POSTBACK_DATA)
    link = judged_by(partial(link_violation, at_most=MAX_LINK))

    def kind(own: Mapping[str, Check], more: Mapping[str, Check] | None = None) -> Check:
        return shape({**required, **own}, {**optional, **(more or {})})

    kinds = {
        "postback": both(
            kind({"data": data}, {"displayText": reply, "text": reply, "fillInText": reply}), _one_displayed_text
        ),
        "message": kind({"text": reply}),
        "uri": kind({"uri": link}, {"altUri": shape({}, {"desktop": link})}),
        "datetimepicker": both(kind({"data": data, "mode": choice(*_PICKED)}), _times_in_order),
        "clipboard": kind({"clipboardText": text(MAX_CLIPBOARD_TEXT)}),
    }
    return one_of(kinds | dict.fromkeys(("camera", "cameraRoll", "location"), kind({})) if in_quick_reply else kinds)


def imagemap_action() -> Check:
    label: dict[str, Check] = {"label": text(MAX_IMAGEMAP_LABEL, may_be_empty=True)}
    return one_of(
        {
            "uri": shape({"linkUri": IMAGEMAP_LINK, "area": AREA}, label),
            "message": shape({"text": text(MAX_IMAGEMAP_TEXT), "area": AREA}, label),
            "clipboard": shape({"clipboardText": text(MAX_CLIPBOARD_TEXT), "area": AREA}, label),
        }
    )


def _one_displayed_text(value: Mapping[str, Any], path: str) -> Iterator[Violation]:
    if value.get("displayText") is not None and value.get("text") is not None:
        yield Violation(f"{path}.text", "cannot stand beside displayText")


def _times_in_order(value: Mapping[str, Any], path: str) -> Iterator[Violation]:
    """The smallest and the largest time to pick, and the first one that is shown ("Date and time format")."""
    mode = value.get("mode")
    if not isinstance(mode, str) or mode not in _PICKED:
        return
    times = {name: _time(value[name], mode) for name in ("min", "max", "initial") if value.get(name) is not None}
    for name, time in times.items():
        if time is None:
            yield Violation(f"{path}.{name}", f"must be a {mode} from 1900 to 2100, such as {_PICKED[mode][1]}")
    least, most, initial = (times.get(name) for name in ("min", "max", "initial"))
    if least and most and not least < most:
        yield Violation(f"{path}.max", "must be after min")
    elif initial and ((least and initial < least) or (most and initial > most)):
        yield Violation(f"{path}.initial", "must be from min to max")


def _time(value: Any, mode: str) -> datetime | None:
    form, _, whole_form = _PICKED[mode]
    if not isinstance(value, str) or not form.fullmatch(value):
        return None
    try:
        time = datetime.fromisoformat(whole_form.format(value.upper()))
    except ValueError:
        return None
    return time if PICKED_FROM <= time <= PICKED_TO else None
