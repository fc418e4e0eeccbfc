"""A dry run: everything but the sending."""

from collections.abc import Mapping, Sequence

from kairan.delivery.ledger import DeliveryRecord
from kairan.delivery.model import Delivery, Outcome
from kairan.delivery.planning import INVALID_MESSAGE, contents_of, plan
from kairan.delivery.speaking import Finish, as_composed
from kairan.errors import LineRejectedError
from kairan.line.client import LineClient, Message
from kairan.line.ids import UserId

DRY_RUN = "dry_run"


def rehearse(
    delivery: Delivery, messages: Sequence[Message], *, line: LineClient, finish: Finish = as_composed
) -> Mapping[str, Outcome]:
    """Plan the delivery, ask LINE's validate call about every distinct content, write nothing down.

    Who would be sent to is `skipped: dry_run`. Raises InvalidEventError as `plan` does, and what the LINE client and `finish` raise.
    """
    record = plan(delivery, messages, finish)
    refused = _refused(record, delivery, line, finish)
    endpoint_ids = {user_id: endpoint_id for endpoint_id, user_id in record.people}
    outcomes = {
        endpoint_ids[user_id]: Outcome("failed", INVALID_MESSAGE) if user_id in refused else Outcome("skipped", DRY_RUN)
        for request in record.requests.values()
        for user_id in request.recipients
    }
    return record.settled | outcomes


def _refused(record: DeliveryRecord, delivery: Delivery, line: LineClient, finish: Finish) -> set[UserId]:
    contents = contents_of(record, delivery, finish)
    verdicts: dict[str, bool] = {}
    refused: set[UserId] = set()
    for request in record.requests.values():
        messages = contents(request.recipients[0])
        if (text := repr(messages)) not in verdicts:
            verdicts[text] = _line_takes(messages, record, line)
        if not verdicts[text]:
            refused.update(request.recipients)
    return refused


def _line_takes(messages: Sequence[Message], record: DeliveryRecord, line: LineClient) -> bool:
    try:
        line.validate(record.mode, messages)
    except LineRejectedError:
        return False
    return True
