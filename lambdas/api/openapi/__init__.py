"""The OpenAPI document: the routes as their functions declare them, and the errors, including API Gateway's own.

`python -m api.openapi <file>` writes it. docs/openapi.json is that file.
"""

from collections.abc import Iterable, Iterator, Sequence
from inspect import get_annotations
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from api.call import KEY_HEADERS, RETRY_KEY
from api.models import Problem
from api.multipart import MULTIPART
from api.parameters import Body, PathId
from api.routes import Group, Route
from kairan import __version__
from kairan.contract import API_MAX_BODY_BYTES
from kairan.messengers.line.limits import MAX_AUDIO_DURATION_MS

TITLE = "Kairan"
DESCRIPTION = (
    "Pushes messages of a LINE Official Account, one chat at a time.\n\n"
    "Every push has a key: your own UUID in the header `X-Line-Retry-Key` or `Idempotency-Key`, or one that Kairan "
    "makes and returns. If you do not know the fate of a push, repeat it under its key: it is sent once, and you get "
    "the answer of the first call."
)
API_KEY = "ApiKey"
SERVERS = "."
"""It is relative to this document, and so correct behind any stage and domain."""

MEANINGS = {
    "400": "The file has a wrong type or is too large, or LINE refuses the request in its own words",
    "401": "LINE refuses the channel access token",
    "403": "The API key is missing or wrong, or LINE refuses the request",
    "404": "There is no route, bucket or follower of this name",
    "409": "The key was used for another body (`key_reused`), a call under it is still under way after 10 s "
    "(`in_progress`), or it is too old (`retry_window_closed`)",
    "413": f"The body is over {API_MAX_BODY_BYTES:,} bytes: upload the file first",
    "422": "The path, a header or the body is wrong; `details` has everything that is wrong",
    "429": "Too many calls, of this key or for LINE, or the monthly limit of LINE is reached (`monthly_quota`)",
    "500": "An unexpected error; it is in the function's log",
    "501": "This deployment cannot do it; for example, it has no speech engine",
    "502": "LINE or the speech engine is down",
    "503": "The channel's credentials are not stored yet, or AWS does not answer",
    "504": "LINE or the speech engine did not answer in time, or the whole call took too long",
    "4XX": "LINE refuses the request; the sentence is LINE's",
}
EVERY_CALL = ("403", "429", "500", "502", "503", "504")
"""API Gateway may answer these by itself."""

RETRY_AFTER = {"description": "Seconds; absent with `monthly_quota`", "schema": {"type": "integer"}}


def document(routes: Iterable[Route]) -> dict[str, Any]:
    """Describes the routes that have a group. The others are pages."""
    described = [(route, route.group) for route in routes if route.group is not None]
    groups = list(dict.fromkeys(group for _, group in described))
    paths: dict[str, dict[str, Any]] = {}
    for route, group in described:
        path = route.path.replace("<", "{").replace(">", "}")
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, group)
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "description": DESCRIPTION, "version": __version__},
        "servers": [{"url": SERVERS}],
        "paths": paths,
        "components": {
            "schemas": _schemas([route for route, _ in described]),
            "securitySchemes": {API_KEY: {"type": "apiKey", "name": "x-api-key", "in": "header"}},
            "headers": {"RetryKey": _retry_key_header()},
            "parameters": {name: _retry_key_parameter(name) for name in KEY_HEADERS},
            "responses": {
                _error_name(group, status): _error(group, status) for group in groups for status in _statuses(group)
            },
        },
        "tags": [{"name": group.name, "description": group.description} for group in groups],
    }


def _operation(route: Route, group: Group) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "tags": [group.name],
        "summary": route.summary,
        "description": route.description,
        "operationId": route.operation_id,
        "parameters": [*_path_parameters(route), *_header_parameters(group)],
        "requestBody": _request_body(route),
        "responses": {"200": _answer(route, group)}
        | {status: _component("responses", _error_name(group, status)) for status in _statuses(group)},
        "security": [] if group.is_open else [{API_KEY: []}],
    }
    return {name: value for name, value in operation.items() if value}


# requests


