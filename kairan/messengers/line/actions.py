"""Action objects: what a tap does (Messaging API reference, "Action objects", "Imagemap action objects")."""

from functools import partial

from kairan.messengers.line.limits import (
    MAX_ACTION_TEXT_CODE_POINTS,
    MAX_CLIPBOARD_TEXT,
    MAX_IMAGEMAP_LABEL,
    MAX_IMAGEMAP_LINK,
    MAX_IMAGEMAP_TEXT,
    MAX_LINK,
    MAX_POSTBACK_DATA,
    MAX_RICH_MENU_ALIAS,
)
from kairan.messengers.line.shapes import Check, judged_by, one_of, shape, text, whole
from kairan.messengers.line.urls import link_violation

_code_points = partial(text, length=len)
"""LINE's documentation says grapheme clusters, but LINE counts the labels and texts of actions in code points."""

IMAGEMAP_LINK: Check = judged_by(partial(link_violation, at_most=MAX_IMAGEMAP_LINK))
AREA: Check = shape({"x": whole(0), "y": whole(0), "width": whole(1), "height": whole(1)})


def action(max_label: int) -> Check:
    """Any action object. The limit of its label depends on the object around it."""
    label: dict[str, Check] = {"label": _code_points(max_label, may_be_empty=True)}
    reply = _code_points(MAX_ACTION_TEXT_CODE_POINTS)
    data = text(MAX_POSTBACK_DATA)
    link = judged_by(partial(link_violation, at_most=MAX_LINK))
    return one_of(
        {
            "postback": shape({"data": data}, label | {"displayText": reply, "text": reply, "fillInText": reply}),
            "message": shape({"text": reply}, label),
            "uri": shape({"uri": link}, label | {"altUri": shape({}, {"desktop": link})}),
            "datetimepicker": shape({"data": data, "mode": text()}, label),
            "camera": shape({}, label),
            "cameraRoll": shape({}, label),
            "location": shape({}, label),
            "richmenuswitch": shape({"richMenuAliasId": text(MAX_RICH_MENU_ALIAS), "data": data}, label),
            "clipboard": shape({"clipboardText": text(MAX_CLIPBOARD_TEXT)}, label),
        }
    )


def imagemap_action() -> Check:
    label: dict[str, Check] = {"label": text(MAX_IMAGEMAP_LABEL, may_be_empty=True)}
    return one_of(
        {
            "uri": shape({"linkUri": IMAGEMAP_LINK, "area": AREA}, label),
            "message": shape({"text": text(MAX_IMAGEMAP_TEXT), "area": AREA}, label),
            "clipboard": shape({"clipboardText": text(MAX_CLIPBOARD_TEXT), "area": AREA}, label),
        }
    )
