"""LINE behind the port that all messengers share, and what it can do."""

from collections.abc import Sequence
from datetime import timedelta

from kairan.content import Audio, Content, Image, Native, Speech, Text, Video
from kairan.errors import Violation
from kairan.messengers.line import NAME, ids, messages, native
from kairan.messengers.line.client import RetryKey
from kairan.messengers.line.limits import MAX_MULTICAST_RECIPIENTS
from kairan.messengers.line.profiles import LineProfiles
from kairan.messengers.line.render import messages_of, render
from kairan.messengers.port import (
    Accepted,
    Capabilities,
    ChangeText,
    Mode,
    NativeObject,
    Outgoing,
    RequestKey,
)
from kairan.people import PersonId

CAPABILITIES = Capabilities(
    batch=MAX_MULTICAST_RECIPIENTS,
    remembers_key_for=timedelta(hours=24),  # "Retry failed API requests"
    kinds=frozenset({Text, Image, Audio, Video, Speech, Native}),
    can_validate=True,
)


class LineMessenger(LineProfiles):
    name = NAME
    capabilities = CAPABILITIES
    person_id_form = ids.PERSON_ID_FORM

    def person_id(self, text: object) -> PersonId | None:
        return ids.person_id(text)

    def send(self, outgoing: Outgoing, *, key: RequestKey, timeout_s: float) -> Accepted:
        objects = render(outgoing.content)
        if outgoing.mode is Mode.EACH:
            return self._client.push(
                outgoing.to[0].id,
                objects,
                retry_key=RetryKey(key),
                notification_disabled=outgoing.silent,
                timeout_s=timeout_s,
            )
        return self._client.multicast(
            [chat.id for chat in outgoing.to],
            objects,
            retry_key=RetryKey(key),
            notification_disabled=outgoing.silent,
            timeout_s=timeout_s,
        )

    def validate(self, content: Content, mode: Mode) -> None:
        self._client.validate(mode, render(content))

    def violations(self, content: Content) -> list[Violation]:
        return messages.violations(_objects(content))

    def has_empty_text(self, content: Content) -> bool:
        return messages.has_empty_text(_objects(content)) or any(
            isinstance(piece, Speech) and not piece.text.strip() for piece in content
        )

    def map_texts(self, objects: Sequence[NativeObject], change: ChangeText) -> tuple[NativeObject, ...]:
        return native.map_texts(objects, change)


def _objects(content: Content) -> list[NativeObject]:
    """The content as it will be rendered, with `UNSPOKEN` for each `Speech`."""
    return [
        message
        for piece in content
        for message in ([messages.UNSPOKEN] if isinstance(piece, Speech) else messages_of(piece))
    ]