def _path_parameters(route: Route) -> Iterator[dict[str, Any]]:
    annotations = get_annotations(route.function)
    for name, reader in route.parameters.items():
        if f"<{name}>" in route.path:
            described = reader.model if isinstance(reader, PathId) else annotations[name]
            schema = TypeAdapter(described).json_schema() | {"title": name.replace("_", " ").title()}
            yield {"required": True, "schema": schema, "name": name, "in": "path"}


def _header_parameters(group: Group) -> Sequence[dict[str, Any]]:
    return [_component("parameters", name) for name in KEY_HEADERS] if group.has_retry_key else []


def _request_body(route: Route) -> dict[str, Any] | None:
    body = _body(route)
    if body is None:
        return None
    content = {"application/json": _example(_schema(body.model), route.example_body)}
    if body.file is not None:
        content[MULTIPART] = {"schema": _form(body.file, body.fields)}
    return {"content": content, "required": True}


def _body(route: Route) -> Body | None:
    return next((reader for reader in route.parameters.values() if isinstance(reader, Body)), None)


_FORM_FIELDS: dict[str, dict[str, Any]] = {
    "text": {"type": "string", "description": "A text message before it"},
    "duration_ms": {
        "type": "integer",
        "minimum": 1,
        "maximum": MAX_AUDIO_DURATION_MS,
        "description": "By default measured",
    },
}


def _form(file: str, fields: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            file: {"type": "string", "format": "binary", "description": "The file, up to 4.5 MB with the rest"},
            **{name: _FORM_FIELDS[name] for name in fields},
        },
        "required": [file],
        "additionalProperties": False,
    }


# answers


def _answer(route: Route, group: Group) -> dict[str, Any]:
    answer = {
        "description": "Successful Response",
        "content": {"application/json": _example(_schema(_answer_model(route)), route.example_answer)},
    }
    return answer | ({"headers": _retry_key_returned()} if group.has_retry_key else {})


def _answer_model(route: Route) -> Any:
    return get_annotations(route.function)["return"]


def _statuses(group: Group) -> Sequence[str]:
    return sorted({*EVERY_CALL, *group.statuses})


def _error_name(group: Group, status: str) -> str:
    return f"{'Push' if group.has_retry_key else 'Error'}{status}"


def _error(group: Group, status: str) -> dict[str, Any]:
    retry_key = _retry_key_returned() if group.has_retry_key else {}
    retry_after = {"Retry-After": RETRY_AFTER} if status == "429" else {}
    return {
        "description": MEANINGS[status],
        "headers": retry_key | retry_after,
        "content": {"application/json": _schema(Problem)},
    }


# components


def _schemas(routes: Sequence[Route]) -> dict[str, Any]:
    """The schemas of all bodies and answers, and of the models inside them."""
    bodies = [body.model for route in routes if (body := _body(route)) is not None]
    answers = [*map(_answer_model, routes), Problem]
    models: list[tuple[Any, JsonSchemaMode]] = [
        *((model, "validation") for model in dict.fromkeys(bodies)),
        *((model, "serialization") for model in dict.fromkeys(answers)),
    ]
    _, schemas = models_json_schema(
        models, ref_template="#/components/schemas/{model}", schema_generator=_SchemaGenerator
    )
    return dict(schemas["$defs"])


class _SchemaGenerator(GenerateJsonSchema):
    """Leaves out the default null: an optional field is already not required."""

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return {
            name: value for name, value in super().default_schema(schema).items() if (name, value) != ("default", None)
        }


def _component(kind: str, name: str) -> dict[str, str]:
    return {"$ref": f"#/components/{kind}/{name}"}


def _schema(model: type[Any]) -> dict[str, Any]:
    return {"schema": _component("schemas", model.__name__)}


def _example(content: dict[str, Any], example: Any) -> dict[str, Any]:
    return content if example is None else content | {"example": example}


def _retry_key_header() -> dict[str, Any]:
    return {
        "description": "The key of this push, to repeat it by: the caller's, or the one that Kairan made",
        "schema": {"type": "string", "format": "uuid"},
    }


def _retry_key_returned() -> dict[str, Any]:
    return {RETRY_KEY: _component("headers", "RetryKey")}


def _retry_key_parameter(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "description": "Names the push. Both headers mean the same, and one is enough; without one, Kairan makes a key",
        "schema": {"type": "string", "format": "uuid"},
    }
