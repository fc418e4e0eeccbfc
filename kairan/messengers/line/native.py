"""Text in LINE's message objects: the property that holds it decides how a value is written into it.

LINE emojis stand at an index of the text ("Text message"), which moves with the text in front of them.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from kairan.messengers.line.urls import LINK_PROPERTIES, MEDIA_URL_PROPERTIES, trimmed_media_url
from kairan.messengers.port import ChangeText, NativeObject, TextForm
from kairan.text import has_lone_surrogate, trimmed, utf16_length, utf16_places
from kairan.urls import percent_encode, percent_encode_url

_FIRST_MARK = 0xDC00
_MOST_MARKS = 0x400
_NOWHERE = -1


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
        changed = {
            name: mapped(inner, text_form if name == "text" else _form_of(name)) for name, inner in value.items()
        }
        if (
            value.get("type") == "text"
            and isinstance(value.get("text"), str)
            and isinstance(changed.get("emojis"), list)
        ):
            return changed | _with_emojis(value["text"], changed["emojis"], change)
        return changed

    return tuple(message(value) for value in objects)


def _with_emojis(text: str, emojis: list[Any], change: ChangeText) -> dict[str, Any]:
    """The changed text, and its emojis where they stand now.

    Marks stand for the emojis while the text changes: lone surrogates, which no text that can be sent holds. Each is
    one UTF-16 unit, as its `$` is. An emoji whose mark is gone was in a default that was not used. One that stood at
    no `$` stands nowhere, so that no `$` of a person's value becomes an emoji.
    """
    indexes = [_index_of(emoji) for emoji in emojis]
    dollars = utf16_places(text, "$")
    named = set() if has_lone_surrogate(text) else {*indexes}
    marks = {index: chr(_FIRST_MARK + number) for number, index in enumerate(dollars[:_MOST_MARKS]) if index in named}
    numbers = itertools.count()
    marked = re.sub(r"\$", lambda _: marks.get(dollars[next(numbers)], "$"), text)
    changed = change(marked, PLAIN)
    if changed == marked:
        return {"text": text, "emojis": emojis}
    moved = {index: utf16_length(changed.partition(mark)[0]) for index, mark in marks.items() if mark in changed}
    for mark in marks.values():
        changed = changed.replace(mark, "$", 1)
    return {
        "text": changed,
        "emojis": [
            emoji if index is None else {**emoji, "index": moved.get(index, _NOWHERE)}
            for emoji, index in zip(emojis, indexes, strict=True)
            if index not in marks or index in moved
        ]
        or None,
    }


def _index_of(emoji: Any) -> int | None:
    index = emoji.get("index") if isinstance(emoji, Mapping) else None
    return index if isinstance(index, int) and not isinstance(index, bool) else None


def _form_of(name: str) -> TextForm:
    if name in MEDIA_URL_PROPERTIES:
        return MEDIA_URL
    return LINK if name in LINK_PROPERTIES else PLAIN
