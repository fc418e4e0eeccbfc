"""What a message says, independent of the messenger that carries it.

Readers turn a caller's data into content, templates fill its texts, the ledger stores it, and the messenger renders it
just before it is sent. One piece is one message, but a `Native` piece may hold several.

The pieces are named tuples because frozen dataclasses would add four milliseconds to the start of every sender.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Text(NamedTuple):
    text: str


class Image(NamedTuple):
    """The links do not expire. `media_keys` are the files behind them, in the bucket of images."""

    url: str
    preview_url: str
    media_keys: tuple[str, ...] = ()


class Audio(NamedTuple):
    url: str
    duration_ms: int
    media_keys: tuple[str, ...] = ()


class Video(NamedTuple):
    """LINE sends an event with `tracking_id` when a person has watched the video to its end."""

    url: str
    preview_url: str
    tracking_id: str | None = None
    media_keys: tuple[str, ...] = ()


class Speech(NamedTuple):
    """Words to speak; they become `Audio` before they are sent.

    `style_id` is the engine's number of a voice. Speed and volume are factors and pitch is an offset: see
    `kairan.speech.model`.
    """

    text: str
    style_id: int
    speed: float = 1.0
    pitch: float = 0.0
    volume: float = 1.0


class Native(NamedTuple):
    """A messenger's own message objects, as the caller wrote them (Flex, templates, stickers)."""

    messenger: str
    objects: tuple[Mapping[str, Any], ...]


Piece = Text | Image | Audio | Video | Speech | Native
Content = tuple[Piece, ...]


def media_keys_of(content: Content) -> frozenset[str]:
    """The files that the content shows or plays."""
    return frozenset(key for piece in content if isinstance(piece, Image | Audio | Video) for key in piece.media_keys)
