"""From `Data` to message objects: what a caller may write for each sender, read into what LINE takes.

| sender   | a string                        | an object, or one as a JSON string                                             |
| -------- | ------------------------------- | ------------------------------------------------------------------------------ |
| text     | the text                        | {"text"}                                                                       |
| image    | key                             | {"image", "preview"?}                                                          |
| audio    | key, or key,duration in ms      | {"audio", "duration_ms"?} or {"Audio_bucket_key", "Audio_duration"?}            |
| video    | key,cover                       | {"video", "preview", "tracking_id"?} or {"video_file_key", "video_image_key"}   |
| speech   | the words to speak              | {"tts", "text"?, "speaker"?, "speed"?, "pitch"?, "volume"?}                     |
| messages | –                               | a LINE message object, or a list of one to five                                |

Nothing (absent, null, white space) stands for the sender's sample. Placeholders stay in the messages; links to media are in
them already.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, assert_never, cast

from kairan.delivery.model import Sender
from kairan.delivery.samples import (
    SAMPLE_AUDIO,
    SAMPLE_COVER,
    SAMPLE_IMAGE,
    SAMPLE_MESSAGES,
    SAMPLE_SPEECH,
    SAMPLE_TEXT,
    SAMPLE_VIDEO,
)
from kairan.delivery.speaking import Speaker, speech_message
from kairan.delivery.templates import encode_urls, has_placeholders
from kairan.errors import ConfigurationError, Fault, InvalidEventError
from kairan.line.client import Message
from kairan.line.limits import MAX_MESSAGES
from kairan.line.messages import audio_message, image_message, text_message, video_message
from kairan.media.inspect import AUDIO
from kairan.media.keys import MediaKey, parse_key
from kairan.media.port import Media
from kairan.speech.model import PITCH, SPEAKER, SPEED, VOLUME, Words

T = TypeVar("T")


def compose(
    sender: Sender, data: object, media: Media | None = None, speaker: Speaker | None = None
) -> tuple[Message, ...]:
    """The messages of `data`; `media` is the bucket of a sender that has one, `speaker` speaks for the one that speaks.

    Raises InvalidEventError naming every fault, by paths that begin with `data`, MediaNotFoundError, UnsupportedMediaError or
    StoreUnavailableError, and what `Speaker.say` raises.
    """
    given = None if isinstance(data, str) and not data.strip() else data
    match sender:
        case Sender.TEXT:
            return _text(given)
        case Sender.IMAGE:
            return _image(given, _bucket_of(sender, media))
        case Sender.AUDIO:
            return _audio(given, _bucket_of(sender, media))
        case Sender.VIDEO:
            return _video(given, _bucket_of(sender, media))
        case Sender.SPEECH:
            return _speech(given, speaker)
        case Sender.MESSAGES:
            return _messages(given)
        case _:
            assert_never(sender)


def _bucket_of(sender: Sender, media: Media | None) -> Media:
    if media is None:
        raise ConfigurationError(f"{sender} has no media bucket; deploy the stack again")
    return media


def _text(data: object) -> tuple[Message, ...]:
    if data is None:
        return (text_message(SAMPLE_TEXT),)
    if isinstance(data, str):
        read = _read_object(data)
        if read is None or "text" not in read:
            return (text_message(data),)
        data = read
    fields = _Fields(data)
    text = fields.required("text", _text_of)
    fields.check()
    return (text_message(text),)


def _image(data: object, media: Media) -> tuple[Message, ...]:
    if data is None:
        data = SAMPLE_IMAGE
    fields = _Fields(data, of_string=lambda key: {"image": key})
    key = fields.required("image", _key_of)
    preview = fields.optional("preview", _key_of)
    fields.check()
    links = media.image(key, preview)
    return (image_message(links.url, links.preview_url),)


def _audio(data: object, media: Media) -> tuple[Message, ...]:
    if data is None:
        data = SAMPLE_AUDIO
    fields = _Fields(data, of_string=_audio_fields)
    key = fields.required("audio", _key_of, also="Audio_bucket_key")
    duration_ms = fields.optional("duration_ms", _duration_of, also="Audio_duration")
    fields.check()
    link = media.audio(key, duration_ms)
    return (audio_message(link.url, link.duration_ms),)


def _video(data: object, media: Media) -> tuple[Message, ...]:
    if data is None:
        data = {"video": SAMPLE_VIDEO, "preview": SAMPLE_COVER}
    fields = _Fields(data, of_string=_video_fields)
    key = fields.required("video", _key_of, also="video_file_key")
    cover = fields.required("preview", _key_of, also="video_image_key", missing="is missing: name the cover image")
    tracking_id = fields.optional("tracking_id", _text_of)
    fields.check()
    links = media.video(key, cover)
    return (video_message(links.url, links.preview_url, tracking_id),)


def _speech(data: object, speaker: Speaker | None) -> tuple[Message, ...]:
    """Words that are the same for all are spoken now; others when they are rendered."""
    if speaker is None:
        raise ConfigurationError(f"{Sender.SPEECH} has no voice; deploy the stack again")
    if data is None:
        data = SAMPLE_SPEECH
    if isinstance(data, str):
        read = _read_object(data)
        data = {"tts": data} if read is None or "tts" not in read else read
    fields = _Fields(data)
    tts = fields.required("tts", _text_of)
    text = fields.optional("text", _text_of)
    voice = fields.optional("speaker", _whole_number(SPEAKER))
    speed = fields.optional("speed", _number(SPEED))
    pitch = fields.optional("pitch", _number(PITCH))
    volume = fields.optional("volume", _number(VOLUME))
    fields.check()
    words = Words(
        tts.strip(),
        speaker=speaker.voice.speaker if voice is None else voice,
        speed=1.0 if speed is None else speed,
        pitch=0.0 if pitch is None else pitch,
        volume=1.0 if volume is None else volume,
    )
    spoken = speech_message(words)
    if not has_placeholders([spoken]):
        spoken = speaker.audio(words)
    return (spoken,) if text is None else (text_message(text), spoken)


def _messages(data: object) -> tuple[Message, ...]:
    if data is None:
        return SAMPLE_MESSAGES
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            data = None
    if isinstance(data, Mapping):
        data = [data]
    if not isinstance(data, list) or not 1 <= len(data) <= MAX_MESSAGES:
        raise InvalidEventError(
            [Fault("data", f"must be a LINE message object or a list of 1 to {MAX_MESSAGES}, also as JSON")]
        )
    if faults := [
        Fault(f"data[{n}]", "must be an object") for n, item in enumerate(data) if not isinstance(item, Mapping)
    ]:
        raise InvalidEventError(faults)
    return encode_urls(data)


def _audio_fields(text: str) -> dict[str, str]:
    key, comma, duration = text.rpartition(",")
    if not comma or text.lower().endswith(tuple(AUDIO)):
        return {"audio": text}
    return {"audio": key.strip()} | ({"duration_ms": duration.strip()} if duration.strip() else {})


def _video_fields(text: str) -> dict[str, str]:
    key, comma, cover = text.rpartition(",")
    return {"video": key.strip(), "preview": cover.strip()} if comma else {"video": text}


def _read_object(text: str) -> dict[str, Any] | None:
    """The object that the text is the JSON of, if it is."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict) else None


