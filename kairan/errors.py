"""Every error Kairan raises on purpose, in one tree.

KairanError
 + ConfigurationError            the function was deployed wrongly: it stops at start
 + RejectedError                 the request is wrong; repeating it cannot help
   - InvalidInputError           an event, a body or a name that breaks a rule; each violation has its path
   - InvalidSignatureError       a webhook call that LINE did not sign
   - InvalidBodyError            a webhook body that is not what LINE posts
   - BodyTooLargeError           a webhook body over the limit
   - MalformedEventError         an event that cannot be queued, or read from the queue
   - MediaNotFoundError          a key that its bucket does not have
   - UnsupportedMediaError       a file that is not what its name says, or over a limit
   - SpeechRejectedError         a style that the engine does not have, or a text that it refuses
   - ExternalIdTakenError        an external id that belongs to another person
   - KeyReusedError              an idempotency key that names an earlier batch with other content or recipients
   - RetryWindowClosedError      the fate of a push is unknown, and the messenger has forgotten its key
   - UnsupportedByStoreError     something that the chosen audience store cannot do
   - QuotaReachedError           the messenger's monthly limit is reached
   - Refused                     the messenger refuses a request as a whole (`kairan.messengers.port`)
     - LineRejectedError         LINE's 4xx (`kairan.messengers.line.errors`)
 + RetryableError                the same request may succeed later
   - CredentialsMissingError     the secret still holds placeholders, or lacks what a call needs
   - UnauthorizedError           the messenger refuses the credentials
     - LineUnauthorizedError     LINE answered 401, also after the secret was read again
   - RateLimitedError            the messenger got too many requests and did not accept this one
   - UnavailableError            the messenger failed or the connection broke: accepted or not, no one knows
     - LineUnavailableError      LINE's 5xx, a broken connection
       - LineTimedOutError       LINE did not answer in time
   - SpeechNotConfiguredError    a message is to be spoken, but the stack has no speech engine yet
   - SpeechUnavailableError      the speech engine is down, or its answer is not speech
     - SpeechTimedOutError       the speech engine did not answer in time
     - SpeechFailedError         the speech engine is there, and failed at these words
   - TargetUnavailableError      another tool did not take a webhook call that was passed on
   - StoreUnavailableError       an AWS service failed or throttled
   - BatchInProgressError        another invocation holds the batch's lease
   - OutOfTimeError              the function stopped before its time ran out; some messages are still open
   - HealingUnfinishedError      the messenger refuses more ids of one batch than one invocation can remove

At a function's boundary an error leaves as exactly `RejectedError` or `RetryableError`, raised from the concrete one,
because Step Functions' Retry and Catch match exact names. See `kairan.observability.observed`.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self


class Violation(NamedTuple):
    """One thing that is wrong with an input.

    `path` says where (`data.image`, `to[1]`), without ids of people, `message` says what is wrong there.
    """

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


class InvalidInputError(RejectedError):
    code = "invalid_event"

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__("; ".join(str(violation) for violation in violations))
        self.violations = tuple(violations)

    @classmethod
    def at(cls, path: str, message: str) -> Self:
        """An error with one violation."""
        return cls([Violation(path, message)])


class InvalidSignatureError(RejectedError):
    code = "invalid_signature"


class InvalidBodyError(RejectedError):
    code = "invalid_body"


class BodyTooLargeError(RejectedError):
    code = "body_too_large"


class MalformedEventError(RejectedError):
    code = "malformed_event"


class MediaNotFoundError(RejectedError):
    code = "media_not_found"


class UnsupportedMediaError(RejectedError):
    code = "unsupported_media"


class SpeechRejectedError(RejectedError):
    code = "speech_rejected"


class ExternalIdTakenError(RejectedError):
    code = "external_id_taken"


class KeyReusedError(RejectedError):
    code = "key_reused"


class RetryWindowClosedError(RejectedError):
    code = "retry_window_closed"


class QuotaReachedError(RejectedError):
    code = "monthly_quota"


class UnsupportedByStoreError(RejectedError):
    code = "unsupported_by_store"


class RetryableError(KairanError):
    code = "retryable"


class CredentialsMissingError(RetryableError):
    code = "credentials_missing"


class UnauthorizedError(RetryableError):
    code = "unauthorized"


class RateLimitedError(RetryableError):
    code = "rate_limited"


class UnavailableError(RetryableError):
    code = "unavailable"


class SpeechNotConfiguredError(RetryableError):
    code = "speech_not_configured"


class SpeechUnavailableError(RetryableError):
    code = "speech_unavailable"


class SpeechTimedOutError(SpeechUnavailableError):
    code = "speech_timed_out"


class SpeechFailedError(SpeechUnavailableError):
    code = "speech_failed"


class TargetUnavailableError(RetryableError):
    code = "target_unavailable"


class StoreUnavailableError(RetryableError):
    code = "store_unavailable"


class BatchInProgressError(RetryableError):
    code = "delivery_in_progress"


class OutOfTimeError(RetryableError):
    code = "out_of_time"


class HealingUnfinishedError(RetryableError):
    code = "healing_unfinished"
