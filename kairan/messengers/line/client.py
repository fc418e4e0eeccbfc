"""The port to the Messaging API, as far as Kairan uses it. The adapter is `kairan.messengers.line.http`.

Every call is one attempt. Calls raise

- LineRejectedError       400, 403, 404, 410, 413 …: the request is wrong; LINE's message says how
- LineUnauthorizedError   401, also after the secret was read again
- RateLimitedError        429 for a rate, concurrency or per-user limit: not accepted
- QuotaReachedError       429 for the monthly limit: not accepted
- LineUnavailableError    5xx, time-out, broken connection: accepted or not, no one knows
"""

from collections.abc import Sequence
from typing import NewType, Protocol

from kairan.messengers.port import Accepted, Mode, NativeObject
from kairan.people import Profile

RetryKey = NewType("RetryKey", str)
"""`X-Line-Retry-Key`: a UUID in hexadecimal with hyphens.

LINE remembers it for 24 hours ("Retry failed API requests").
"""


class LineClient(Protocol):
    def push(
        self,
        to: str,
        messages: Sequence[NativeObject],
        *,
        retry_key: RetryKey,
        notification_disabled: bool = False,
        timeout_s: float = 10,
    ) -> Accepted:
        """Send 1–5 messages to one user, group or room. 409 counts as accepted."""

    def multicast(
        self,
        to: Sequence[str],
        messages: Sequence[NativeObject],
        *,
        retry_key: RetryKey,
        notification_disabled: bool = False,
        timeout_s: float = 10,
    ) -> Accepted:
        """Send 1–5 messages to 1–500 users. 409 counts as accepted."""

    def validate(self, mode: Mode, messages: Sequence[NativeObject]) -> None:
        """Asks LINE whether the messages are well formed; sends nothing."""

    def profile(self, user_id: str) -> Profile | None:
        """A friend's profile; None when LINE answers 404: not a friend, or no such user."""
