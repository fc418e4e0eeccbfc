"""Speech in content: made with the deployment's voice, and turned into audio before it is sent."""

from dataclasses import dataclass

from kairan.content import Audio, Content, Speech
from kairan.errors import InvalidInputError, Violation
from kairan.speech.port import Synthesizer


@dataclass(frozen=True)
class Voice:
    """How this deployment speaks.

    - `style_id`: the style for callers that name none
    - `max_characters`: how much is spoken at once
    """

    synthesizer: Synthesizer
    style_id: int
    max_characters: int

    def speech(
        self,
        text: str,
        *,
        style_id: int | None = None,
        speed: float | None = None,
        pitch: float | None = None,
        volume: float | None = None,
    ) -> Speech:
        """By default: the deployment's style, factors of 1, and no change of pitch."""
        return Speech(
            text.strip(),
            style_id=self.style_id if style_id is None else style_id,
            speed=1.0 if speed is None else speed,
            pitch=0.0 if pitch is None else pitch,
            volume=1.0 if volume is None else volume,
        )

    def check_length(self, speech: Speech, path: str) -> None:
        """Raises InvalidInputError for a text over `max_characters`."""
        if (length := len(speech.text)) > self.max_characters:
            sentence = f"{length:,} characters; at most {self.max_characters:,} are spoken (tts_max_characters)"
            raise InvalidInputError([Violation(path, sentence)])

    def speak(self, speech: Speech, *, until: float) -> Audio:
        """`until` is on the clock's monotonic scale.

        Raises InvalidInputError for a text over `max_characters`, SpeechRejectedError, SpeechNotConfiguredError,
        SpeechUnavailableError or StoreUnavailableError.
        """
        spoken = speech._replace(text=speech.text.strip())
        self.check_length(spoken, "data.tts")
        return self.synthesizer.speak(spoken, until=until)


def spoken(content: Content, voice: Voice | None, *, until: float) -> Content:
    """Every piece of speech becomes audio. `voice` may be None for content without speech."""
    if voice is None:
        return content
    return tuple(voice.speak(piece, until=until) if isinstance(piece, Speech) else piece for piece in content)
