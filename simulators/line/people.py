"""The simulated people: their profile, their relation to the account, and their chat with it."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from simulators.line.conversation import AccountMessage, Entry, PersonAction


class Relation(StrEnum):
    STRANGER = "stranger"
    FRIEND = "friend"
    BLOCKED = "blocked"


@dataclass
class Person:
    user_id: str
    display_name: str
    language: str | None = None
    picture_url: str | None = None
    status_message: str | None = None
    relation: Relation = Relation.STRANGER
    conversation: list[Entry] = field(default_factory=list)

    @property
    def is_friend(self) -> bool:
        return self.relation is Relation.FRIEND

    @property
    def shows_profile(self) -> bool:
        """To the account: as a friend, or as someone who wrote to it and does not block it ("Get profile")."""
        return self.is_friend or (self.relation is not Relation.BLOCKED and self._has_written)

    @property
    def _has_written(self) -> bool:
        return any(isinstance(entry, PersonAction) and entry.event["type"] == "message" for entry in self.conversation)

    @property
    def received_messages(self) -> list[AccountMessage]:
        return [entry for entry in self.conversation if isinstance(entry, AccountMessage)]

    def profile(self) -> dict[str, Any]:
        """As "Get profile" answers: only what is set."""
        values = {
            "userId": self.user_id,
            "displayName": self.display_name,
            "language": self.language,
            "pictureUrl": self.picture_url,
            "statusMessage": self.status_message,
        }
        return {name: value for name, value in values.items() if value is not None}

    def as_json(self) -> dict[str, Any]:
        return {**self.profile(), "relation": self.relation, "received": len(self.received_messages)}
