"""The small API in front of an engine that aivis-speech-api gives: text in, sound out, in one call.

WAV is asked for, not MP3: parts can be joined, and the duration is that of the samples. It may answer 200 and `audio/wav` with an
error in JSON, so what counts is the first bytes.
"""

from kairan.clock import Clock
from kairan.speech import wav
from kairan.speech.http import EngineServer
from kairan.speech.model import Words
from kairan.speech.wav import Sound


class AivisSpeechWrapper:
    def __init__(self, url: str, *, clock: Clock) -> None:
        self._server = EngineServer(url, clock=clock)

    def say(self, words: Words, *, until: float) -> Sound:
        query = {
            "text": words.text,
            "volume": words.volume,  # its own default is a half
            "pitch": words.pitch,
            "speed": words.speed,
            "speaker": words.speaker,
            "format": "wav",
        }
        return wav.read(self._server.call("GET", "/synthesis", query, spoken=words.text, until=until))
