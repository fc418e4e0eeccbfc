"""What the account receives from a person: the webhook's message object, and its media ("Getting content")."""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from simulators.line.error_response import ErrorResponse

Json = dict[str, Any]

JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19iZ2hnPk1xeXBk"
    "eFxlZ2P/wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAAP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP//Z"
)
"""One grey pixel."""
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
"""The box that begins every MP4 file, alone."""
STAND_INS: Mapping[str, tuple[str, bytes]] = {
    "image": ("image/jpeg", JPEG),
    "video": ("video/mp4", MP4),
    "audio": ("audio/x-m4a", MP4),
    "file": ("application/octet-stream", b"A file.\n"),
}
"""The media type and content of each type of message, for calls of the control API that bring none."""
PREPARED = frozenset({"video", "audio"})
"""The media that LINE prepares before they can be fetched. Here they are ready at once."""


@dataclass(frozen=True)
class ReceivedMedia:
    kind: str
    media_type: str
    data: bytes
    gone: bool = False

    def unsent(self) -> "ReceivedMedia":
        return replace(self, data=b"", gone=True)


def read_message(message: Mapping[str, Any]) -> tuple[Json, ReceivedMedia | None]:
    """From the message object of the control API: the webhook's message object without its id, and its media.

    Raises ErrorResponse when a person could not send such a message.
    """
    kind = message.get("type")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ErrorResponse(400, f"type must be one of {', '.join(KINDS)}")
    media = _media(kind, message) if kind in STAND_INS else None
    return {"type": kind, **KINDS[kind](message, media)}, media


def _media(kind: str, message: Mapping[str, Any]) -> ReceivedMedia:
    media_type, data = STAND_INS[kind]
    if (encoded := message.get("content")) is not None:
        try:
            data = base64.b64decode(encoded, validate=True)
        except (TypeError, binascii.Error) as error:
            raise ErrorResponse(400, "content must be the file in base64") from error
    return ReceivedMedia(kind, str(message.get("contentType") or media_type), data)


def _text(message: Mapping[str, Any], _: ReceivedMedia | None) -> Json:
    return {"text": _required(message, "text", str)}


def _sticker(message: Mapping[str, Any], _: ReceivedMedia | None) -> Json:
    return {
        "packageId": str(message.get("packageId", "446")),
        "stickerId": str(message.get("stickerId", "1988")),
        "stickerResourceType": "STATIC",
    }


def _location(message: Mapping[str, Any], _: ReceivedMedia | None) -> Json:
    optional = {name: message[name] for name in ("title", "address") if name in message}
    return {
        **optional,
        "latitude": _required(message, "latitude", int | float),
        "longitude": _required(message, "longitude", int | float),
    }


def _image(_: Mapping[str, Any], __: ReceivedMedia | None) -> Json:
    return {"contentProvider": {"type": "line"}}


def _timed(message: Mapping[str, Any], _: ReceivedMedia | None) -> Json:
    return {"duration": message.get("duration", 1000), "contentProvider": {"type": "line"}}


def _file(message: Mapping[str, Any], media: ReceivedMedia | None) -> Json:
    return {"fileName": str(message.get("fileName", "file.txt")), "fileSize": len(media.data) if media else 0}


def _required(message: Mapping[str, Any], name: str, kind: Any) -> Any:
    value = message.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ErrorResponse(400, f"{name} is missing or of the wrong type")
    return value


KINDS: Mapping[str, Callable[[Mapping[str, Any], ReceivedMedia | None], Json]] = {
    "text": _text,
    "sticker": _sticker,
    "location": _location,
    "image": _image,
    "video": _timed,
    "audio": _timed,
    "file": _file,
}
