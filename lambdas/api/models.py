"""The bodies of the API, as pydantic checks and OpenAPI shows them.

Values are not converted (a number to a text, true to 1), and an unknown name is an error.
"""

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import CoreSchema, ErrorDetails

from kairan.audience.model import Source, Status
from kairan.errors import InvalidInputError, Violation
from kairan.media.keys import parse_key
from kairan.media.uploads import is_incoming
from kairan.messengers.line.limits import MAX_AUDIO_DURATION_MS, MAX_MESSAGES, MAX_TEXT, MAX_TRACKING_ID
from kairan.speech.model import PITCH, SPEED, STYLE_ID, VOLUME
from kairan.text import is_blank, is_invisible, trimmed, utf16_length

INT64 = 2**63 - 1


def _stripped(at_most: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if is_invisible(text):
            raise ValueError("must not be empty")
        return _limited(text.strip(), at_most)

    return check


def _limited(text: str, at_most: int) -> str:
    if (length := utf16_length(text)) > at_most:
        raise ValueError(f"{length:,} characters; LINE takes {at_most:,}")
    return text


def _accompanying(text: str | None) -> str | None:
    return None if text is None or is_invisible(text) else _limited(text.strip(), MAX_TEXT)


def _spoken(text: str) -> str:
    text = text.strip()
    if not text:
        raise ValueError("must not be empty")
    return text


def _key(text: str) -> str:
    key = trimmed(text)
    return key if is_incoming(key) else parse_key(key)


EXAMPLE_ID = "U8e742f61d673b39c7fff3cecb7536ef0"
ChatId = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^[UCR][0-9a-f]{32}$",
            "description": "A LINE user id, or the id of a group or room that the account is in",
            "examples": [EXAMPLE_ID],
        }
    ),
]
FollowerId = Annotated[
    str,
    WithJsonSchema(
        {"type": "string", "pattern": "^U[0-9a-f]{32}$", "description": "A LINE user id", "examples": [EXAMPLE_ID]}
    ),
]
Text = Annotated[
    str,
    AfterValidator(_stripped(MAX_TEXT)),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_TEXT, "pattern": r"\S"}),
    Field(description=f"White space around it is removed; 1 to {MAX_TEXT:,} UTF-16 units remain (an emoji is two)"),
]
AccompanyingText = Annotated[
    str | None,
    AfterValidator(_accompanying),
    Field(description="A text message before it, in the same push; an empty text sends none"),
]
Key = Annotated[
    str,
    AfterValidator(_key),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 960}),
]
TrackingId = Annotated[
    str,
    AfterValidator(_stripped(MAX_TRACKING_ID)),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_TRACKING_ID, "pattern": r"\S"}),
]
Url = Annotated[str, Field(examples=["https://d111111abcdef8.cloudfront.net/uploads/…/cat.png?v=5d41402a"])]

_UPLOADED = "the key of an upload (`incoming/…`) or of a file in the bucket"


_ABOUT_A_FIELD = frozenset({"default", "description", "title"})
_LEFT_OUT: list[dict[str, Any]] = [{"type": "null"}, {"type": "string", "pattern": r"^\s*$"}]
"""Null and a blank text."""


