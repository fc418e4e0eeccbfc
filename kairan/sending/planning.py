"""The plan of a batch: who gets what, in which requests. The ledger stores it, and every repeat follows it."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from kairan.composing.templates import (
    comes_out_empty,
    fill,
    has_placeholders,
    unknown_placeholders,
    violations_for_all,
)
from kairan.content import Content
from kairan.errors import InvalidInputError, Violation
from kairan.messengers.port import Messenger, Mode
from kairan.observability import logger
from kairan.people import ChatId
from kairan.reasons import Reason
from kairan.sending.batch import Batch, Recipient
from kairan.sending.ledger import BatchRecord
from kairan.sending.outcome import Outcome


class Composer(Protocol):
    """Makes a batch's content."""

    def compose(self, data: Any) -> Content:
        """The content of a batch that has no plan yet. Speech that differs between people may still lack its sound."""

    def complete(self, content: Content) -> Content:
        """The content as it is sent: speech that still lacks its sound is spoken."""


@dataclass
class _Versions:
    """The versions of a content for its recipients: `people` get one of `content`, and `settled` has the others."""

    content: dict[str, Content] = field(default_factory=dict)
    people: list[ChatId] = field(default_factory=list)
    settled: dict[str, Outcome] = field(default_factory=dict)


def plan(batch: Batch, composer: Composer, messenger: Messenger) -> BatchRecord:
    """Chooses between one request with the same content for all and one request for each. Leaves out people whose
    content cannot be sent.

    Raises InvalidInputError when the content breaks the messenger's limits whatever stands in its placeholders, because
    then no one could get it. Raises the composer's errors, too.
    """
    content = composer.compose(batch.data)
    _check_kinds(content, messenger)
    if unknown := unknown_in(batch, content, messenger):
        logger.warning("unknown placeholders", number=len(unknown))
    refused = violations_for_all if _is_personal(batch, content, messenger) else _violations
    if violations := refused(content, messenger):
        raise InvalidInputError(violations)
    versions = _versions(batch, content, messenger)
    together = len(versions.content) == 1 and not batch.one_request_each and messenger.capabilities.batch > 1
    if together:
        content = composer.complete(next(iter(versions.content.values())))
    record = BatchRecord(
        batch_id=batch.id,
        fingerprint=fingerprint(batch),
        mode=Mode.TOGETHER if together else Mode.EACH,
        content=content,
        silent=batch.silent,
        people=tuple((recipient.key, recipient.chat) for recipient in batch.recipients),
        settled=versions.settled,
    )
    size = messenger.capabilities.batch if together else 1
    record.plan(versions.people[start : start + size] for start in range(0, len(versions.people), size))
    return record


def content_for(
    record: BatchRecord, batch: Batch, composer: Composer, messenger: Messenger
) -> Callable[[ChatId], Content]:
    """The content for a recipient of a record. Personal content is filled in from the attributes of this invocation.

    For a person whom this repeat leaves out it raises InvalidInputError, unless all get the same in one request.
    """
    if record.mode is Mode.TOGETHER:
        return lambda _: record.content
    attributes = {recipient.chat: recipient.attributes for recipient in batch.recipients}
    is_personal = _is_personal(batch, record.content, messenger)

    def content_of(chat: ChatId) -> Content:
        if chat not in attributes:
            raise InvalidInputError([Violation("", "this repeat leaves the person out")])
        return composer.complete(fill(record.content, attributes[chat], messenger)) if is_personal else record.content

    return content_of


def unknown_in(batch: Batch, content: Content, messenger: Messenger) -> tuple[str, ...]:
    """What looks like a placeholder of this batch and is none."""
    return unknown_placeholders(content, messenger) if batch.has_templates else ()


def absent_from(batch: Batch, record: BatchRecord) -> frozenset[ChatId]:
    """People of the plan whom this repeat leaves out: they opted out meanwhile, or are not in the event any more."""
    return frozenset(chat for _, chat in record.people) - {recipient.chat for recipient in batch.recipients}


def fingerprint(batch: Batch) -> str:
    """Tells a repeat from another batch under the same idempotency key."""
    parts = [batch.data, sorted(recipient.key for recipient in batch.recipients), batch.silent]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _check_kinds(content: Content, messenger: Messenger) -> None:
    unknown = {type(piece).__name__ for piece in content} - {kind.__name__ for kind in messenger.capabilities.kinds}
    if unknown:
        raise InvalidInputError([Violation("", f"{messenger.name} takes no {', '.join(sorted(unknown))}")])


def _violations(content: Content, messenger: Messenger) -> list[Violation]:
    return messenger.violations(content)


def _is_personal(batch: Batch, content: Content, messenger: Messenger) -> bool:
    return batch.has_templates and has_placeholders(content, messenger)


def _versions(batch: Batch, content: Content, messenger: Messenger) -> _Versions:
    versions = _Versions()
    verdicts: dict[str, Outcome | None] = {}
    filled = _filler(batch, content, messenger)
    is_personal = _is_personal(batch, content, messenger)
    for recipient in batch.recipients:
        name, version = filled(recipient)
        if name not in verdicts:
            verdicts[name] = _unfit(recipient, content, version, messenger, is_personal=is_personal)
        if (outcome := verdicts[name]) is not None:
            versions.settled[recipient.key] = outcome
        else:
            versions.content[name] = version
            versions.people.append(recipient.chat)
    return versions


def _filler(batch: Batch, content: Content, messenger: Messenger) -> Callable[[Recipient], tuple[str, Content]]:
    """Makes the content for one recipient, with a name that differs where the content does."""
    if not _is_personal(batch, content, messenger):
        return lambda _: ("", content)

    def filled(recipient: Recipient) -> tuple[str, Content]:
        version = fill(content, recipient.attributes, messenger)
        return repr(version), version

    return filled


def _unfit(
    recipient: Recipient, content: Content, version: Content, messenger: Messenger, *, is_personal: bool
) -> Outcome | None:
    """The outcome for a person whose `version` of the content cannot be sent; None when it can."""
    if messenger.has_empty_text(version):
        return Outcome("skipped", Reason.EMPTY_TEXT)
    if not (violations := messenger.violations(version)):
        return None
    if is_personal and comes_out_empty(content, recipient.attributes, messenger):
        return Outcome("skipped", Reason.EMPTY_TEXT)
    logger.warning(
        "content breaks the messenger's limits for a person", paths=[violation.path for violation in violations]
    )
    return Outcome("failed", Reason.INVALID_MESSAGE)
