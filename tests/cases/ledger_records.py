"""Records of release 0.1.0, as they lie in deployed tables: that release wrote `ledger_records_0_1_0.json`."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kairan.sending import record_format
from kairan.sending.batch import BatchId
from kairan.sending.ledger import BatchRecord


@dataclass(frozen=True)
class EarlierRecord:
    """A record, and what was known when it was written.

    - `outcomes`: outcome, reason and request id by recipient key
    - `accepted_keys`: what LINE had accepted: request ids by retry key
    - `received`: how many messages each user had received
    """

    batch_id: BatchId
    record: bytes
    version: int
    outcomes: dict[str, list[str | None]]
    accepted_keys: dict[str, str]
    received: dict[str, int]

    def parsed(self) -> BatchRecord:
        return record_format.parse(self.record, batch_id=self.batch_id, version=self.version, lease_until=None)


def _read(written: dict[str, Any]) -> EarlierRecord:
    return EarlierRecord(
        batch_id=BatchId(written["delivery_id"]),
        record=base64.b64decode(written["record"]),
        version=written["version"],
        outcomes=written["outcomes"],
        accepted_keys=written["accepted_keys"],
        received=written["received"],
    )


_WRITTEN = Path(__file__).parent / "ledger_records_0_1_0.json"
RECORDS = {name: _read(written) for name, written in json.loads(_WRITTEN.read_text(encoding="utf-8")).items()}
