"""Action objects: what a tap does (Messaging API reference, "Action objects", "Imagemap action objects")."""

from functools import partial

from kairan.line.limits import (
    MAX_ACTION_TEXT_GRAPHEMES,
    MAX_CLIPBOARD_TEXT,
    MAX_IMAGEMAP_LABEL,
    MAX_IMAGEMAP_TEXT,
    MAX_POSTBACK_DATA,
    MAX_RICH_MENU_ALIAS,
)
from kairan.line.rules import Rule, one_of, said, shape, text, whole
from kairan.line.text import grapheme_count
from kairan.line.urls import link_fault

graphemes = partial(text, length=grapheme_count)

AREA: Rule = shape({"x": whole(0), "y": whole(0), "width": whole(1), "height": whole(1)})


def action(max_label: int) -> Rule:
    """Any action object; how long its label may be depends on what it stands in."""
    label: dict[str, Rule] = {"label": graphemes(max_label, may_be_empty=True)}
    reply = graphemes(MAX_ACTION_TEXT_GRAPHEMES)
    data = text(MAX_POSTBACK_DATA)
    link = said(link_fault)
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


def imagemap_action() -> Rule:
    label: dict[str, Rule] = {"label": text(MAX_IMAGEMAP_LABEL, may_be_empty=True)}
    return one_of(
        {
            "uri": shape({"linkUri": said(link_fault), "area": AREA}, label),
            "message": shape({"text": text(MAX_IMAGEMAP_TEXT), "area": AREA}, label),
            "clipboard": shape({"clipboardText": text(MAX_CLIPBOARD_TEXT), "area": AREA}, label),
        }
    )
