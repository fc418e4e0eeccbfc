"""Reads a sender's `Data` into content. A caller may write, for each sender,

| sender   | a string                   | an object, or its JSON as a string                          |
| -------- | -------------------------- | ----------------------------------------------------------- |
| text     | the text                   | {"text"}                                                    |
| image    | key                        | {"image", "preview"?}                                       |
| audio    | key, or key,duration in ms | {"audio", "duration_ms"?}                                   |
|          |                            | {"Audio_bucket_key", "Audio_duration"?}                     |
| video    | key,cover                  | {"video", "preview", "tracking_id"?}                        |
|          |                            | {"video_file_key", "video_image_key"}                       |
| speech   | the words to speak         | {"tts", "text"?, "speaker"?, "speed"?, "pitch"?, "volume"?} |
| messages | –                          | a LINE message object, or a list of one to five             |

Empty data (absent, null, white space) means the sender's sample, and an empty field counts as left out. Placeholders
stay in the texts. Media pieces carry links, because files are looked up in the sender's bucket.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, assert_never, cast

from kairan.composing.samples import SAMPLE_MESSAGES, SAMPLE_SPEECH, SAMPLE_TEXT
from kairan.composing.speaking import Voice
from kairan.composing.templates import finish_texts
from kairan.content import Content, Native, Text
from kairan.contract import SAMPLE_AUDIO, SAMPLE_COVER, SAMPLE_IMAGE, SAMPLE_VIDEO, Sender
from kairan.errors import ConfigurationError, InvalidInputError, Violation
from kairan.json_text import is_json, parse_json
from kairan.media.keys import MediaKey, parse_key
from kairan.media.model import AUDIO
from kairan.media.port import Media
from kairan.messengers.line.limits import MAX_AUDIO_DURATION_MS, MAX_MESSAGES
from kairan.messengers.port import Messenger
from kairan.speech.model import PITCH, SPEED, STYLE_ID, VOLUME
from kairan.text import is_blank, is_invisible, trimmed

T = TypeVar("T")

MAX_DIGITS = 100
"""Of a number in text. Python refuses to read one of thousands."""


@dataclass(frozen=True)
class Sources:
    """What content is made with: `media` for senders that show files, `voice` for the sender that speaks."""

    messenger: Messenger
    media: Media | None = None
    voice: Voice | None = None


def read_data(sender: Sender, data: object, sources: Sources) -> Content:
    """Raises InvalidInputError with every violation, by paths that begin with `data`, and what `Media` raises."""
    data = None if is_blank(data) else data
    match sender:
        case Sender.TEXT:
            return _text(data)
        case Sender.IMAGE:
            return _image(data, _media_of(sender, sources))
        case Sender.AUDIO:
            return _audio(data, _media_of(sender, sources))
        case Sender.VIDEO:
            return _video(data, _media_of(sender, sources))
        case Sender.SPEECH:
            return _speech(data, _voice_of(sender, sources))
        case Sender.MESSAGES:
            return _messages(data, sources.messenger)
        case _:
            assert_never(sender)


def _media_of(sender: Sender, sources: Sources) -> Media:
    if sources.media is None:
        raise ConfigurationError(f"{sender} has no media bucket; deploy the stack again")
    return sources.media


def _voice_of(sender: Sender, sources: Sources) -> Voice:
    if sources.voice is None:
        raise ConfigurationError(f"{sender} has no voice; deploy the stack again")
    return sources.voice


def _text(data: object) -> Content:
    if data is None:
        return (Text(SAMPLE_TEXT),)
    if isinstance(data, str):
        parsed = _parsed_object(data)
        if parsed is None or "text" not in parsed:
            return (Text(data),)
        data = parsed
    fields = _Fields(data)
    text = fields.required("text", _text_of)
    fields.check()
    return (Text(text),)


def _image(data: object, media: Media) -> Content:
    if data is None:
        data = SAMPLE_IMAGE
    fields = _Fields(data, of_string=lambda key: {"image": key})
    key = fields.required("image", _key_of)
    preview = fields.optional("preview", _key_of)
    fields.check()
    return (media.image(key, preview),)


def _audio(data: object, media: Media) -> Content:
    if data is None:
        data = SAMPLE_AUDIO
    fields = _Fields(data, of_string=_audio_fields)
    key = fields.required("audio", _key_of, also="Audio_bucket_key")
    duration_ms = fields.optional("duration_ms", _duration_of, also="Audio_duration")
    fields.check()
    return (media.audio(key, duration_ms),)


def _video(data: object, media: Media) -> Content:
    if data is None:
        data = {"video": SAMPLE_VIDEO, "preview": SAMPLE_COVER}
    fields = _Fields(data, of_string=_video_fields)
    key = fields.required("video", _key_of, also="video_file_key")
    cover = fields.required("preview", _key_of, also="video_image_key", missing="is missing: name the cover image")
    tracking_id = fields.optional("tracking_id", _text_of)
    fields.check()
    return (media.video(key, cover)._replace(tracking_id=tracking_id),)


def _speech(data: object, voice: Voice) -> Content:
    if data is None:
        data = SAMPLE_SPEECH
    if isinstance(data, str):
        parsed = _parsed_object(data)
        data = {"tts": data} if parsed is None or "tts" not in parsed else parsed
    fields = _Fields(data)
    tts = fields.required("tts", _text_of)
    text = fields.optional("text", _text_of)
    style_id = fields.optional("speaker", _whole_number(STYLE_ID))
    speed = fields.optional("speed", _number(SPEED))
    pitch = fields.optional("pitch", _number(PITCH))
    volume = fields.optional("volume", _number(VOLUME))
    fields.check()
    speech = voice.speech(tts, style_id=style_id, speed=speed, pitch=pitch, volume=volume)
    return (speech,) if text is None or is_invisible(text) else (Text(text), speech)


def _messages(data: object, messenger: Messenger) -> Content:
    if data is None:
        return (Native(messenger.name, SAMPLE_MESSAGES),)
    if isinstance(data, str):
        try:
            data = parse_json(data)
        except ValueError:
            data = None
    if isinstance(data, Mapping):
        data = [data]
    if not isinstance(data, list) or not 1 <= len(data) <= MAX_MESSAGES:
        raise InvalidInputError(
            [Violation("data", f"must be a LINE message object or a list of 1 to {MAX_MESSAGES}, also as JSON")]
        )
    if violations := [
        Violation(f"data[{n}]", "must be an object") for n, item in enumerate(data) if not isinstance(item, Mapping)
    ]:
        raise InvalidInputError(violations)
    if not is_json(data):
        raise InvalidInputError([Violation("data", "holds a number that JSON does not have (NaN, Infinity)")])
    return finish_texts((Native(messenger.name, tuple(data)),), messenger)


def _audio_fields(text: str) -> dict[str, str]:
    key, comma, duration = text.rpartition(",")
    if not comma or text.lower().endswith(tuple(AUDIO)):
        return {"audio": text}
    return {"audio": key.strip()} | ({"duration_ms": duration.strip()} if duration.strip() else {})


def _video_fields(text: str) -> dict[str, str]:
    key, comma, cover = text.rpartition(",")
    return {"video": key.strip(), "preview": cover.strip()} if comma else {"video": text}


def _parsed_object(text: str) -> dict[str, Any] | None:
    """The object, where the text is the JSON of one."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = parse_json(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