class _Fields:
    """The named values of `data`, and everything that is wrong with them. `of_string` reads a sender's short form."""

    def __init__(self, data: object, *, of_string: Callable[[str], dict[str, str]] | None = None) -> None:
        self._faults: list[Fault] = []
        self._known: set[str] = set()
        if of_string is not None and isinstance(data, str):
            read = _read_object(data)
            data = of_string(data.strip()) if read is None else read
        if not isinstance(data, Mapping):
            raise InvalidEventError([Fault("data", "must be a string or an object")])
        self._values: Mapping[str, Any] = data

    def required(self, name: str, read: Callable[[Any], T], *, also: str = "", missing: str = "is missing") -> T:
        """`also` is another name for the same. What is returned for a faulty value is not to be used before `check`."""
        value = self.optional(name, read, also=also)
        if value is None and not any(self._values.get(known) is not None for known in (name, also)):
            self._faults.append(Fault(f"data.{name}", missing))
        return cast(T, value)

    def optional(self, name: str, read: Callable[[Any], T], *, also: str = "") -> T | None:
        self._known |= {name, also}
        given = [known for known in (name, also) if self._values.get(known) is not None]
        if len(given) > 1:
            self._faults.append(Fault(f"data.{also}", f"is another name for {name}: give one of them"))
            return None
        for known in given:
            try:
                return read(self._values[known])
            except ValueError as error:
                self._faults.append(Fault(f"data.{known}", str(error)))
        return None

    def check(self) -> None:
        """Raises InvalidEventError when anything was wrong."""
        unknown = [Fault(f"data.{name}", "is not known here") for name in self._values if name not in self._known]
        if self._faults or unknown:
            raise InvalidEventError([*self._faults, *unknown])


def _text_of(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _key_of(value: Any) -> MediaKey:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return parse_key(value)


def _duration_of(value: Any) -> int:
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("must be a whole number of milliseconds, at least 1")
    return value


def _number(allowed: tuple[float, float]) -> Callable[[Any], float]:
    low, high = allowed

    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"must be a number from {low:g} to {high:g}")
        return float(value)

    return read


def _whole_number(allowed: tuple[int, int]) -> Callable[[Any], int]:
    low, high = allowed

    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"must be a whole number from {low:,} to {high:,}")
        return value

    return read
