"""The chat of one person with the account, in order: what the account sent, and what the person did."""

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class AccountMessage:
    """One message object. All people that a request reaches share its entries."""

    number: int
    at: str
    request_id: str
    call: str
    message: Json

    def as_json(self) -> Json:
        return {
            "number": self.number,
            "at": self.at,
            "requestId": self.request_id,
            "call": self.call,
            "message": self.message,
        }

    def as_received(self) -> Json:
        return {"requestId": self.request_id, "call": self.call, "acceptedAt": self.at, "message": self.message}


@dataclass(frozen=True)
class PersonAction:
    """An event that the webhook reports, and the words that the chat shows for it (`displayText` of a postback)."""

    number: int
    at: str
    event: Json
    shown: str | None = None

    def as_json(self) -> Json:
        shown = {} if self.shown is None else {"shown": self.shown}
        return {"number": self.number, "at": self.at, "event": self.event, **shown}


Entry = AccountMessage | PersonAction