class _Fields:
    """The named values of `data`, and their violations. `of_string` reads a sender's short form."""

    def __init__(self, data: object, *, of_string: Callable[[str], dict[str, str]] | None = None) -> None:
        self._violations: list[Violation] = []
        self._expected: set[str] = set()
        if isinstance(data, str):
            parsed = _parsed_object(data)
            data = of_string(trimmed(data)) if parsed is None and of_string is not None else parsed
        if not isinstance(data, Mapping):
            raise InvalidInputError([Violation("data", "must be a string or an object")])
        self._values: Mapping[str, Any] = data

    def required(self, name: str, read: Callable[[Any], T], *, also: str = "", missing: str = "is missing") -> T:
        """`also` is another name for the same field. The value may be wrong until `check` has passed."""
        value = self.optional(name, read, also=also)
        if value is None and all(is_blank(self._values.get(spelling)) for spelling in (name, also)):
            self._violations.append(Violation(f"data.{name}", missing))
        return cast(T, value)

    def optional(self, name: str, read: Callable[[Any], T], *, also: str = "") -> T | None:
        self._expected |= {name, also}
        present = [spelling for spelling in (name, also) if not is_blank(self._values.get(spelling))]
        if len(present) > 1:
            self._violations.append(Violation(f"data.{also}", f"is another name for {name}: give one of them"))
            return None
        for spelling in present:
            try:
                return read(self._values[spelling])
            except ValueError as error:
                self._violations.append(Violation(f"data.{spelling}", str(error)))
        return None

    def check(self) -> None:
        """Raises InvalidInputError with all violations, if there are any."""
        unknown = [
            Violation(f"data.{name}", "is not known here") for name in self._values if name not in self._expected
        ]
        if self._violations or unknown:
            raise InvalidInputError([*self._violations, *unknown])


def _text_of(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return value


def _key_of(value: Any) -> MediaKey:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return parse_key(trimmed(value))


def _duration_of(value: Any) -> int:
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < MAX_DIGITS:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_AUDIO_DURATION_MS:
        raise ValueError(f"must be a whole number of milliseconds, from 1 to {MAX_AUDIO_DURATION_MS:,} (a day)")
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
