"""Parked batches in S3: one private file for each invocation that only a later redrive can finish.

A file waits longer than a month, which no queue does. It has the form in which Lambda records a failed asynchronous
invocation ("Lambda: Capturing records of asynchronous invocations", invocation record).
"""

import json
from collections.abc import Mapping
from typing import Any

from kairan import aws
from kairan.clock import Clock, SystemClock, iso
from kairan.contract import PARKED
from kairan.errors import KairanError


class S3SendFailures:
    def __init__(self, bucket: str, *, clock: Clock | None = None) -> None:
        self._bucket = bucket
        self._clock = clock or SystemClock()

    def park(self, event: Mapping[str, Any], *, request_id: str, function_arn: str, error: KairanError) -> None:
        """A repeat of the invocation has the same request id, and replaces the file."""
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
            aws.client("s3").put_object(
                Bucket=self._bucket,
                Key=f"{PARKED}{request_id}.json",
                Body=json.dumps(record, ensure_ascii=False).encode(errors="surrogatepass"),
                ContentType="application/json",
            )
