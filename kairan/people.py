"""Whom a message can reach, as the messenger knows them."""

from typing import NamedTuple, NewType


class ChatId(NamedTuple):
    """A person, a group or a room that a messenger sends to. `id` is the messenger's own (LINE: `U…`, `C…`, `R…`)."""

    messenger: str
    id: str


PersonId = NewType("PersonId", ChatId)
"""The chat with one person alone."""


class Profile(NamedTuple):
    """What a person shows of themselves. A field is None when they did not set it or do not share it."""

    display_name: str | None = None
    language: str | None = None
    picture_url: str | None = None
    status_message: str | None = None