class _Body(BaseModel):
    """A field that may be left out counts as left out when it is null or blank."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        optional = {name for name, field in cls.model_fields.items() if not field.is_required()}
        return {name: value for name, value in values.items() if not (name in optional and is_blank(value))}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        schema = handler.resolve_ref_schema(handler(core_schema))
        required = schema.get("required", ())
        for name, described in schema.get("properties", {}).items():
            if name not in required:
                options = described.pop("anyOf", None) or [
                    {key: described.pop(key) for key in list(described) if key not in _ABOUT_A_FIELD}
                ]
                described["anyOf"] = [*options, *(each for each in _LEFT_OUT if each not in options)]
        return schema


class _Answer(BaseModel):
    model_config = ConfigDict(defer_build=True)


# What callers send


class PushBody(_Body):
    """The body of a push."""


class TextPush(PushBody):
    text: Text


class SpeechPush(PushBody):
    tts: Annotated[
        str,
        AfterValidator(_spoken),
        WithJsonSchema({"type": "string", "minLength": 1, "pattern": r"\S"}),
        Field(description="The words to speak; the setting `tts_max_characters` limits their number of characters"),
    ]
    text: AccompanyingText = None
    volume: Annotated[float | None, Field(ge=VOLUME[0], le=VOLUME[1], description="1 by default; 0 is silent")] = None
    pitch: Annotated[float | None, Field(ge=PITCH[0], le=PITCH[1], description="0 by default")] = None
    speed: Annotated[float | None, Field(ge=SPEED[0], le=SPEED[1], description="1 by default")] = None
    speaker: Annotated[
        int | None,
        Field(ge=STYLE_ID[0], le=STYLE_ID[1], description="A style id of the engine; by default the setting's voice"),
    ] = None


class ImagePush(PushBody):
    image: Annotated[Key, Field(description=f"A JPEG or PNG of at most 10 MB: {_UPLOADED} for images")]
    preview: Annotated[
        Key | None, Field(description=f"At most 1 MB: {_UPLOADED}; by default it is made from the image")
    ] = None
    text: AccompanyingText = None


class AudioPush(PushBody):
    audio: Annotated[Key, Field(description=f"An MP3 or M4A of at most 200 MB: {_UPLOADED} for audio")]
    duration_ms: Annotated[
        int | None,
        Field(ge=1, le=MAX_AUDIO_DURATION_MS, description="By default it is measured; over 20 MB it is required"),
    ] = None
    text: AccompanyingText = None


class VideoPush(PushBody):
    video: Annotated[Key, Field(description=f"An MP4 of at most 200 MB: {_UPLOADED} for video")]
    preview: Annotated[Key, Field(description="Its cover, a JPEG or PNG of at most 1 MB, in the same bucket")]
    tracking_id: Annotated[
        TrackingId | None, Field(description="LINE sends an event with it when a person has watched to the end")
    ] = None
    text: AccompanyingText = None


class MessagesPush(PushBody):
    messages: Annotated[
        list[dict[str, Any]],
        Field(
            min_length=1,
            max_length=MAX_MESSAGES,
            description="Message objects of the Messaging API; LINE's limits are checked before anything is sent",
        ),
    ]
    notificationDisabled: Annotated[bool, Field(description="Whether the push makes no sound")] = False


class FormFields(_Body):
    """The fields of a form besides its file. `duration_ms` is for a sound."""

    text: AccompanyingText = None
    duration_ms: Annotated[int | None, Field(ge=1, le=MAX_AUDIO_DURATION_MS)] = None


class UploadRequest(_Body):
    name: Annotated[
        str,
        Field(min_length=1, description="The file's name, without folders; its ending says the type"),
    ]
    content_type: Annotated[str, Field(min_length=1, description="The file's type")]
    size: Annotated[int, Field(ge=1, le=INT64, description="Its exact size in bytes")]


# What callers get


class SentMessage(_Answer):
    id: str
    quoteToken: Annotated[str | None, Field(description="A later message can quote this one by it")] = None


class Sent(_Answer):
    sentMessages: Annotated[list[SentMessage], Field(description="LINE's ids of the messages, in their order")]


class SpeechSent(Sent):
    tts_audio_url: Url
    tts_audio_duration: Annotated[int, Field(description="In ms")]


class ImageSent(Sent):
    image_url: Url


class AudioSent(Sent):
    audio_url: Url
    audio_duration: Annotated[int, Field(description="In ms")]


class VideoSent(Sent):
    video_url: Url


class UploadForm(_Answer):
    url: str
    fields: Annotated[dict[str, str], Field(description="Post all of them before the file")]


class Upload(_Answer):
    key: Annotated[str, Field(description="The key to name the file by in a push")]
    upload: Annotated[
        UploadForm, Field(description="Post the file here as multipart/form-data, with the file last, as `file`")
    ]
    expires_at: Annotated[
        str, Field(description="The file can be posted until then", json_schema_extra={"format": "date-time"})
    ]


class FollowerAnswer(_Answer):
    user_id: str
    status: Status
    presumed: Annotated[bool, Field(description="`following`, because LINE gives a profile: no follow was heard")]
    status_at: str | None
    followed_at: str | None
    unfollowed_at: str | None
    is_unblocked: bool | None
    display_name: str | None
    language: str | None
    picture_url: str | None
    status_message: str | None
    attributes: dict[str, list[str]]
    tags: list[str]
    opt_out: bool
    last_event_at: str | None
    source: Source | None


class HealthAnswer(_Answer):
    timestamp: Annotated[int, Field(description="Seconds since 1970")]
    version: str
    checks: Annotated[dict[str, str], Field(description="`ok`, or the code of an error; remembered for some seconds")]


class Version(_Answer):
    version: str


class Detail(_Answer):
    path: Annotated[str, Field(description="A name in the body, or a header")]
    message: str


class Problem(_Answer):
    """The form of every error."""

    error: Annotated[str, Field(description="A sentence for people")]
    code: Annotated[str, Field(description="A name for programs")]
    details: list[Detail] | None = None


# From JSON to a body

B = TypeVar("B", bound=_Body)

_SENTENCES = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "model_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "string_type": "must be a string",
    "string_too_short": "must not be empty",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_short": "holds {actual_length}; at least {min_length} is needed",
    "too_long": "holds {actual_length}; LINE takes {max_length}",
    "value_error": "{error}",
}


def read(model: type[B], value: Any) -> B:
    """Raises InvalidInputError with everything that is wrong."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        raise InvalidInputError([_violation(detail) for detail in details]) from error


def _violation(error: ErrorDetails) -> Violation:
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error["loc"]).lstrip(".")
    context = {
        name: f"{v:,}".removesuffix(".0") if isinstance(v, int | float) else v
        for name, v in error.get("ctx", {}).items()
    }
    return Violation(path or "body", _SENTENCES.get(error["type"], error["msg"]).format_map(context))
