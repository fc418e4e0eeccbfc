"""A batch in Kairan's own form, free of other services' words. Campaigns will use it.

{"batch": {"id": "…", "content": <the sender's Data>, "silent"?: bool, "dry_run"?: bool,
           "recipients": [{"to": "U…", "key"?: "…", "attributes"?: {"city": ["Kyoto"]}}, …]}}

{"batch": {"key": "batches/…"}} refers to an object in the stack's bucket of batches that holds the same, so that an
invocation's size limit does not apply. The answer is

{"batch": "<id>", "outcomes": {"<key>": {"outcome", "reason"?, "request_id"?}}}

A recipient's `key` is the caller's name for it, and by default its `to`. A repeat under the same id must have the same
content and recipients. A batch must have content: it never sends a sample.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from kairan.callers.custom_channel import ADDRESS, ATTRIBUTES, USER_ATTRIBUTES, USER_ID
from kairan.callers.direct_invoke import described
from kairan.callers.fields import DRY_RUN, REOPEN, violations_of_switches
from kairan.contract import BATCHES
from kairan.errors import InvalidInputError, Violation
from kairan.json_text import parse_json
from kairan.messengers.port import Messenger
from kairan.people import PersonId
from kairan.reasons import Reason
from kairan.sending.batch import MAX_RECIPIENTS, Batch, Recipient
from kairan.sending.identity import of_batch
from kairan.sending.outcome import Outcome
from kairan.text import is_blank

FIELDS = ("id", "content", "recipients", "silent", "dry_run")
RECIPIENT_FIELDS = ("to", "key", "attributes")
MAX_ID_CHARACTERS = 200


class BatchStore(Protocol):
    """Batches by reference."""

    def read(self, key: str) -> bytes:
        """Raises InvalidInputError for a missing object, and StoreUnavailableError."""


@dataclass(frozen=True)
class OwnBatchCall:
    batch_id: str
    batches: tuple[Batch, ...]
    left_out: Mapping[str, Outcome]
    repeatable_event: Mapping[str, Any]
    dry_run: bool = False

    def answer(self, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
        everyone = {**self.left_out, **outcomes}
        return {"batch": self.batch_id, "outcomes": {key: described(everyone[key]) for key in sorted(everyone)}}


class RecipientAttributes(Mapping[str, Any]):
    """A recipient's attributes by placeholder name. `{{Attributes.x}}` and `{{User.UserAttributes.x}}` are the same."""

    __slots__ = ("_attributes", "_key", "_person")

    def __init__(self, key: str, person: PersonId, attributes: Mapping[str, Any]) -> None:
        self._key = key
        self._person = person
        self._attributes = attributes

    def __getitem__(self, name: str) -> Any:
        if name == ADDRESS:
            return self._person.id
        if name == USER_ID:
            return self._key
        prefix = USER_ATTRIBUTES if name.startswith(USER_ATTRIBUTES) else ATTRIBUTES
        return self._attributes[name.removeprefix(prefix)]

    def __iter__(self) -> Iterator[str]:
        yield from (ADDRESS, USER_ID)
        yield from (f"{ATTRIBUTES}{name}" for name in self._attributes)

    def __len__(self) -> int:
        return 2 + len(self._attributes)


def is_form_of(event: Mapping[str, Any]) -> bool:
    return "batch" in event


def read(sender: str, event: Mapping[str, Any], *, messenger: Messenger, batches: BatchStore) -> OwnBatchCall:
    """Raises InvalidInputError with everything that is wrong with the batch as a whole, and errors of `BatchStore`."""
    batch = _resolve(event["batch"], batches)
    if violations := [
        *_violations_beside(event),
        *_violations(batch),
        *_violations_of_recipients(batch.get("recipients")),
    ]:
        raise InvalidInputError(violations)
    recipients, skipped = _chosen(batch["recipients"], messenger)
    sent = Batch(
        id=of_batch(sender, batch["id"]),
        data=batch["content"],
        recipients=recipients,
        silent=batch.get("silent") is True,
        id_covers_content=False,
        reopen=event.get(REOPEN) is True,
    )
    return OwnBatchCall(
        batch["id"],
        (sent,) if recipients else (),
        skipped,
        dict(event),
        dry_run=batch.get(DRY_RUN) is True,
    )


