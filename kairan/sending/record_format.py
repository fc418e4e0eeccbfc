"""A ledger record as compressed JSON: about 20 KB for 500 recipients.

Earlier releases wrote version 1. It had LINE's message objects (`messages`) instead of `content`, and among them text
to speak as a message of the type `speech`. Its planned requests may have used their first key before, so they get the
next one. This module still reads it, because a record lives for two months.
"""

import json
import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any, get_args

from kairan.clock import from_iso, iso
from kairan.content import Audio, Content, Image, Native, Piece, Speech, Text, Video
from kairan.messengers.port import Mode, Refusal, RequestKey
from kairan.people import ChatId
from kairan.sending.batch import BatchId
from kairan.sending.identity import request_key
from kairan.sending.ledger import BatchRecord, Request, State
from kairan.sending.outcome import Outcome

NAMES: Mapping[type[Piece], str] = {kind: kind.__name__.lower() for kind in get_args(Piece)}
"""What each kind of content is called in a record. A class keeps its name as long as records with it live."""
KINDS = {name: kind for kind, name in NAMES.items()}
FIRST_MESSENGER = "line"
"""The messenger of records that name none."""


def dump(record: BatchRecord) -> bytes:
    """Everything except the version and the lease, which the store has beside it. Recipients index into `people`."""
    index_of = {chat: index for index, (_, chat) in enumerate(record.people)}
    body = {
        "fingerprint": record.fingerprint,
        "mode": record.mode,
        "content": [[NAMES[type(piece)], piece._asdict()] for piece in record.content],
        "notification_disabled": record.silent,
        "messenger": record.people[0][1].messenger if record.people else FIRST_MESSENGER,
        "people": [chat.id if key == chat.id else [key, chat.id] for key, chat in record.people],
        "settled": {key: [outcome.outcome, outcome.reason] for key, outcome in record.settled.items()},
        "requests": [
            [
                [index_of[chat] for chat in request.recipients],
                request.state,
                request.first_attempt_at and iso(request.first_attempt_at),
                request.request_id,
                request.reason,
                *_answer(request),
            ]
            for request in record.requests.values()
        ],
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode(errors="surrogatepass"), level=1)


def parse(data: bytes, *, batch_id: BatchId, version: int, lease_until: datetime | None) -> BatchRecord:
    body: dict[str, Any] = json.loads(zlib.decompress(data))
    messenger = body.get("messenger", FIRST_MESSENGER)
    people = tuple(
        (person, ChatId(messenger, person)) if isinstance(person, str) else (person[0], ChatId(messenger, person[1]))
        for person in body["people"]
    )
    return BatchRecord(
        batch_id=batch_id,
        fingerprint=body["fingerprint"],
        mode=Mode(body["mode"]),
        content=_content(body["content"]) if "content" in body else _content_of_messages(body["messages"]),
        silent=body["notification_disabled"],
        people=people,
        settled={key: Outcome(outcome, reason) for key, (outcome, reason) in body["settled"].items()},
        requests=_requests(body["requests"], batch_id, people, used_keys="content" not in body),
        version=version,
        lease_until=lease_until,
    )


def _requests(
    rows: list[list[Any]], batch_id: BatchId, people: tuple[tuple[str, ChatId], ...], *, used_keys: bool
) -> dict[RequestKey, Request]:
    requests = {}
    for indexes, state, first_attempt_at, request_id, reason, *answer in rows:
        sent_messages, refusal, generation = (*answer, 0)[:3] if answer else ((), None, 0)
        if used_keys and state == State.PLANNED:
            generation = 1
        recipients = tuple(people[index][1] for index in indexes)
        requests[request_key(batch_id, recipients, generation=generation)] = Request(
            recipients,
            State(state),
            first_attempt_at and from_iso(first_attempt_at),
            request_id,
            reason,
            uncertain=state == State.OPEN,
            sent_messages=tuple(sent_messages),
            refusal=refusal and Refusal(refusal[0], refusal[1], tuple(refusal[2]), request_id),
            generation=generation,
        )
    return requests


def _answer(request: Request) -> list[Any]:
    """The messenger's answer and the key's generation, where the record needs them: most requests need neither."""
    refusal = request.refusal
    if not request.sent_messages and refusal is None and not request.generation:
        return []
    answer = [request.sent_messages, refusal and [refusal.status, refusal.message, refusal.properties]]
    return [*answer, request.generation] if request.generation else answer


def _content(pieces: list[tuple[str, dict[str, Any]]]) -> Content:
    return tuple(KINDS[name](**_with_tuples(fields)) for name, fields in pieces)


def _with_tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


def _content_of_messages(messages: list[Mapping[str, Any]]) -> Content:
    return tuple(map(_piece_of, messages))


def _piece_of(message: Mapping[str, Any]) -> Piece:
    """Reads a message object of version 1 back into a piece if Kairan built it. Any other stays as it is.

    An address with a placeholder is the caller's: only `Native` has its addresses filled in.
    """
    match dict(message):
        case {"type": "text", "text": str(text), **rest} if not rest:
            return Text(text)
        case {"type": "image", "originalContentUrl": str(url), "previewImageUrl": str(preview_url), **rest} if (
            not rest and _is_ours(url, preview_url)
        ):
            return Image(url, preview_url)
        case {"type": "audio", "originalContentUrl": str(url), "duration": duration_ms, **rest} if (
            not rest and _is_ours(url)
        ):
            return Audio(url, duration_ms)
        case {"type": "video", "originalContentUrl": str(url), "previewImageUrl": str(preview_url), **rest} if (
            rest.keys() <= {"trackingId"} and _is_ours(url, preview_url)
        ):
            return Video(url, preview_url, rest.get("trackingId"))
        case {"type": "speech", "tts": text, "speaker": style_id, "speed": speed, "pitch": pitch, "volume": volume}:
            return Speech(text, style_id, speed, pitch, volume)
        case _:
            return Native(FIRST_MESSENGER, (message,))


def _is_ours(*urls: str) -> bool:
    return all("{{" not in url for url in urls)
