"""Speech for tests: a synthesizer that speaks anything, an engine of which no two syntheses are alike, and a bucket in
memory."""

import hashlib
import io
from collections.abc import Container, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from kairan.clock import Clock
from kairan.content import Audio, Speech
from kairan.errors import KairanError, SpeechRejectedError, SpeechTimedOutError
from kairan.media.links import link
from kairan.speech.model import name_of
from kairan.speech.wav import Sound
from tests.fakes.clock import FakeClock

MS_PER_CHARACTER = 150


class FakeSynthesizer:
    """`asked` has all that was to be said, `synthesised` what was not known before. With `fails` set it raises that,
    but for what it knows, and `fails_at` for these words alone; `style_ids` are the styles it has."""

    def __init__(
        self,
        *,
        base_url: str = "https://audio.example",
        clock: Clock | None = None,
        style_ids: Container[int] | None = None,
        fails: KairanError | None = None,
        fails_at: Mapping[str, KairanError] | None = None,
    ) -> None:
        self._base_url = base_url
        self._clock = clock or FakeClock()
        self._style_ids = style_ids
        self._known: dict[str, Audio] = {}
        self.fails = fails
        self._fails_at = fails_at or {}
        self._words: dict[str, str] = {}
        self.asked: list[Speech] = []
        self.synthesised: list[Speech] = []

    def speak(self, speech: Speech, *, until: float) -> Audio:
        self.asked.append(speech)
        name = name_of(speech)
        if not speech.text.strip():
            raise SpeechRejectedError("there is nothing to speak in white space")
        if name not in self._known:
            self._synthesise(speech, until)
            key = f"tts/{name}.mp3"
            etag = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
            duration_ms = round(MS_PER_CHARACTER * len(speech.text) / speech.speed)
            self._known[name] = Audio(link(self._base_url, key, etag), duration_ms, (key,))
        self._words[self._known[name].url] = speech.text
        return self._known[name]

    def words_at(self, url: str) -> str:
        """What the audio at the address says."""
        return self._words[url]

    def _synthesise(self, speech: Speech, until: float) -> None:
        if (error := self._fails_at.get(speech.text, self.fails)) is not None:
            raise error
        if self._style_ids is not None and speech.style_id not in self._style_ids:
            raise SpeechRejectedError(f"the speech engine answered 404: no style {speech.style_id}")
        if self._clock.monotonic() >= until:
            raise SpeechTimedOutError("the time to speak is over")
        self.synthesised.append(speech)


class FakeEngine:
    """Says silence, each time a little longer. `answers` are given in turn: an error is raised. A synthesis takes
    `takes_s`."""

    def __init__(self, clock: FakeClock, *, answers: Sequence[KairanError | Sound] = (), takes_s: float = 0) -> None:
        self._clock = clock
        self._takes_s = takes_s
        self.answers = list(answers)
        self.said: list[Speech] = []

    def say(self, speech: Speech, *, until: float) -> Sound:
        self._clock.sleep(self._takes_s)
        if self._clock.monotonic() >= until:
            raise SpeechTimedOutError("the time to speak was over before the speech engine was done")
        self.said.append(speech)
        answer = self.answers.pop(0) if self.answers else Sound(1000, 1, bytes(2 * (1000 + len(self.said))))
        if isinstance(answer, KairanError):
            raise answer
        return answer


class FakeS3:
    """One bucket's objects by key, with S3's conditions and its words for what is not met (User Guide, "Conditional
    requests")."""

    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, dict[str, str]]] = {}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        data, metadata = self._found(Key, "GetObject")
        return {"Body": io.BytesIO(data), "ETag": _etag(data), "Metadata": metadata}

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        data, metadata = self._found(Key, "HeadObject")
        return {"ETag": _etag(data), "Metadata": metadata}

    def put_object(
        self,
        *,
        Bucket: str,
        Key: str,
        Body: bytes,
        ContentType: str,
        Metadata: dict[str, str] | None = None,
        IfMatch: str = "",
        IfNoneMatch: str = "",
    ) -> dict[str, Any]:
        if IfNoneMatch and Key in self.objects:
            raise _error(412, "PreconditionFailed", "PutObject")
        if IfMatch and _etag(self._found(Key, "PutObject")[0]) != IfMatch:
            raise _error(412, "PreconditionFailed", "PutObject")
        self.objects[Key] = Body, Metadata or {}
        return {"ETag": _etag(Body)}

    def delete_object(self, *, Bucket: str, Key: str, IfMatch: str) -> dict[str, Any]:
        if _etag(self._found(Key, "DeleteObject")[0]) != IfMatch:
            raise _error(412, "PreconditionFailed", "DeleteObject")
        del self.objects[Key]
        return {}

    def _found(self, key: str, operation: str) -> tuple[bytes, dict[str, str]]:
        if key not in self.objects:
            raise _error(404, "NoSuchKey", operation)
        return self.objects[key]


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def _error(status: int, code: str, operation: str) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)