def _resolve(batch: object, batches: BatchStore) -> Mapping[str, Any]:
    """The batch itself, read from the store where `batch` is a reference."""
    if not isinstance(batch, Mapping):
        raise InvalidInputError([Violation("batch", "must be an object")])
    if "key" not in batch:
        return batch
    key = batch["key"]
    if len(batch) > 1 or not isinstance(key, str) or not key.startswith(BATCHES):
        raise InvalidInputError([Violation("batch", f"must have a `key` that begins with {BATCHES}, and nothing else")])
    try:
        content = parse_json(batches.read(key).decode("utf-8-sig"))
    except ValueError as error:
        raise InvalidInputError([Violation("batch.key", "names an object that is not JSON")]) from error
    if not isinstance(content, Mapping) or "key" in content:
        raise InvalidInputError([Violation("batch.key", "names an object that holds no batch")])
    return content


def _violations_beside(event: Mapping[str, Any]) -> Iterator[Violation]:
    """What stands beside `batch`. A switch there would seem to work, and would not."""
    for name in event:
        if name not in ("batch", REOPEN):
            yield Violation(name, f"is not known here; {', '.join(FIELDS)} stand in the batch")
    yield from violations_of_switches(event, (REOPEN,))


def _violations(batch: Mapping[str, Any]) -> list[Violation]:
    violations = [
        Violation(f"batch.{name}", f"is not known; a batch has {', '.join(FIELDS)}")
        for name in batch
        if name not in FIELDS
    ]
    batch_id, content = batch.get("id"), batch.get("content")
    if not isinstance(batch_id, str) or not 1 <= len(batch_id) <= MAX_ID_CHARACTERS:
        violations.append(Violation("batch.id", f"must be a text of 1 to {MAX_ID_CHARACTERS} characters"))
    if is_blank(content):
        violations.append(Violation("batch.content", "is missing"))
    return [*violations, *violations_of_switches(batch, ("silent", DRY_RUN), path="batch.")]


def _violations_of_recipients(recipients: object) -> list[Violation]:
    path = "batch.recipients"
    if not isinstance(recipients, list) or not recipients:
        return [Violation(path, "must be a list of recipients")]
    if len(recipients) > MAX_RECIPIENTS:
        return [Violation(path, f"{len(recipients):,} recipients; one batch takes {MAX_RECIPIENTS}")]
    violations = [
        violation
        for index, recipient in enumerate(recipients)
        for violation in _violations_of_recipient(recipient, f"{path}[{index}]")
    ]
    if not violations and len({_key_of(recipient) for recipient in recipients}) < len(recipients):
        violations.append(Violation(path, "two of them have the same key"))
    return violations


def _violations_of_recipient(recipient: object, path: str) -> Iterator[Violation]:
    if not isinstance(recipient, Mapping):
        yield Violation(path, "must be an object")
        return
    for name in recipient:
        if name not in RECIPIENT_FIELDS:
            yield Violation(f"{path}.{name}", f"is not known; a recipient has {', '.join(RECIPIENT_FIELDS)}")
    if not isinstance(recipient.get("to"), str):
        yield Violation(f"{path}.to", "must be a string")
    if not isinstance(recipient.get("key"), str | None):
        yield Violation(f"{path}.key", "must be a text")
    attributes = recipient.get("attributes")
    if attributes is not None and not _is_attributes(attributes):
        yield Violation(f"{path}.attributes", "must be an object of lists of texts by their names")


def _is_attributes(value: object) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(texts, list) and all(isinstance(text, str) for text in texts) for texts in value.values()
    )


def _chosen(
    recipients: list[Mapping[str, Any]], messenger: Messenger
) -> tuple[tuple[Recipient, ...], dict[str, Outcome]]:
    """The people to send to, ordered by key, and the outcomes of the others."""
    chosen: dict[PersonId, Recipient] = {}
    skipped: dict[str, Outcome] = {}
    for recipient in sorted(recipients, key=_key_of):
        key = _key_of(recipient)
        if (person := messenger.person_id(recipient["to"])) is None:
            skipped[key] = Outcome("skipped", Reason.INVALID_ADDRESS)
        elif person in chosen:
            skipped[key] = Outcome("skipped", Reason.DUPLICATE)
        else:
            attributes = RecipientAttributes(key, person, recipient.get("attributes") or {})
            chosen[person] = Recipient(key, person, attributes)
    return tuple(chosen.values()), skipped


def _key_of(recipient: Mapping[str, Any]) -> str:
    key = recipient.get("key")
    return str(recipient["to"] if is_blank(key) else key)
