"""The queue of send failures.

Lambda puts events there whose asynchronous invocations failed. A sender adds events that the monthly quota stopped, in
the same form ("Lambda: Capturing records of asynchronous invocations", invocation record).
"""

import json
from collections.abc import Mapping
from typing import Any

from kairan import aws
from kairan.clock import Clock, SystemClock, iso
from kairan.errors import KairanError


class SqsSendFailures:
    def __init__(self, queue_url: str, *, clock: Clock | None = None) -> None:
        self._queue_url = queue_url
        self._clock = clock or SystemClock()

    def park(self, event: Mapping[str, Any], *, request_id: str, function_arn: str, error: KairanError) -> None:
        record = {
            "version": "1.0",
            "timestamp": iso(self._clock.now()),
            "requestContext": {
                "requestId": request_id,
                "functionArn": function_arn,
                "condition": error.code,
                "approximateInvokeCount": 1,
            },
            "requestPayload": event,
            "responsePayload": {"errorType": type(error).__name__, "errorMessage": str(error)},
        }
        with aws.unavailable("the batch could not be stored for a redrive"):
            aws.client("sqs").send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(record))
