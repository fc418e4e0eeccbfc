"""The one place that turns what went wrong into HTTP: `{"error": "<sentence>", "code": "<snake_case>", "details"?: […]}`.

| status | what                                                                                                      |
| ------ | --------------------------------------------------------------------------------------------------------- |
| 4xx    | what `api.errors` says of itself                                                                          |
| LINE's | LINE's refusal, with LINE's message                                                                       |
| 400    | a file that is not what it must be                                                                        |
| 401    | LINE does not know the channel access token                                                               |
| 409    | a key that is in use: for another body, right now, or too long ago                                        |
| 422    | what the body says cannot be sent                                                                         |
| 429    | LINE's rates, or its monthly limit                                                                        |
| 501    | nothing speaks here                                                                                       |
| 502    | LINE or the speech engine is down; 504: did not answer in time                                            |
| 503    | the secret is not filled in, or AWS does not answer                                                       |
| 500    | anything else: it is in the log                                                                           |
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from api.errors import ApiError, InvalidRequestError, MethodNotAllowedError
from kairan.errors import (
    CredentialsMissingError,
    DeliveryInProgressError,
    Fault,
    InvalidEventError,
    KairanError,
    KeyReusedError,
    LineRejectedError,
    LineTimedOutError,
    LineUnauthorizedError,
    LineUnavailableError,
    MediaNotFoundError,
    MonthlyQuotaError,
    OutOfTimeError,
    RateLimitedError,
    RejectedError,
    RetryableError,
    SpeechNotConfiguredError,
    SpeechRejectedError,
    SpeechTimedOutError,
    SpeechUnavailableError,
    StoreUnavailableError,
    UnsupportedByStoreError,
    UnsupportedMediaError,
)

UNEXPECTED = "unexpected"
MAX_DETAILS = 100
MAX_SENTENCE = 1000
"""A body of a few megabytes can be wrong in half a million places, or in a name as long as itself: what Lambda answers has 6 MB."""
RETRY_AFTER_S = 1
"""LINE counts its rates by the second."""

STATUS: Mapping[type[KairanError], int] = {
    RejectedError: 422,
    UnsupportedMediaError: 400,
    KeyReusedError: 409,
    MonthlyQuotaError: 429,
    SpeechNotConfiguredError: 501,
    UnsupportedByStoreError: 501,
    InvalidEventError: 422,
    MediaNotFoundError: 422,
    SpeechRejectedError: 422,
    RetryableError: 503,
    CredentialsMissingError: 503,
    StoreUnavailableError: 503,
    LineUnauthorizedError: 401,
    DeliveryInProgressError: 409,
    RateLimitedError: 429,
    LineUnavailableError: 502,
    SpeechUnavailableError: 502,
    LineTimedOutError: 504,
    SpeechTimedOutError: 504,
    OutOfTimeError: 504,
}
CODES: Mapping[type[KairanError], str] = {
    DeliveryInProgressError: "in_progress",
    InvalidEventError: InvalidRequestError.code,
}
"""Where the caller's word differs from ours."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


def of_error(error: Exception) -> Answer:
    match error:
        case InvalidRequestError() | InvalidEventError():
            return Answer(422, _problem(str(error), InvalidRequestError.code, error.faults))
        case MethodNotAllowedError():
            return Answer(error.status, _problem(str(error), error.code), {"Allow": ", ".join(error.allowed)})
        case ApiError():
            return Answer(error.status, _problem(str(error), error.code))
        case LineRejectedError():
            refused = [Fault(name, "LINE refuses it") for name in error.properties]
            return Answer(error.status, _problem(error.message, error.code, refused))
        case RateLimitedError():
            return Answer(429, _problem(str(error), error.code), {"Retry-After": str(RETRY_AFTER_S)})
        case KairanError():
            return Answer(_first(STATUS, error, 500), _problem(str(error), _first(CODES, error, error.code)))
        case _:
            return Answer(500, _problem("something went wrong here; it is in the function's log", UNEXPECTED))


def _first(table: Mapping[type[KairanError], Any], error: KairanError, otherwise: Any) -> Any:
    """The row of the error's class, or of the nearest class that it comes from."""
    return next((table[kind] for kind in type(error).__mro__ if kind in table), otherwise)


def _problem(sentence: str, code: str, faults: Iterable[Fault] = ()) -> dict[str, Any]:
    details = [
        {"path": _shortened(fault.path), "message": _shortened(fault.message)} for fault in islice(faults, MAX_DETAILS)
    ]
    return {"error": _shortened(sentence), "code": code} | ({"details": details} if details else {})


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_SENTENCE else f"{text[: MAX_SENTENCE - 1]}…"
