"""Placeholders: what differs from person to person in otherwise equal content.

    {{Attributes.name}}   {{User.UserAttributes.name}}   {{User.UserId}}   {{Address}}   {{Attributes.name|friend}}

- A name may hold anything but braces and `|`: spaces, dots and Japanese too. It is the whole rest after the prefix.
- The value is the first of the attribute's list. Without one, or with a blank one, the default stands there; without a
  default, nothing. White space around a name and around a default does not count.
- Only strings inside the message objects are rendered, after the JSON was read, and once: braces inside a value stay braces.
- In a URL (`kairan.line.urls.URL_PROPERTIES`) a value is one percent-encoded piece, so it can fill a place in an address and
  never be one. In the text of a textV2 message its braces are doubled, which is how LINE spells a brace there.
- Anything else in double braces stays as it is.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kairan.line.client import Message
from kairan.line.urls import URL_PROPERTIES, percent_encode, percent_encode_url

_PLACEHOLDER = re.compile(
    r"""
    \{\{ \s*
    (?: (?P<of> Attributes | User\.UserAttributes ) \. (?P<name> [^{}|]+ ) | (?P<field> User\.UserId | Address ) \s* )
    (?: \| (?P<default> [^{}]* ) )?
    \}\}
    """,
    re.VERBOSE,
)

_Leaf = Callable[[str, bool, bool], str]
"""(text, whether it is a URL, whether braces mean something to LINE in it) → text"""


def has_placeholders(messages: Sequence[Message]) -> bool:
    """Whether the content may come out differently for different people."""
    found = False

    def look(text: str, _is_url: bool, _has_braces: bool) -> str:
        nonlocal found
        found = found or _PLACEHOLDER.search(text) is not None
        return text

    _map_strings(messages, look)
    return found


def render(messages: Sequence[Message], variables: Mapping[str, Any]) -> tuple[Message, ...]:
    """The messages for one person; `variables` has the form of a Pinpoint endpoint (see `kairan.delivery.model.Recipient`)."""

    def fill(text: str, is_url: bool, has_braces: bool) -> str:
        if is_url:
            filled = _PLACEHOLDER.sub(lambda found: percent_encode(_value(found, variables)), text)
            return percent_encode_url(filled)
        if has_braces:
            return _PLACEHOLDER.sub(lambda found: _doubled_braces(_value(found, variables)), text)
        return _PLACEHOLDER.sub(lambda found: _value(found, variables), text)

    return tuple(_map_strings(messages, fill))


def encode_urls(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages with their URLs percent-encoded; those with placeholders wait for `render`."""

    def encode(text: str, is_url: bool, _has_braces: bool) -> str:
        return text if not is_url or _PLACEHOLDER.search(text) else percent_encode_url(text)

    return tuple(_map_strings(messages, encode))


def _map_strings(messages: Sequence[Message], leaf: _Leaf) -> list[Any]:
    def mapped(value: Any, is_url: bool, has_braces: bool) -> Any:
        if isinstance(value, str):
            return leaf(value, is_url, has_braces)
        if isinstance(value, Mapping):
            return {name: mapped(inner, name in URL_PROPERTIES, False) for name, inner in value.items()}
        if isinstance(value, list | tuple):
            return [mapped(inner, is_url, has_braces) for inner in value]
        return value

    def message(value: Message) -> Any:
        if not isinstance(value, Mapping):
            return value
        is_v2 = value.get("type") == "textV2"
        return {name: mapped(inner, name in URL_PROPERTIES, is_v2 and name == "text") for name, inner in value.items()}

    return [message(value) for value in messages]


def _value(found: re.Match[str], variables: Mapping[str, Any]) -> str:
    value = _looked_up(found, variables)
    return value if value.strip() else (found["default"] or "").strip()


def _looked_up(found: re.Match[str], variables: Mapping[str, Any]) -> str:
    user = variables.get("User")
    user = user if isinstance(user, Mapping) else {}
    if found["field"] == "Address":
        return _first_text(variables.get("Address"))
    if found["field"] == "User.UserId":
        return _first_text(user.get("UserId"))
    attributes = variables.get("Attributes") if found["of"] == "Attributes" else user.get("UserAttributes")
    return _first_text(attributes.get(found["name"].strip())) if isinstance(attributes, Mapping) else ""


def _first_text(value: Any) -> str:
    """A string or a number, or the first of a list of them; anything else says nothing that could be read out."""
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _doubled_braces(value: str) -> str:
    return value.replace("{", "{{").replace("}", "}}")
