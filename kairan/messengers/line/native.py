"""Text in LINE's message objects: the property that holds it decides how a value is written into it."""

from collections.abc import Mapping, Sequence
from typing import Any

from kairan.messengers.line.urls import URL_PROPERTIES
from kairan.messengers.port import ChangeText, NativeObject, TextForm
from kairan.text import trimmed, utf16_length
from kairan.urls import percent_encode, percent_encode_url


def _doubled_braces(value: str) -> str:
    return value.replace("{", "{{").replace("}", "}}")


PLAIN = TextForm()
URL = TextForm(encode=percent_encode, finish=lambda url: percent_encode_url(trimmed(url)))
"""A value becomes one percent-encoded piece of an address, never an address of its own. A line break at the end of an
address came with copying it."""
TEXT_V2 = TextForm(encode=_doubled_braces)
"""Doubled braces are plain braces in a textV2 message; single ones mark substitutions ("Text message (v2)")."""

EMOJI_SIGN = "$"
_EMOJI_MARK = "\ufdd0"
"""A character that Unicode reserves for programs. It stands for the sign of a LINE emoji while a text changes."""
_WITH_EMOJIS = TextForm(encode=lambda value: value.replace(_EMOJI_MARK, ""))


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
        moved = _with_moved_emojis(value, change)
        return {
            name: moved[name] if name in moved else mapped(inner, text_form if name == "text" else _form_of(name))
            for name, inner in value.items()
        }

    return tuple(message(value) for value in objects)


def _form_of(name: str) -> TextForm:
    return URL if name in URL_PROPERTIES else PLAIN


def _with_moved_emojis(message: NativeObject, change: ChangeText) -> dict[str, Any]:
    """The properties `text` and `emojis` of a text message whose LINE emojis stand at their signs, else nothing.

    An index counts UTF-16 code units ("Text message"), so it moves with what is filled in before it.
    """
    text, emojis = message.get("text"), message.get("emojis")
    if message.get("type") != "text" or not isinstance(text, str) or not isinstance(emojis, list | tuple):
        return {}
    places = [_place_of(emoji) for emoji in emojis]
    units = text.replace(_EMOJI_MARK, "").encode("utf-16-le", "surrogatepass")
    if not places or len(set(places)) < len(places) or any(units[2 * at : 2 * at + 2] != b"$\0" for at in places):
        return {}
    start, parts = 0, []
    for at in sorted(places):
        parts.append(units[2 * start : 2 * at])
        start = at + 1
    parts.append(units[2 * start :])
    changed = change(_EMOJI_MARK.join(part.decode("utf-16-le", "surrogatepass") for part in parts), _WITH_EMOJIS)
    pieces = changed.split(_EMOJI_MARK)
    moved, at = {}, 0
    for place, piece in zip(sorted(places), pieces[:-1], strict=True):
        at += utf16_length(piece)
        moved[place] = at
        at += 1
    return {
        "text": EMOJI_SIGN.join(pieces),
        "emojis": [{**emoji, "index": moved[place]} for emoji, place in zip(emojis, places, strict=True)],
    }


def _place_of(emoji: Any) -> int:
    """-1 for an index that is none."""
    index = emoji.get("index") if isinstance(emoji, Mapping) else None
    return index if isinstance(index, int) and not isinstance(index, bool) and index >= 0 else -1
