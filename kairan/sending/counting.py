"""The metrics of senders and pushes, with each thing counted once."""

from collections import Counter
from collections.abc import Mapping

from kairan.contract import Metric
from kairan.errors import RateLimitedError, RetryableError, UnauthorizedError
from kairan.observability import count
from kairan.sending.outcome import Outcome


def count_outcomes(outcomes: Mapping[str, Outcome]) -> Counter[str]:
    """Counts outcomes and returns their numbers. A repeat must pass its new ones alone, or people would count twice."""
    numbers = Counter(str(outcome.outcome) for outcome in outcomes.values())
    count(Metric.MESSAGES_SENT, numbers["sent"])
    count(Metric.MESSAGES_SKIPPED, numbers["skipped"])
    count(Metric.MESSAGES_FAILED, numbers["failed"])
    count(Metric.MESSAGES_UNKNOWN, numbers["unknown"])
    return numbers


def count_cause(error: RetryableError | None) -> None:
    """Counts the errors that need an operator."""
    if isinstance(error, UnauthorizedError):
        count(Metric.LINE_UNAUTHORIZED)
    elif isinstance(error, RateLimitedError):
        count(Metric.LINE_RATE_LIMITED)
