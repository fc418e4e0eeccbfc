"""Stores batches that only a later redrive can finish."""

from collections.abc import Mapping
from typing import Any, Protocol

from kairan.errors import KairanError


class SendFailures(Protocol):
    def park(self, event: Mapping[str, Any], *, request_id: str, function_arn: str, error: KairanError) -> None:
        """Stores the event for `kairan dead-letters redrive`. Raises StoreUnavailableError."""
