"""Content as LINE's message objects (Messaging API reference, "Message objects")."""

from collections.abc import Iterator
from typing import Any, assert_never

from kairan.content import Audio, Content, Image, Native, Piece, Speech, Text, Video
from kairan.errors import ConfigurationError
from kairan.messengers.line import NAME
from kairan.messengers.port import NativeObject


def render(content: Content) -> list[NativeObject]:
    """Raises ConfigurationError for a `Speech` without its sound, and for another messenger's objects."""
    return [message for piece in content for message in messages_of(piece)]


def messages_of(piece: Piece) -> Iterator[NativeObject]:
    match piece:
        case Text():
            yield {"type": "text", "text": piece.text}
        case Image():
            yield {"type": "image", "originalContentUrl": piece.url, "previewImageUrl": piece.preview_url}
        case Audio():
            yield {"type": "audio", "originalContentUrl": piece.url, "duration": piece.duration_ms}
        case Video():
            yield _video(piece)
        case Native(messenger=messenger, objects=objects):
            if messenger != NAME:
                raise ConfigurationError(f"objects of {messenger} cannot go to LINE")
            yield from objects
        case Speech():
            raise ConfigurationError("a text to speak reached LINE before its sound was made")
        case _:
            assert_never(piece)


def _video(video: Video) -> dict[str, Any]:
    message = {"type": "video", "originalContentUrl": video.url, "previewImageUrl": video.preview_url}
    return message if video.tracking_id is None else message | {"trackingId": video.tracking_id}
