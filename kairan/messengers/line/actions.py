"""Action objects: what a tap does (Messaging API reference, "Action objects", "Imagemap action objects")."""

from functools import partial

from kairan.messengers.line.limits import (
    MAX_ACTION_TEXT_GRAPHEMES,
    MAX_CLIPBOARD_TEXT,
    MAX_IMAGEMAP_LABEL,
    MAX_IMAGEMAP_TEXT,
    MAX_POSTBACK_DATA,
    MAX_RICH_MENU_ALIAS,
)
from kairan.messengers.line.shapes import Check, judged_by, one_of, shape, text, whole
from kairan.messengers.line.urls import link_violation
from kairan.text import grapheme_count

graphemes = partial(text, length=grapheme_count)

AREA: Check = shape({"x": whole(0), "y": whole(0), "width": whole(1), "height": whole(1)})


def action(max_label: int) -> Check:
    """Any action object. The limit of its label depends on the object around it."""
    label: dict[str, Check] = {"label": graphemes(max_label, may_be_empty=True)}
    reply = graphemes(MAX_ACTION_TEXT_GRAPHEMES)
    data = text(MAX_POSTBACK_DATA)
    link = judged_by(link_violation)
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
            "uri": shape({"linkUri": judged_by(link_violation), "area": AREA}, label),
            "message": shape({"text": text(MAX_IMAGEMAP_TEXT), "area": AREA}, label),
            "clipboard": shape({"clipboardText": text(MAX_CLIPBOARD_TEXT), "area": AREA}, label),
        }
    )
