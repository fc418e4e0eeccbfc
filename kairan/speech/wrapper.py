"""aivis-speech-api, a small API in front of an engine: one call takes text and answers sound.

It is asked for WAV, because the parts of a WAV can be joined and its samples give the duration. It may answer 200 and
`audio/wav` with an error in JSON, so `wav.read` looks at the first bytes.
"""

from kairan.clock import Clock
from kairan.content import Speech
from kairan.speech import wav
from kairan.speech.http import EngineServer
from kairan.speech.wav import Sound


class AivisSpeechWrapper:
    def __init__(self, url: str, *, clock: Clock) -> None:
        self._server = EngineServer(url, clock=clock)

    def say(self, speech: Speech, *, until: float) -> Sound:
        query = {
            "text": speech.text,
            "volume": speech.volume,  # the API's own default is one half
            "pitch": speech.pitch,
            "speed": speech.speed,
            "speaker": speech.style_id,
            "format": "wav",
        }
        return wav.read(self._server.call("GET", "/synthesis", query, spoken=speech.text, until=until))
