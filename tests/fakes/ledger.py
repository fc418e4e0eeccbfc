"""The ledger in memory, with DynamoDB's conditions."""

from datetime import datetime

from kairan.delivery import record_format
from kairan.delivery.ledger import DeliveryRecord
from kairan.delivery.model import DeliveryId
from kairan.errors import DeliveryInProgressError


class FakeLedger:
    def __init__(self) -> None:
        self._items: dict[DeliveryId, tuple[bytes, int, str, datetime | None]] = {}

    def deliveries(self) -> set[DeliveryId]:
        """What was ever written down."""
        return set(self._items)

    def load(self, delivery_id: DeliveryId) -> DeliveryRecord | None:
        if delivery_id not in self._items:
            return None
        data, version, _, lease_until = self._items[delivery_id]
        return record_format.parse(data, delivery_id=delivery_id, version=version, lease_until=lease_until)

    def save(self, record: DeliveryRecord, *, writer: str) -> None:
        _, stored, by, _ = self._items.get(record.delivery_id, (b"", 0, "", None))
        if stored != record.version and not (stored == record.version + 1 and by == writer):
            raise DeliveryInProgressError(f"delivery {record.delivery_id} is in another invocation's hands")
        self._items[record.delivery_id] = (record_format.dump(record), record.version + 1, writer, record.lease_until)
        record.version += 1
