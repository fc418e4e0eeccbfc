"""AivisSpeech Engine, and every engine with VOICEVOX's routes. One call gets the pronunciation, a second one the sound.

Source: AivisSpeech Engine API, `POST /audio_query` and `POST /synthesis`.
"""

import json

from kairan.clock import Clock
from kairan.content import Speech
from kairan.errors import SpeechFailedError
from kairan.speech import wav
from kairan.speech.http import EngineServer
from kairan.speech.wav import Sound

SAMPLING_RATE = 44_100
"""AivisSpeech and the MP3 have this rate, so nothing is resampled."""


class AivisSpeechEngine:
    def __init__(self, url: str, *, clock: Clock) -> None:
        self._server = EngineServer(url, clock=clock)

    def say(self, speech: Speech, *, until: float) -> Sound:
        return wav.read(self._synthesis(speech, self._audio_query(speech, until), until))

    def _audio_query(self, speech: Speech, until: float) -> dict[str, object]:
        query = {"text": speech.text, "speaker": speech.style_id}
        answer = self._server.call("POST", "/audio_query", query, spoken=speech.text, until=until)
        try:
            audio_query = json.loads(answer)
        except ValueError as error:
            raise SpeechFailedError("the speech engine answered an AudioQuery that is not JSON") from error
        if not isinstance(audio_query, dict):
            raise SpeechFailedError("the speech engine answered an AudioQuery that is not an object")
        return audio_query | {
            "speedScale": speech.speed,
            "pitchScale": speech.pitch,
            "volumeScale": speech.volume,
            "outputSamplingRate": SAMPLING_RATE,
            "outputStereo": False,
        }

    def _synthesis(self, speech: Speech, audio_query: dict[str, object], until: float) -> bytes:
        query = {"speaker": speech.style_id}
        return self._server.call("POST", "/synthesis", query, body=audio_query, spoken=speech.text, until=until)
