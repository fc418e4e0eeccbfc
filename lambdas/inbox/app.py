"""Takes events out of the inbox queue and runs their effects: in order, each once."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from kairan.inbox.batch import InboxBatch
from kairan.inbox.effects import Effect
from kairan.inbox.processed import ProcessedEvents
from kairan.inbox.queue import InboxReader, Retries


class LambdaContext(Protocol):
    def get_remaining_time_in_millis(self) -> int: ...


class InboxHandler:
    def __init__(
        self, *, effects: Sequence[Effect], reader: InboxReader, retries: Retries, processed: ProcessedEvents
    ) -> None:
        self._batch = InboxBatch(effects=effects, reader=reader, retries=retries, processed=processed)

    def __call__(self, event: Mapping[str, Any], context: LambdaContext) -> dict[str, Any]:
        unfinished = self._batch.process(event["Records"], remaining_ms=context.get_remaining_time_in_millis)
        return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in unfinished]}
