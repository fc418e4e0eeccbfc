"""The Messaging API as Kairan uses it: the port and what goes through it. The adapter is `kairan.line.http`.

Every call is one attempt; repeating belongs to `kairan.delivery`. Calls raise

- LineRejectedError       400, 403, 404, 410, 413 …: wrong in itself; LINE's message and `details[].property` are kept
- LineUnauthorizedError   401, also after the secret was read again
- RateLimitedError        429 for a rate, concurrency or per-user limit: not accepted
- MonthlyQuotaError       429 for the monthly limit: not accepted
- LineUnavailableError    5xx, time-out, broken connection: accepted or not, nobody knows
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from kairan.line.ids import RetryKey

Message = Mapping[str, Any]
"""One message object, as in the Messaging API reference, "Message objects"."""

ValidatedCall = Literal["reply", "push", "multicast", "narrowcast", "broadcast"]


@dataclass(frozen=True)
class Accepted:
    """LINE took the request. `request_id` is the `x-line-request-id` of the request that was accepted: of an earlier one
    when LINE answered 409 (`repeated`). `sent_messages` is LINE's `sentMessages` (push and reply)."""

    request_id: str
    repeated: bool = False
    sent_messages: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Profile:
    """What a friend's LINE profile says. LINE leaves out what the friend did not set or does not share."""

    display_name: str | None = None
    language: str | None = None
    picture_url: str | None = None
    status_message: str | None = None


class LineClient(Protocol):
    def push(
        self,
        to: str,
        messages: Sequence[Message],
        *,
        retry_key: RetryKey,
        notification_disabled: bool = False,
        timeout_s: float = 10,
    ) -> Accepted:
        """Send 1–5 messages to one user, group or room. 409 counts as accepted."""

    def multicast(
        self,
        to: Sequence[str],
        messages: Sequence[Message],
        *,
        retry_key: RetryKey,
        notification_disabled: bool = False,
        timeout_s: float = 10,
    ) -> Accepted:
        """Send 1–5 messages to 1–500 users. 409 counts as accepted."""

    def reply(self, reply_token: str, messages: Sequence[Message], *, notification_disabled: bool = False) -> Accepted:
        """Answer an event. A reply takes no retry key."""

    def validate(self, call: ValidatedCall, messages: Sequence[Message]) -> None:
        """Ask LINE whether the messages are well formed; sends nothing."""

    def profile(self, user_id: str) -> Profile | None:
        """A friend's profile; None when LINE answers 404: not a friend, or no such user."""
