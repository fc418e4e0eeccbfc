"""AivisSpeech Engine, and every engine with VOICEVOX's routes: a query says how the text is pronounced, the synthesis speaks it.

Source: AivisSpeech Engine API, `POST /audio_query` and `POST /synthesis`.
"""

import json

from kairan.clock import Clock
from kairan.errors import SpeechUnavailableError
from kairan.speech import wav
from kairan.speech.http import EngineServer
from kairan.speech.model import Words
from kairan.speech.wav import Sound

SAMPLING_RATE = 44_100
"""AivisSpeech's own, and the MP3's: nothing is resampled."""


class AivisSpeechEngine:
    def __init__(self, url: str, *, clock: Clock) -> None:
        self._server = EngineServer(url, clock=clock)

    def say(self, words: Words, *, until: float) -> Sound:
        return wav.read(self._synthesis(words, self._audio_query(words, until), until))

    def _audio_query(self, words: Words, until: float) -> dict[str, object]:
        query = {"text": words.text, "speaker": words.speaker}
        answer = self._server.call("POST", "/audio_query", query, spoken=words.text, until=until)
        try:
            audio_query = json.loads(answer)
        except ValueError as error:
            raise SpeechUnavailableError("the speech engine answered no JSON where an AudioQuery was wanted") from error
        if not isinstance(audio_query, dict):
            raise SpeechUnavailableError("the speech engine answered something where an AudioQuery was wanted")
        return audio_query | {
            "speedScale": words.speed,
            "pitchScale": words.pitch,
            "volumeScale": words.volume,
            "outputSamplingRate": SAMPLING_RATE,
            "outputStereo": False,
        }

    def _synthesis(self, words: Words, audio_query: dict[str, object], until: float) -> bytes:
        query = {"speaker": words.speaker}
        return self._server.call("POST", "/synthesis", query, body=audio_query, spoken=words.text, until=until)
