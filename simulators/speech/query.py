"""What callers send: the parameters in the address, and the AudioQuery in the body of `/synthesis`."""

from typing import Annotated

from pydantic import BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

MAX_CHARACTERS = 500
"""In one call. A caller with a longer text splits it."""
MAX_SILENCE_S = 60

Finite = Annotated[float, Field(allow_inf_nan=False)]
Scale = Annotated[Finite, Field(ge=0, le=2)]
Silence = Annotated[Finite, Field(ge=0, le=MAX_SILENCE_S)]


class StyleParameters(BaseModel):
    speaker: int


class QueryParameters(StyleParameters):
    text: str = Field(max_length=MAX_CHARACTERS)


class Mora(BaseModel):
    """A beat of speech. Lengths and pitches are 0: the voice chooses them while it speaks."""

    text: str = Field(max_length=8)
    consonant: str | None = None
    consonant_length: Finite | None = None
    vowel: str
    vowel_length: Finite = 0.0
    pitch: Finite = 0.0


class AccentPhrase(BaseModel):
    moras: list[Mora] = Field(min_length=1)
    accent: int
    pause_mora: Mora | None = None
    is_interrogative: bool = False


class AudioQuery(BaseModel):
    """`/audio_query` answers it, and callers change it as they like. `kana` is the text, as in AivisSpeech."""

    accent_phrases: list[AccentPhrase]
    speedScale: Annotated[Finite, Field(ge=0.5, le=2)] = 1.0
    intonationScale: Scale = 1.0
    tempoDynamicsScale: Scale = 1.0
    pitchScale: Annotated[Finite, Field(ge=-0.15, le=0.15)] = 0.0
    volumeScale: Scale = 1.0
    prePhonemeLength: Silence = 0.1
    postPhonemeLength: Silence = 0.1
    pauseLength: Silence | None = None
    pauseLengthScale: Scale = 1.0
    outputSamplingRate: Annotated[int, Field(ge=8000, le=96000)] = 44100
    outputStereo: bool = False
    kana: str | None = None

    @model_validator(mode="after")
    def _not_too_long(self) -> "AudioQuery":
        if len(self.text()) > MAX_CHARACTERS:
            raise PydanticCustomError(
                "text_too_long", "There are more than {most} characters to say", {"most": MAX_CHARACTERS}
            )
        return self

    def text(self) -> str:
        """The words: `kana`, or without it the text of the accent phrases."""
        return self.kana or "".join(map(_spelled, self.accent_phrases))


def _spelled(phrase: AccentPhrase) -> str:
    ending = "？" if phrase.is_interrogative else "、" if phrase.pause_mora else ""
    return "".join(mora.text for mora in phrase.moras) + ending
