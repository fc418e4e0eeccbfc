"""Parameters of a route's function: an id in the path, the body. The parameter's type says how to read it.

Powertools' own validation stays off. It reads the first item of a list as the object, has no route that takes JSON or a
form, accepts repeated names, NaN and half characters, and answers deep nesting with a 500.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel

from api import models
from api.call import Call
from api.json_body import check_json_type, parse_json
from api.models import FormFields, read
from api.multipart import Part, is_multipart, parse_multipart
from kairan.errors import InvalidInputError
from kairan.messengers.line.ids import chat_id, person_id
from kairan.people import ChatId, PersonId

Model = TypeVar("Model", bound=BaseModel)
Id = TypeVar("Id", bound=ChatId)


class ReadBy:
    """In a parameter's type: `Annotated[…, ReadBy(read)]`. `read` gets the value from the call, or raises an error."""

    def __init__(self, read: Callable[[Call], Any]) -> None:
        self.read = read


class PathId(ReadBy):
    """Reads the path parameter `name`.

    - `parse`: returns None for a text that is not an id
    - `otherwise`: the sentence for such a text
    - `model`: the type that describes the parameter
    """

    def __init__(self, name: str, parse: Callable[[str], Id | None], otherwise: str, *, model: Any) -> None:
        self.model = model

        def read_id(call: Call) -> Id:
            parsed = parse(call.path_values[name])
            if parsed is None:
                raise InvalidInputError.at(name, otherwise)
            return parsed

        super().__init__(read_id)


Chat = Annotated[
    ChatId,
    PathId(
        "user_id",
        chat_id,
        "must be a LINE user, group or room id: U, C or R and 32 hexadecimal digits",
        model=models.ChatId,
    ),
]
Person = Annotated[
    PersonId,
    PathId("user_id", person_id, "must be a LINE user id: U and 32 hexadecimal digits", model=models.FollowerId),
]


@dataclass(frozen=True)
class UploadedFile:
    """The content of a form: a file and its fields."""

    file: Part
    fields: FormFields


class Body(ReadBy):
    """Reads JSON into the model. With `file`, it also reads a form with a file of that name, and with `fields`."""

    def __init__(self, model: type[Any], *, file: str | None = None, fields: Sequence[str] = ("text",)) -> None:
        self.model = model
        self.file = file
        self.fields = fields

        def read_body(call: Call) -> Any:
            if file is not None and is_multipart(call.header("content-type")):
                return _read_form(call, file, fields)
            return _read_json(call, model)

        super().__init__(read_body)


if TYPE_CHECKING:
    JsonBody = Annotated[Model, ...]
else:

    class JsonBody:
        """`JsonBody[TextPush]` is a TextPush, read from the body."""

        def __class_getitem__(cls, model: type[BaseModel]) -> Any:
            return Annotated[model, Body(model)]


def _read_json(call: Call, model: type[Any]) -> Any:
    check_json_type(call.header("content-type"))
    return read(model, parse_json(call.body()))


def _read_form(call: Call, file: str, fields: Sequence[str]) -> UploadedFile:
    parts = parse_multipart(call.body(), call.header("content-type"), names=(file, *fields))
    if file not in parts:
        raise InvalidInputError.at(file, "is missing")
    values: dict[str, Any] = {name: _text_of(name, parts[name]) for name in fields if name in parts}
    if (duration := values.get("duration_ms", "").strip()).isascii() and duration.isdigit() and len(duration) < 20:
        values["duration_ms"] = int(duration)
    return UploadedFile(parts[file], read(FormFields, values))


def _text_of(name: str, part: Part) -> str:
    try:
        return part.data.decode()
    except UnicodeDecodeError as error:
        raise InvalidInputError.at(name, "is not UTF-8") from error
