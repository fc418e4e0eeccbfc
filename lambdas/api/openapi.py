"""The OpenAPI document: what Powertools reads off the routes, and what it cannot know of them.

That is the form beside JSON on one route, the header that names a push, what goes wrong (also what API Gateway answers by itself),
and examples. `python -m api.openapi <file>` writes it down; docs/openapi.json is that file.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from aws_lambda_powertools.event_handler.openapi.models import APIKey, Server, Tag

from api.call import KEY_HEADERS, MAX_BODY_BYTES, RETRY_KEY
from api.documentation import API_KEY, Documentation
from api.models import EXAMPLE_ID, Problem
from api.multipart import MULTIPART
from api.routes import PUSH_ROUTES
from kairan import __version__

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler.api_gateway import APIGatewayRestResolver

TITLE = "Kairan"
DESCRIPTION = (
    "Pushes messages of a LINE Official Account, one chat at a time.\n\n"
    "Every push has a key: the header `X-Line-Retry-Key` or `Idempotency-Key`, a UUID of your own, or one that is made and "
    "returned. Repeat a push whose fate you do not know under its key: it is sent once, and the answer is that of the first."
)
TAGS = {
    "Push": "Send to one user, group or room",
    "Uploads": "Hand over files that are too large for a call",
    "Followers": "Ask about people who added the account",
    "Service": "Without a key",
}
SERVERS = "."
"""Relative to this document, so it is right behind any stage and domain."""

WHAT_GOES_WRONG = {
    "400": "The file is not what it must be, or LINE refuses the request in its own words",
    "401": "LINE does not take the channel access token",
    "403": "The API key is missing or wrong, or LINE refuses the request",
    "404": "There is nothing of this name",
    "409": "The key was used for another body (`key_reused`), a call under it is still under way after 10 s (`in_progress`), or it is "
    "too old (`retry_window_closed`)",
    "413": f"The body is over {MAX_BODY_BYTES:,} bytes: upload the file first",
    "422": "The path, a header or the body is not as it must be; `details` has every fault",
    "429": "Too many calls, of this key or for LINE, or the monthly limit of LINE is reached (`monthly_quota`)",
    "500": "Something unexpected; it is in the function's log",
    "501": "This deployment has nothing for it, for example no speech engine",
    "502": "LINE or the speech engine is down",
    "503": "The channel's credentials are not stored yet, or AWS does not answer",
    "504": "LINE or the speech engine did not answer in time, or the whole call took too long",
    "4XX": "LINE refuses the request; the sentence is LINE's own",
}
EVERY_CALL = ("403", "429", "500", "502", "503", "504")
"""API Gateway may answer these by itself."""
BESIDES: Mapping[str, tuple[str, ...]] = {
    "Push": ("400", "401", "404", "409", "413", "422", "4XX", "501"),
    "Uploads": ("400", "404", "413", "422"),
    "Followers": ("404", "422", "501"),
    "Service": (),
}

RETRY_KEY_RETURNED = {RETRY_KEY: {"$ref": "#/components/headers/RetryKey"}}
RETRY_AFTER = {"description": "Seconds; not with `monthly_quota`", "schema": {"type": "integer"}}

LINK = "https://d111111abcdef8.cloudfront.net"
SENT = {"sentMessages": [{"id": "461230966842064897", "quoteToken": "IStG5h1Tz7b…"}]}
SENT_TWO = {"sentMessages": [*SENT["sentMessages"], {"id": "461230966842064898"}]}
EXAMPLES: Mapping[str, tuple[Any, Any]] = {
    "push_text": ({"text": "Your order has left our house."}, SENT),
    "push_tts": (
        {"tts": "お荷物が届きました。", "text": "お荷物が届きました。", "speed": 1.1},
        SENT_TWO | {"tts_audio_url": f"{LINK}/tts/2c26b46b68ffc68f.mp3?v=5d41402a", "tts_audio_duration": 2140},
    ),
    "push_image": (
        {"image": "cat.jpg", "text": "Our new colleague"},
        SENT_TWO | {"image_url": f"{LINK}/cat.jpg?v=5d41402a"},
    ),
    "push_audio": (
        {"audio": "incoming/0b8e9c1c-5f2f-4b52-9d0e-3a1b7c3b9f11/greeting.mp3"},
        SENT | {"audio_url": f"{LINK}/uploads/3f5a/greeting.mp3?v=5d41402a", "audio_duration": 5230},
    ),
    "push_video": (
        {"video": "tour.mp4", "preview": "tour.jpg", "tracking_id": "tour-2026"},
        SENT | {"video_url": f"{LINK}/tour.mp4?v=5d41402a"},
    ),
    "push_messages": (
        {"messages": [{"type": "sticker", "packageId": "446", "stickerId": "1988"}], "notificationDisabled": True},
        SENT,
    ),
    "invite": (
        {"name": "tour.mp4", "content_type": "video/mp4", "size": 48_318_382},
        {
            "key": "incoming/0b8e9c1c-5f2f-4b52-9d0e-3a1b7c3b9f11/tour.mp4",
            "upload": {
                "url": "https://bucket.s3.amazonaws.com/",
                "fields": {"Content-Type": "video/mp4", "policy": "…"},
            },
            "expires_at": "2026-11-21T09:15:00.000Z",
        },
    ),
    "follower": (
        None,
        {
            "user_id": EXAMPLE_ID,
            "status": "following",
            "status_at": "2026-11-02T03:15:42.000Z",
            "followed_at": "2026-11-02T03:15:42.000Z",
            "unfollowed_at": None,
            "is_unblocked": False,
            "display_name": "Haru",
            "language": "ja",
            "picture_url": None,
            "status_message": None,
            "attributes": {"city": ["Kyoto"]},
            "tags": ["early"],
            "opt_out": False,
            "last_event_at": "2026-11-20T11:02:09.512Z",
            "source": "follow",
        },
    ),
    "told_health": (
        None,
        {
            "timestamp": 1795251600,
            "version": __version__,
            "checks": {"secret": "ok", "ledger": "ok", "speech": "speech_not_configured"},
        },
    ),
    "told_version": (None, {"version": __version__}),
}
"""What is sent and what is answered, by operation."""


def document(resolver: "APIGatewayRestResolver") -> dict[str, Any]:
    described = json.loads(
        resolver.get_openapi_json_schema(
            title=TITLE,
            version=__version__,
            description=DESCRIPTION,
            tags=[Tag(name=name, description=text) for name, text in TAGS.items()],
            servers=[Server(url=SERVERS)],
            security_schemes={API_KEY: APIKey.model_validate({"name": "x-api-key", "in": "header"})},
        )
    )
    components = described["components"]
    _add_problem(components["schemas"])
    components["headers"] = {"RetryKey": _retry_key_header()}
    components["parameters"] = dict(_key_parameters())
    components["responses"] = {}
    for operation in _operations(described):
        _add_errors(operation, components["responses"])
        _add_example(operation)
        if operation["tags"] == ["Push"]:
            operation["parameters"] += [{"$ref": f"#/components/parameters/{name}"} for name in KEY_HEADERS]
            operation["responses"]["200"]["headers"] = dict(RETRY_KEY_RETURNED)
    for route in PUSH_ROUTES:
        if route.uploaded is not None:
            _add_form(described["paths"][f"/v1/push_message/{{user_id}}/{route.name}"]["post"], route.name)
    return cast(dict[str, Any], described)


def _operations(described: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path in described["paths"].values():
        yield from path.values()


def _add_problem(schemas: dict[str, Any]) -> None:
    """In place of Powertools' own shapes of errors."""
    for name in ("ValidationError", "HTTPValidationError", "ResponseValidationError"):
        schemas.pop(name, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs"), Problem=problem)


def _add_errors(operation: dict[str, Any], components: dict[str, Any]) -> None:
    """Those of a push come with its key."""
    [tag] = operation["tags"]
    name, headers = ("Push", RETRY_KEY_RETURNED) if tag == "Push" else ("Error", {})
    for status in sorted({*EVERY_CALL, *BESIDES[tag]}):
        operation["responses"][status] = {"$ref": f"#/components/responses/{name}{status}"}
        components[f"{name}{status}"] = {
            "description": WHAT_GOES_WRONG[status],
            "headers": headers | ({"Retry-After": RETRY_AFTER} if status == "429" else {}),
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }


def _add_example(operation: dict[str, Any]) -> None:
    body, answer = EXAMPLES.get(operation["operationId"], (None, None))
    if body is not None:
        operation["requestBody"]["content"]["application/json"]["example"] = body
    if answer is not None:
        operation["responses"]["200"]["content"]["application/json"]["example"] = answer


def _retry_key_header() -> dict[str, Any]:
    return {
        "description": "The key of this push, to repeat it under: the caller's, or the one that was made",
        "schema": {"type": "string", "format": "uuid"},
    }


def _key_parameters() -> Iterator[tuple[str, dict[str, Any]]]:
    for name in KEY_HEADERS:
        yield (
            name,
            {
                "name": name,
                "in": "header",
                "description": "Names the push. Both headers mean the same; one is enough, and without any a key is made",
                "schema": {"type": "string", "format": "uuid"},
            },
        )


def _add_form(operation: dict[str, Any], file: str) -> None:
    operation["requestBody"]["content"][MULTIPART] = {
        "schema": {
            "type": "object",
            "properties": {
                file: {"type": "string", "format": "binary", "description": "The file, up to 4.5 MB with the rest"},
                "text": {"type": "string", "description": "A text message that goes before it"},
            },
            "required": [file],
            "additionalProperties": False,
        }
    }


def main(path: str) -> None:
    from api.app import Api

    nothing: Any = None  # the routes are looked at, and none is called
    api = Api(
        pushing=nothing,
        sources=nothing,
        audience=nothing,
        health=nothing,
        documentation=Documentation(),
        clock=nothing,
    )
    written = json.dumps(document(api.resolver), ensure_ascii=False, indent=2)
    Path(path).write_text(written + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
