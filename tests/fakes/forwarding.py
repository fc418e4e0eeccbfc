"""Other tools, and the bodies of their calls, in memory."""

from dataclasses import dataclass, field

from kairan.errors import MalformedEventError, StoreUnavailableError
from kairan.inbox.forwarding import Call


@dataclass
class FakeBodies:
    """With `refuses` set it neither stores nor reads."""

    refuses: bool = False
    stored: dict[str, bytes] = field(default_factory=dict)

    def put(self, key: str, body: bytes) -> None:
        self._answer()
        self.stored[key] = body

    def get(self, key: str) -> bytes:
        self._answer()
        if key not in self.stored:
            raise MalformedEventError("the body of the call is no longer stored")
        return self.stored[key]

    def _answer(self) -> None:
        if self.refuses:
            raise StoreUnavailableError("the body of a call could not be stored")


@dataclass
class FakeTarget:
    """`faults` are the errors of its next calls, in turn, by the call's body."""

    faults: dict[bytes, list[Exception]] = field(default_factory=dict)
    took: list[Call] = field(default_factory=list)

    def post(self, call: Call) -> None:
        if self.faults.get(call.body):
            raise self.faults[call.body].pop(0)
        self.took.append(call)
