"""A messenger, as the rest of Kairan sees it: content goes out, events come in.

Every call is one attempt; `kairan.sending` repeats where that is right. Calls raise

- Refused              the request is wrong: its content, its recipients, or the whole of it
- QuotaReachedError    the monthly limit: not accepted
- RateLimitedError     too many requests at once: not accepted
- UnauthorizedError    the messenger refuses the credentials: not accepted
- UnavailableError     a failure, a time-out, a broken connection: accepted or not, no one knows

Named tuples go through the port: every function loads this module, and frozen dataclasses take longer to make.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, NewType, Protocol

from kairan.errors import RejectedError, Violation
from kairan.people import ChatId, PersonId, Profile
from kairan.reasons import Reason

if TYPE_CHECKING:
    from kairan.content import Content, Piece

RequestKey = NewType("RequestKey", str)
"""Names one request, so that a messenger can recognise a repeat: a UUID in hexadecimal with hyphens."""

NativeObject = Mapping[str, Any]
"""One of a messenger's own message objects."""


class Mode(StrEnum):
    """How a batch goes out. The values are LINE's words, because the ledger has carried them from the start."""

    TOGETHER = "multicast"
    """One request for many people, who all get the same content."""
    EACH = "push"
    """One request for each person."""


class Capabilities(NamedTuple):
    """What a messenger can do.

    - `batch`: how many people one request can reach
    - `remembers_key_for`: how long it recognises a repeated request by its key; None: it never does
    - `kinds`: the content it takes
    - `can_validate`: whether it checks content without sending it
    """

    batch: int
    remembers_key_for: timedelta | None
    kinds: "frozenset[type[Piece]]"
    can_validate: bool


class Outgoing(NamedTuple):
    """One request: `content` for `to`. `Mode.EACH` has one recipient. `silent`: the phone makes no sound."""

    to: tuple[ChatId, ...]
    content: "Content"
    mode: Mode
    silent: bool = False


class Accepted(NamedTuple):
    """The messenger accepted the request.

    - `request_id`: the messenger's name for it; for a repeat, the name of the first request
    - `repeated`: the messenger had accepted this request before
    - `sent_messages`: the messenger's ids of the messages, where it gives any
    """

    request_id: str
    repeated: bool = False
    sent_messages: tuple[Mapping[str, str], ...] = ()


class Blame(Enum):
    """What a messenger finds wrong with a request that it refuses."""

    CONTENT = "content"
    PEOPLE = "people"
    """Some of the recipients. The messenger may name them."""
    WHOLE = "whole"
    """The messenger does not say what is wrong."""


class Refusal(NamedTuple):
    """A refusal in the messenger's own words. `properties` are the parts of the request that it names."""

    status: int
    message: str
    properties: tuple[str, ...] = ()
    request_id: str | None = None


class Refused(RejectedError):
    """The messenger refused the request as a whole, so no one got it.

    `people` are the indexes of the refused recipients, where the messenger names them.
    """

    code = "refused"

    def __init__(
        self,
        refusal: Refusal,
        *,
        blame: Blame = Blame.WHOLE,
        reason: Reason = Reason.LINE_REJECTED,
        people: tuple[int, ...] = (),
    ) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal
        self.blame = blame
        self.reason = reason
        self.people = people


def _as_it_stands(text: str) -> str:
    return text


class TextForm(NamedTuple):
    """How one property of a native object holds text: `encode` fits a value into it, `finish` fits the whole text."""

    encode: Callable[[str], str] = _as_it_stands
    finish: Callable[[str], str] = _as_it_stands


ChangeText = Callable[[str, TextForm], str]


class Profiles(Protocol):
    def profile(self, person: PersonId) -> Profile | None:
        """None: the messenger does not show this person to the account."""


class Messenger(Profiles, Protocol):
    """`kairan.messengers.line` is one."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def person_id_form(self) -> str:
        """What a person's id looks like. It completes the sentence "must be …"."""

    def person_id(self, text: object) -> PersonId | None:
        """The person with this id; None when `text` is not a person's id."""

    def send(self, outgoing: Outgoing, *, key: RequestKey, timeout_s: float) -> Accepted:
        """A messenger without `remembers_key_for` ignores `key`: there, a repeat is another message."""

    def validate(self, content: "Content", mode: Mode) -> None:
        """Asks the messenger whether it would take the content; sends nothing."""

    def violations(self, content: "Content") -> list[Violation]:
        """Everything the messenger would refuse, by paths of its own message objects. `Speech` passes."""

    def has_empty_text(self, content: "Content") -> bool:
        """Whether a text message, or the text of a `Speech`, is empty."""

    def map_texts(self, objects: Sequence[NativeObject], change: ChangeText) -> tuple[NativeObject, ...]:
        """The messenger's own objects, with `change` applied to every string in them."""


class EventKind(Enum):
    """The kinds of event that all messengers share."""

    FOLLOW = "follow"
    """A person added the account, or unblocked it."""
    UNFOLLOW = "unfollow"
    OTHER = "other"


class InboundEvent(NamedTuple):
    """Something a person did.

    - `account`: the account it concerns, by the setting `account`
    - `type`: the messenger's name for this kind of event
    - `at`: when it happened; events are ordered by this, not by their arrival
    - `received_at`: when the webhook received it; None for events from before the webhook recorded this
    - `chat`: the person, or the group or room they wrote in
    - `is_direct`: whether the person is alone with the account
    - `is_unblocked`: for a follow, whether the person had blocked the account before
    - `raw`: the messenger's whole event
    """

    messenger: str
    account: str
    id: str
    kind: EventKind
    type: str
    at: datetime | None = None
    received_at: datetime | None = None
    chat: ChatId | None = None
    person: PersonId | None = None
    is_direct: bool = False
    is_unblocked: bool | None = None
    raw: Mapping[str, Any] = MappingProxyType({})

    def __repr__(self) -> str:
        """Leaves out `raw`: it holds what people write, and that must not reach logs."""
        return f"InboundEvent(messenger={self.messenger!r}, id={self.id!r}, type={self.type!r})"
