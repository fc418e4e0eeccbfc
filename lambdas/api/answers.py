"""Answers every call: the result of a route's function as JSON, and an error as
`{"error": "<sentence>", "code": "<snake_case>", "details"?: […]}`.

| status | error                                                                  |
| ------ | ---------------------------------------------------------------------- |
| 4xx    | `api.errors`, each with its own status                                 |
| LINE's | a refusal of LINE's, with LINE's status and message                    |
| 400    | a file of a wrong type, or over a limit                                |
| 401    | LINE refuses the channel access token                                  |
| 409    | the key has another body, is in use right now, or is too old           |
| 422    | the call asks for something that cannot be done                        |
| 429    | LINE's rates, or its monthly limit                                     |
| 501    | this deployment has no speech engine, or its store cannot do this      |
| 502    | LINE or the speech engine is down                                      |
| 503    | the secret is not filled in, or AWS does not answer                    |
| 504    | LINE or the speech engine did not answer in time                       |
| 500    | anything else: it is in the log                                        |
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import APIGatewayRestResolver, Response
from pydantic import BaseModel

from api.call import Call, call_of
from api.errors import ApiError, MethodNotAllowedError
from kairan.errors import (
    BatchInProgressError,
    CredentialsMissingError,
    InvalidInputError,
    KairanError,
    KeyReusedError,
    MediaNotFoundError,
    OutOfTimeError,
    QuotaReachedError,
    RateLimitedError,
    RejectedError,
    RetryableError,
    RetryWindowClosedError,
    SpeechFailedError,
    SpeechNotConfiguredError,
    SpeechRejectedError,
    SpeechTimedOutError,
    SpeechUnavailableError,
    StoreUnavailableError,
    UnauthorizedError,
    UnavailableError,
    UnsupportedByStoreError,
    UnsupportedMediaError,
    Violation,
)
from kairan.messengers.line.errors import LineRejectedError, LineTimedOutError
from kairan.messengers.port import Refused
from kairan.observability import described, logger

UNEXPECTED = "unexpected"
MAX_DETAILS = 100
MAX_SENTENCE = 1000
"""A body can have half a million violations, or a name of megabytes. Lambda answers at most 6 MB."""
RETRY_AFTER_S = 1
"""LINE's rates count requests per second."""

STATUS: Mapping[type[KairanError], int] = {
    RejectedError: 422,
    UnsupportedMediaError: 400,
    KeyReusedError: 409,
    RetryWindowClosedError: 409,
    QuotaReachedError: 429,
    SpeechNotConfiguredError: 501,
    UnsupportedByStoreError: 501,
    InvalidInputError: 422,
    MediaNotFoundError: 422,
    SpeechRejectedError: 422,
    RetryableError: 503,
    CredentialsMissingError: 503,
    StoreUnavailableError: 503,
    UnauthorizedError: 401,
    BatchInProgressError: 409,
    RateLimitedError: 429,
    UnavailableError: 502,
    SpeechUnavailableError: 502,
    SpeechFailedError: 502,
    LineTimedOutError: 504,
    SpeechTimedOutError: 504,
    OutOfTimeError: 504,
}
CODES: Mapping[type[KairanError], str] = {
    BatchInProgressError: "in_progress",
    InvalidInputError: "invalid_request",
}
"""Errors whose code in the API is not their own."""


@dataclass(frozen=True)
class ErrorAnswer:
    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)


def error_answer(error: Exception) -> ErrorAnswer:
    match error:
        case MethodNotAllowedError():
            return ErrorAnswer(error.status, _problem(str(error), error.code), {"Allow": ", ".join(error.allowed)})
        case ApiError():
            return ErrorAnswer(error.status, _problem(str(error), error.code))
        case Refused(refusal=refusal):
            refused = [Violation(name, "LINE refuses it") for name in refusal.properties]
            return ErrorAnswer(refusal.status, _problem(refusal.message, LineRejectedError.code, refused))
        case KairanError():
            status, code = _row(STATUS, error, 500), _row(CODES, error, error.code)
            violations = error.violations if isinstance(error, InvalidInputError) else ()
            headers = {"Retry-After": str(RETRY_AFTER_S)} if isinstance(error, RateLimitedError) else {}
            return ErrorAnswer(status, _problem(str(error), code, violations), headers)
        case _:
            return ErrorAnswer(500, _problem("something went wrong here; it is in the function's log", UNEXPECTED))


def answering(
    resolver: APIGatewayRestResolver, next_middleware: Callable[[APIGatewayRestResolver], Response[Any]]
) -> Response[Any]:
    """Wraps every route: an error becomes its answer and a line in the log. Answers get the headers of their call."""
    call = call_of(resolver.context)
    try:
        response = next_middleware(resolver)
    except Exception as error:  # noqa: BLE001 - the outermost boundary: every call is answered
        response = _error_response(error, call)
    response.headers.update(call.answer_headers)
    return response


def to_json(body: object) -> str:
    """A model is written without the fields that were not set."""
    value = body.model_dump(exclude_unset=True) if isinstance(body, BaseModel) else body
    return json.dumps(value, separators=(",", ":"))


def _error_response(error: Exception, call: Call) -> Response[Any]:
    answer = error_answer(error)
    ids = {**call.log_ids, "status": answer.status, "code": answer.body["code"]}
    if answer.body["code"] == UNEXPECTED:
        logger.error("failed unexpectedly", **ids, **described(error))
    elif answer.status >= 500:
        logger.error("failed", **ids, error=_loggable(error))
    else:
        logger.warning("refused", **ids)  # its details stay out: they hold the caller's own words
    return Response(answer.status, "application/json", dict(answer.body), dict(answer.headers))


def _loggable(error: Exception) -> str:
    """A bucket's error without its key, which has the caller's name of the file. The reason is its last part."""
    return str(error).rpartition(": ")[2] if isinstance(error, StoreUnavailableError) else str(error)


def _row(table: Mapping[type[KairanError], Any], error: KairanError, otherwise: Any) -> Any:
    """The row of the error's class, or of its nearest base class in the table."""
    return next((table[kind] for kind in type(error).__mro__ if kind in table), otherwise)


def _problem(sentence: str, code: str, violations: Iterable[Violation] = ()) -> dict[str, Any]:
    details = [
        {"path": _shortened(violation.path), "message": _shortened(violation.message)}
        for violation in islice(violations, MAX_DETAILS)
    ]
    return {"error": _shortened(sentence), "code": code} | ({"details": details} if details else {})


def _shortened(text: str) -> str:
    return text if len(text) <= MAX_SENTENCE else f"{text[: MAX_SENTENCE - 1]}…"
