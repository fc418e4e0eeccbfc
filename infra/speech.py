"""Where speech comes from. The engine is the owner's; nothing of it is deployed here."""

from dataclasses import dataclass

from infra.settings import SpeechApi


@dataclass(frozen=True)
class SpeechSource:
    """`url` is empty where nothing speaks; `speaker` is the voice of those who name none."""

    url: str
    api: SpeechApi
    speaker: int
    max_characters: int

    @property
    def environment(self) -> dict[str, str]:
        """What tells a function how to speak."""
        return {
            "AIVIS_SPEECH_URL": self.url,
            "AIVIS_SPEECH_API": self.api,
            "AIVIS_SPEECH_SPEAKER": str(self.speaker),
            "TTS_MAX_CHARACTERS": str(self.max_characters),
        }
