"""A dry run: everything except the sending."""

from collections.abc import Mapping

from kairan.content import Content
from kairan.messengers.port import Messenger, Refusal, Refused
from kairan.people import ChatId
from kairan.reasons import Reason
from kairan.sending.batch import Batch
from kairan.sending.ledger import BatchRecord
from kairan.sending.outcome import Outcome
from kairan.sending.planning import Composer, content_for, plan, unknown_in


def rehearse(batch: Batch, composer: Composer, messenger: Messenger) -> Mapping[str, Outcome]:
    """Plans the batch, and asks the messenger about every distinct content if it can validate. Writes nothing.

    Recipients who would be sent to are `skipped: dry_run`. Raises InvalidInputError as `plan` does, and the errors of
    the messenger and the composer.
    """
    record = plan(batch, composer, messenger)
    refusals = _refusals(record, batch, composer, messenger) if messenger.capabilities.can_validate else {}
    keys = {chat: key for key, chat in record.people}
    unknown = unknown_in(batch, composer.compose(batch.data), messenger)
    note = f"these are no placeholders, and would be sent as they are: {', '.join(unknown)}" if unknown else None
    outcomes = {
        keys[chat]: Outcome("failed", Reason.INVALID_MESSAGE, refusal=refusals[chat])
        if chat in refusals
        else Outcome("skipped", Reason.DRY_RUN, note=note)
        for request in record.requests.values()
        for chat in request.recipients
    }
    return record.settled | outcomes


def _refusals(record: BatchRecord, batch: Batch, composer: Composer, messenger: Messenger) -> dict[ChatId, Refusal]:
    """What the messenger says about the content of those who would not get it."""
    content_of = content_for(record, batch, composer, messenger)
    verdicts: dict[str, Refusal | None] = {}
    refusals: dict[ChatId, Refusal] = {}
    for request in record.requests.values():
        content = content_of(request.recipients[0])
        if (name := repr(content)) not in verdicts:
            verdicts[name] = _verdict(content, record, messenger)
        if (refusal := verdicts[name]) is not None:
            refusals.update(dict.fromkeys(request.recipients, refusal))
    return refusals


def _verdict(content: Content, record: BatchRecord, messenger: Messenger) -> Refusal | None:
    try:
        messenger.validate(content, record.mode)
    except Refused as refused:
        return refused.refusal
    return None
