"""The ledger in memory, with DynamoDB's conditions."""

from datetime import datetime

from kairan.errors import BatchInProgressError
from kairan.sending import record_format
from kairan.sending.batch import BatchId
from kairan.sending.ledger import BatchRecord


class FakeLedger:
    def __init__(self) -> None:
        self._items: dict[BatchId, tuple[bytes, int, str, datetime | None]] = {}

    def batches(self) -> set[BatchId]:
        """What was ever written down."""
        return set(self._items)

    def hold(self, record: BatchRecord) -> None:
        """The record as some invocation left it."""
        self._items[record.batch_id] = (record_format.dump(record), record.version, "another", record.lease_until)

    def load(self, batch_id: BatchId) -> BatchRecord | None:
        if batch_id not in self._items:
            return None
        data, version, _, lease_until = self._items[batch_id]
        return record_format.parse(data, batch_id=batch_id, version=version, lease_until=lease_until)

    def save(self, record: BatchRecord, *, writer: str) -> None:
        _, stored, by, _ = self._items.get(record.batch_id, (b"", 0, "", None))
        if stored != record.version and not (stored == record.version + 1 and by == writer):
            raise BatchInProgressError(f"batch {record.batch_id} is in another invocation's hands")
        self._items[record.batch_id] = (record_format.dump(record), record.version + 1, writer, record.lease_until)
        record.version += 1
