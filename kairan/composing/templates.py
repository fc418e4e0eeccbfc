"""Placeholders: what differs from person to person in otherwise equal content.

    {{Attributes.name}}   {{User.UserAttributes.name}}   {{User.UserId}}   {{Address}}   {{Attributes.name|friend}}

- A name is everything after the prefix. It may hold spaces, dots and Japanese, but no braces and no `|`.
- The value is the first of the attribute's list; Pinpoint's `{{Attributes.name.[1]}}` is the second. A missing value
  becomes the default, or else an empty text; so does one that shows nothing. White space around a name and around a
  default does not count.
- Texts of content are filled in once, after the JSON was read: braces inside a value stay braces.
- In a messenger's own objects, the property decides how a value is written (`Messenger.map_texts`). In a URL, a value
  becomes one percent-encoded piece, never an address of its own.
- Anything else in double braces stays as it is. `unknown_placeholders` names it, because it is probably a mistake.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, assert_never

from kairan.content import Audio, Content, Image, Native, Piece, Speech, Text, Video
from kairan.errors import Violation
from kairan.messengers.port import Messenger, TextForm
from kairan.text import is_invisible

_PLACEHOLDER = re.compile(
    r"""
    \{\{ \s*
    (?: (?P<of> Attributes | User\.UserAttributes ) \. (?P<name> [^{}|]+ ) | (?P<field> User\.UserId | Address ) \s* )
    (?: \| (?P<default> [^{}]* ) )?
    \}\}
    """,
    re.VERBOSE,
)

_ANY = re.compile(r"\{\{[^{}]*\}\}")
_PLACE = re.compile(r"(?P<name>.*)\.\[(?P<place>\d{1,4})\]", re.DOTALL)
"""Pinpoint's way to name one of several values."""

_TRIED = ("a", "", "01", "https", "2026-12-24", "18:30", "2026-12-24T18:30")
"""Values that are right in different places: in a text, an address, a date."""

PLAIN = TextForm()


def has_placeholders(content: Content, messenger: Messenger) -> bool:
    """Whether the content may differ between people."""
    texts: list[str] = []

    def collect(text: str, _: TextForm) -> str:
        texts.append(text)
        return text

    _map_texts(content, messenger, collect)
    return any(map(_PLACEHOLDER.search, texts))


def fill(content: Content, attributes: Mapping[str, Any], messenger: Messenger) -> Content:
    """The content for one person. `attributes` are values by placeholder name: see `kairan.sending.batch.Recipient`."""

    def filled(text: str, form: TextForm) -> str:
        return form.finish(_PLACEHOLDER.sub(lambda placeholder: form.encode(_value(placeholder, attributes)), text))

    return _map_texts(content, messenger, filled)


def unknown_placeholders(content: Content, messenger: Messenger) -> tuple[str, ...]:
    """What stands in double braces and is no placeholder. It would be sent as it is."""
    unknown: dict[str, None] = {}

    def collect(text: str, _: TextForm) -> str:
        unknown.update(dict.fromkeys(each for each in _ANY.findall(text) if not _PLACEHOLDER.fullmatch(each)))
        return text

    _map_texts(content, messenger, collect)
    return tuple(unknown)


def comes_out_empty(content: Content, attributes: Mapping[str, Any], messenger: Messenger) -> bool:
    """Whether a text with placeholders has nothing in it for this person."""
    found = False

    def look(text: str, form: TextForm) -> str:
        nonlocal found
        if _PLACEHOLDER.search(text):
            found = found or is_invisible(_PLACEHOLDER.sub(lambda each: form.encode(_value(each, attributes)), text))
        return text

    _map_texts(content, messenger, look)
    return found


def violations_for_all(content: Content, messenger: Messenger) -> list[Violation]:
    """What the messenger refuses in content with placeholders, whatever people's values are.

    It is what is refused with each of some very different values in every placeholder.
    """

    def filled_with(value: str) -> Content:
        def filled(text: str, form: TextForm) -> str:
            return form.finish(_PLACEHOLDER.sub(lambda _: form.encode(value), text))

        return _map_texts(content, messenger, filled)

    violations = messenger.violations(filled_with(_TRIED[0]))
    for value in _TRIED[1:]:
        if not violations:
            break
        paths = {violation.path for violation in messenger.violations(filled_with(value))}
        violations = [violation for violation in violations if violation.path in paths]
    return violations


def finish_texts(content: Content, messenger: Messenger) -> Content:
    """The content with its addresses percent-encoded. Texts with placeholders wait for `fill`."""

    def finished(text: str, form: TextForm) -> str:
        return text if _PLACEHOLDER.search(text) else form.finish(text)

    return _map_texts(content, messenger, finished)


def _map_texts(content: Content, messenger: Messenger, change: Callable[[str, TextForm], str]) -> Content:
    def changed(piece: Piece) -> Piece:
        match piece:
            case Text():
                return Text(change(piece.text, PLAIN))
            case Speech():
                return piece._replace(text=change(piece.text, PLAIN))
            case Video(tracking_id=str(tracking_id)):
                return piece._replace(tracking_id=change(tracking_id, PLAIN))
            case Native():
                return piece._replace(objects=messenger.map_texts(piece.objects, change))
            case Image() | Audio() | Video():
                return piece
            case _:
                assert_never(piece)

    return tuple(map(changed, content))


def _value(placeholder: re.Match[str], attributes: Mapping[str, Any]) -> str:
    name, place = placeholder["field"] or f"{placeholder['of']}.{placeholder['name'].strip()}", 0
    if (of_several := _PLACE.fullmatch(name)) is not None:
        name, place = of_several["name"], int(of_several["place"])
    value = _text_at(place, attributes.get(name))
    return (placeholder["default"] or "").strip() if is_invisible(value) else value


def _text_at(place: int, value: Any) -> str:
    """A string, a number, or one of a list of them. Anything else counts as empty."""
    if isinstance(value, list | tuple):
        value = value[place] if place < len(value) else None
    elif place:
        value = None
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
