"""Text in LINE's message objects: the property that holds it decides how a value is written into it."""

from collections.abc import Mapping, Sequence
from typing import Any

from kairan.messengers.line.urls import LINK_PROPERTIES, MEDIA_URL_PROPERTIES, trimmed_media_url
from kairan.messengers.port import ChangeText, NativeObject, TextForm
from kairan.text import trimmed
from kairan.urls import percent_encode, percent_encode_url


def _doubled_braces(value: str) -> str:
    return value.replace("{", "{{").replace("}", "}}")


def _finished_link(url: str) -> str:
    return percent_encode_url(trimmed(url))


def _finished_media_url(url: str) -> str:
    return trimmed_media_url(_finished_link(url))


PLAIN = TextForm()
LINK = TextForm(encode=percent_encode, finish=_finished_link)
"""A value becomes one percent-encoded piece of an address, never an address of its own."""
MEDIA_URL = TextForm(encode=percent_encode, finish=_finished_media_url)
TEXT_V2 = TextForm(encode=_doubled_braces)
"""Doubled braces are plain braces in a textV2 message; single ones mark substitutions ("Text message (v2)")."""


def map_texts(objects: Sequence[NativeObject], change: ChangeText) -> tuple[NativeObject, ...]:
    def mapped(value: Any, form: TextForm) -> Any:
        if isinstance(value, str):
            return change(value, form)
        if isinstance(value, Mapping):
            return {name: mapped(inner, _form_of(name)) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [mapped(inner, form) for inner in value]
        return value

    def message(value: NativeObject) -> Any:
        if not isinstance(value, Mapping):
            return value
        text_form = TEXT_V2 if value.get("type") == "textV2" else PLAIN
        return {name: mapped(inner, text_form if name == "text" else _form_of(name)) for name, inner in value.items()}

    return tuple(message(value) for value in objects)


def _form_of(name: str) -> TextForm:
    if name in MEDIA_URL_PROPERTIES:
        return MEDIA_URL
    return LINK if name in LINK_PROPERTIES else PLAIN
