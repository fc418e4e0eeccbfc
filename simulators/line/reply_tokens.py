"""Reply tokens (reference, "Reply token").

A token works once, within a minute of the webhook, and at most 20 minutes after the event.
"""

from dataclasses import dataclass, replace

from simulators.line import ids
from simulators.line.clock import Clock
from simulators.line.limits import REPLY_TOKEN_AFTER_EVENT_S, REPLY_TOKEN_LIFETIME_S


@dataclass(frozen=True)
class _Issued:
    user_id: str
    event_at: float
    delivered_at: float


class ReplyTokens:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, _Issued] = {}

    def issue(self, user_id: str) -> str:
        now = self._clock()
        self._forget_expired(now)
        token = ids.new_token()
        self._issued[token] = _Issued(user_id, now, now)
        return token

    def redelivered(self, token: str) -> None:
        """The minute of an unused token begins anew."""
        if (issued := self._issued.get(token)) is not None:
            self._issued[token] = replace(issued, delivered_at=self._clock())

    def find(self, token: object) -> str | None:
        """The id of the user that a reply reaches; None when the token is unknown, used or too old."""
        issued = self._issued.get(token) if isinstance(token, str) else None
        if issued is None:
            return None
        now = self._clock()
        fresh = (
            now <= issued.delivered_at + REPLY_TOKEN_LIFETIME_S and now < issued.event_at + REPLY_TOKEN_AFTER_EVENT_S
        )
        return issued.user_id if fresh else None

    def use(self, token: str) -> None:
        del self._issued[token]

    def _forget_expired(self, now: float) -> None:
        """Tokens are in the order of their events, so the oldest is the first."""
        while self._issued and next(iter(self._issued.values())).event_at + REPLY_TOKEN_AFTER_EVENT_S <= now:
            del self._issued[next(iter(self._issued))]
