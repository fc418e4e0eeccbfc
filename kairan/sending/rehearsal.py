"""A dry run: everything except the sending."""

from collections.abc import Mapping

from kairan.content import Content
from kairan.messengers.port import Messenger, Refused
from kairan.people import ChatId
from kairan.reasons import Reason
from kairan.sending.batch import Batch
from kairan.sending.ledger import BatchRecord
from kairan.sending.outcome import Outcome
from kairan.sending.planning import Composer, content_for, plan


def rehearse(batch: Batch, composer: Composer, messenger: Messenger) -> Mapping[str, Outcome]:
    """Plans the batch, and asks the messenger about every distinct content if it can validate. Writes nothing.

    Recipients who would be sent to are `skipped: dry_run`. Raises InvalidInputError as `plan` does, and the errors of
    the messenger and the composer.
    """
    record = plan(batch, composer, messenger)
    refused = _refused(record, batch, composer, messenger) if messenger.capabilities.can_validate else set()
    keys = {chat: key for key, chat in record.people}
    outcomes = {
        keys[chat]: Outcome("failed", Reason.INVALID_MESSAGE) if chat in refused else Outcome("skipped", Reason.DRY_RUN)
        for request in record.requests.values()
        for chat in request.recipients
    }
    return record.settled | outcomes


def _refused(record: BatchRecord, batch: Batch, composer: Composer, messenger: Messenger) -> set[ChatId]:
    content_of = content_for(record, batch, composer, messenger)
    verdicts: dict[str, bool] = {}
    refused: set[ChatId] = set()
    for request in record.requests.values():
        content = content_of(request.recipients[0])
        if (name := repr(content)) not in verdicts:
            verdicts[name] = _is_taken(content, record, messenger)
        if not verdicts[name]:
            refused.update(request.recipients)
    return refused


def _is_taken(content: Content, record: BatchRecord, messenger: Messenger) -> bool:
    try:
        messenger.validate(content, record.mode)
    except Refused:
        return False
    return True
