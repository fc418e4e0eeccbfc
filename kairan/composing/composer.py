"""Makes the content of one call of a function, within the call's time."""

from typing import Any

from kairan.composing.read_data import Sources, read_data
from kairan.composing.speaking import spoken
from kairan.composing.templates import has_placeholders
from kairan.content import Content, Speech
from kairan.contract import Sender


class Composer:
    """Reads a sender's `Data`. Speaking must end by `speak_until`, on the clock's monotonic scale.

    Equal data is composed once, because many batches of one call often share it, and it may need media look-ups.
    """

    def __init__(self, sender: Sender, sources: Sources, *, speak_until: float) -> None:
        self._sender = sender
        self._sources = sources
        self._speak_until = speak_until
        self._composed: dict[str, Content] = {}

    def compose(self, data: Any) -> Content:
        """Speaks text that is the same for everyone. Text with placeholders waits for `complete`.

        Raises what `read_data` and `Voice.speak` raise.
        """
        if (name := repr(data)) not in self._composed:
            self._composed[name] = self._compose(data)
        return self._composed[name]

    def complete(self, content: Content) -> Content:
        """Makes content that was filled in for one person ready to send. Raises what `Voice.speak` raises."""
        return spoken(content, self._sources.voice, until=self._speak_until)

    def _compose(self, data: Any) -> Content:
        content = read_data(self._sender, data, self._sources)
        speech = tuple(piece for piece in content if isinstance(piece, Speech))
        return content if has_placeholders(speech, self._sources.messenger) else self.complete(content)
