"""Logs, metrics and the outermost boundary of every function.

Logs are events with ids, one JSON line each: never bodies, texts, tokens, signatures or user ids. So an unexpected
error is logged by its class and the code that it passed, without its message: that may hold a header or a text.
Metrics are written in CloudWatch's embedded metric format, in the namespace of `POWERTOOLS_METRICS_NAMESPACE`,
with the stack's name as `service`.
"""

import traceback
from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

from kairan.contract import Metric
from kairan.errors import KairanError, RejectedError, RetryableError

Handler = Callable[[dict[str, Any], Any], Any]

logger = Logger()
metrics = Metrics()


def count(metric: Metric, value: int = 1) -> None:
    """Add to a metric of this invocation."""
    if value:
        metrics.add_metric(name=metric, unit=MetricUnit.Count, value=value)


def described(error: BaseException) -> dict[str, Any]:
    """For the log: the classes of an error and of its causes, and the code that each passed, without any message."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    return {
        "error": " from ".join(type(each).__name__ for each in causes),
        "stack": [
            f"{frame.filename}:{frame.lineno} {frame.name}"
            for each in reversed(causes)
            for frame in traceback.StackSummary.extract(traceback.walk_tb(each.__traceback__), lookup_lines=False)
        ],
    }


def observed(handler: Handler) -> Handler:
    """The boundary: it flushes metrics, and an error leaves as exactly `RejectedError` or `RetryableError`.

    The error's message begins with that class name and the concrete error's code: `RetryableError line_unavailable: …`.
    """

    def boundary(event: dict[str, Any], context: Any) -> Any:
        logger.clear_state()
        logger.append_keys(request_id=context.aws_request_id, function=context.function_name)
        try:
            return handler(event, context)
        except KairanError as error:
            kind = RejectedError if isinstance(error, RejectedError) else RetryableError
            logger.error("failed", kind=kind.__name__, code=error.code, error=str(error))
            raise kind(f"{kind.__name__} {error.code}: {error}") from error
        except Exception as error:
            logger.error("failed unexpectedly", **described(error))
            raise RetryableError(f"RetryableError unexpected: {type(error).__name__}") from error
        finally:
            if metrics.metric_set:
                metrics.flush_metrics()

    return boundary
