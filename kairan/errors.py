"""Every error Kairan raises on purpose, in one tree.

KairanError
 + ConfigurationError            the function was deployed wrongly: it stops at start
 + RejectedError                 the request is wrong; repeating it cannot help
   - InvalidEventError           an invoke that is not of one of the three forms; every fault named by its path
   - InvalidSignatureError       a webhook call that LINE did not sign
   - InvalidBodyError            a webhook body that is not what LINE posts
   - BodyTooLargeError           a webhook body over the limit
   - MediaNotFoundError          a key that is not in its bucket
   - UnsupportedMediaError       a file that is not what its name says, or over LINE's limits
   - SpeechRejectedError         a voice the engine does not have, or a text it refuses
   - KeyReusedError              a caller's key that names an earlier delivery with other content or recipients
   - LineRejectedError           LINE's 4xx: what was sent is wrong
   - MonthlyQuotaError           LINE's monthly limit is reached
   - UnsupportedByStoreError     something the chosen audience store cannot do
 + RetryableError                the same request may succeed later
   - CredentialsMissingError     the secret still holds placeholders, or not what it needs
   - LineUnauthorizedError       LINE answered 401, also after the secret was read again
   - RateLimitedError            LINE's 429 for a rate
   - LineUnavailableError        LINE's 5xx, a broken connection: what LINE did is not known
     - LineTimedOutError         LINE did not answer in time
   - SpeechNotConfiguredError    something is to be spoken, but the stack knows no speech engine yet
   - SpeechUnavailableError      the speech engine is down, or answers something that is no speech
     - SpeechTimedOutError       the speech engine did not answer in time
   - StoreUnavailableError       an AWS service failed or throttled
   - DeliveryInProgressError     another invocation holds the delivery's lease
   - OutOfTimeError              the function stopped before its time ran out; something is still open
   - HealingUnfinishedError      LINE refuses more ids of one batch than one invocation takes out

At a function's boundary an error leaves as exactly `RejectedError` or `RetryableError` (Step Functions' Retry and Catch match
exact names), raised from the concrete one: see `kairan.observability.observed`.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a request: `path` says where (`Endpoints.e1.Address`), `message` what is wanted there."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class KairanError(Exception):
    """The root. `code` is the snake_case name that logs, outcomes and answers carry."""

    code = "kairan_error"


class ConfigurationError(KairanError):
    code = "configuration"


class RejectedError(KairanError):
    code = "rejected"


class InvalidEventError(RejectedError):
    code = "invalid_event"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)


class InvalidSignatureError(RejectedError):
    code = "invalid_signature"


class InvalidBodyError(RejectedError):
    code = "invalid_body"


class BodyTooLargeError(RejectedError):
    code = "body_too_large"


class MediaNotFoundError(RejectedError):
    code = "media_not_found"


class UnsupportedMediaError(RejectedError):
    code = "unsupported_media"


class SpeechRejectedError(RejectedError):
    code = "speech_rejected"


class KeyReusedError(RejectedError):
    code = "key_reused"


class LineRejectedError(RejectedError):
    """LINE's 4xx other than 401, 409 and 429. `message` and `properties` are LINE's own words (its `details[].property`)."""

    code = "line_rejected"

    def __init__(
        self, status: int, message: str, *, properties: Sequence[str] = (), request_id: str | None = None
    ) -> None:
        at = f" ({', '.join(properties)})" if properties else ""
        super().__init__(f"LINE answered {status}: {message}{at}")
        self.status = status
        self.message = message
        self.properties = tuple(properties)
        self.request_id = request_id


class MonthlyQuotaError(RejectedError):
    code = "monthly_quota"


class UnsupportedByStoreError(RejectedError):
    code = "unsupported_by_store"


class RetryableError(KairanError):
    code = "retryable"


class CredentialsMissingError(RetryableError):
    code = "credentials_missing"


class LineUnauthorizedError(RetryableError):
    code = "line_unauthorized"


class RateLimitedError(RetryableError):
    code = "rate_limited"


class LineUnavailableError(RetryableError):
    code = "line_unavailable"


class LineTimedOutError(LineUnavailableError):
    code = "line_timed_out"


class SpeechNotConfiguredError(RetryableError):
    code = "speech_not_configured"


class SpeechUnavailableError(RetryableError):
    code = "speech_unavailable"


class SpeechTimedOutError(SpeechUnavailableError):
    code = "speech_timed_out"


class StoreUnavailableError(RetryableError):
    code = "store_unavailable"


class DeliveryInProgressError(RetryableError):
    code = "delivery_in_progress"


class OutOfTimeError(RetryableError):
    code = "out_of_time"


class HealingUnfinishedError(RetryableError):
    code = "healing_unfinished"
