"""Webhook bodies as LINE posts them, with events of the common types in turn.

Source: Messaging API reference, "Webhook event objects".
"""

import json
from collections.abc import Callable, Mapping
from itertools import cycle, islice
from typing import Any

DESTINATION = "Uffffffffffffffffffffffffffffffff"
FIRST_AT_MS = 1_795_000_000_000

Details = Callable[[int], Mapping[str, Any]]


def _text(number: int) -> Mapping[str, Any]:
    message = {
        "type": "text",
        "id": _message_id(number),
        "quoteToken": f"q3Plxr4AgKd{number:08}",
        "text": "予約を土曜日の午後に変更できますか",
    }
    return {"type": "message", "message": message}


def _sticker(number: int) -> Mapping[str, Any]:
    message = {
        "type": "sticker",
        "id": _message_id(number),
        "quoteToken": f"q3Plxr4AgKd{number:08}",
        "stickerId": "52002738",
        "packageId": "11537",
        "stickerResourceType": "ANIMATION",
        "keywords": ["cony", "sally", "thanks", "please"],
    }
    return {"type": "message", "message": message}


def _follow(_: int) -> Mapping[str, Any]:
    return {"type": "follow", "follow": {"isUnblocked": False}}


def _postback(number: int) -> Mapping[str, Any]:
    return {"type": "postback", "postback": {"data": f"action=buy&item={number}"}}


TYPES: tuple[Details, ...] = (_text, _sticker, _text, _postback, _text, _follow)


def body(events: int) -> str:
    written = [_event(number, details) for number, details in enumerate(islice(cycle(TYPES), events))]
    return json.dumps({"destination": DESTINATION, "events": written}, ensure_ascii=False, separators=(",", ":"))


def _event(number: int, details: Details) -> Mapping[str, Any]:
    return {
        **details(number),
        "webhookEventId": f"01H810YECXQQZ37VAXPF{number:06}",
        "deliveryContext": {"isRedelivery": False},
        "timestamp": FIRST_AT_MS + number,
        "source": {"type": "user", "userId": f"U{number:032x}"},
        "replyToken": f"nHuyWiB7yP5Zw52FIkcQobQuGDXCTA{number:06}",
        "mode": "active",
    }


def _message_id(number: int) -> str:
    return f"4447{number:014}"
