"""The REST API: other services push messages to one chat, upload files, and ask about followers.

A push reads its body into a model, makes the content of it (`api.routes`), and `api.pushing` sends that. What goes wrong anywhere is
raised, and answered by `api.answers`. Powertools finds the route and describes them all (`api.openapi`). It leaves the bodies alone:
they are read by the same models, but strictly and with what its own validation has no words for, JSON or a form on one route.
"""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from functools import wraps
from inspect import Parameter, signature
from typing import Any, Literal

from aws_lambda_powertools.event_handler.api_gateway import APIGatewayRestResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError as NoRouteError
from pydantic import BaseModel

from api import answers
from api.answers import Answer
from api.call import RETRY_KEY, Call
from api.contents import Content, Sources
from api.documentation import API_KEY, Documentation
from api.errors import InvalidRequestError, MethodNotAllowedError, NotFoundError
from api.followers import follower_answer
from api.health import Health
from api.json_body import check_json_type, parse_json
from api.models import (
    ChatId,
    FollowerAnswer,
    FollowerId,
    FormText,
    HealthAnswer,
    Upload,
    UploadRequest,
    Version,
    read,
)
from api.multipart import Part, is_multipart, parse_multipart
from api.pushing import Pushing
from api.routes import PUSH_ROUTES, PushRoute
from kairan import __version__
from kairan.audience.port import Audience
from kairan.clock import Clock, iso
from kairan.delivery.identity import delivery_id
from kairan.errors import Fault, StoreUnavailableError
from kairan.line.ids import is_chat_id, is_user_id
from kairan.media.uploads import Uploads
from kairan.observability import logger

SPEECH_WITHIN_S = 20.0
"""After the call began: API Gateway gives up after 29 s, and LINE wants some time too."""
HTML = "text/html; charset=utf-8"

BucketName = Literal["images", "audio", "video"]

_call: ContextVar[Call] = ContextVar("call")


class Api:
    """To be wrapped in `kairan.observability.observed`. Every call of API Gateway is answered; nothing is raised."""

    def __init__(
        self,
        *,
        pushing: Pushing,
        sources: Sources,
        audience: Audience,
        health: Health,
        documentation: Documentation,
        clock: Clock,
    ) -> None:
        self._pushing = pushing
        self._sources = sources
        self._audience = audience
        self._health = health
        self._documentation = documentation
        self._clock = clock
        self._rules: list[tuple[str, str]] = []
        self.resolver = APIGatewayRestResolver()
        self.resolver.not_found(self._no_route)
        self.resolver.exception_handler(Exception)(self._refuse)
        for route in PUSH_ROUTES:
            self._add_push(route)
        self._add(
            "POST",
            "/v1/media/<bucket>",
            self._invite,
            tag="Uploads",
            summary="Ask where to upload a file",
            description="For files over 4.5 MB, and for video. The answer is a form: post its fields and then the file to its "
            "address, as multipart/form-data, within 15 minutes; then push the key. What is not pushed is removed after a day.",
            body=UploadRequest,
        )
        self._add(
            "GET",
            "/v1/followers/<user_id>",
            self._follower,
            tag="Followers",
            summary="Tell what is known of a follower",
            description="Also of one who has left, as long as something is kept: see `status`.",
        )
        self._add(
            "GET",
            "/health",
            self._told_health,
            tag="Service",
            summary="Tell whether what a push needs is there",
            description="Always 200 while the function runs; see `checks`.",
            is_open=True,
        )
        self._add(
            "GET", "/version", self._told_version, tag="Service", summary="Tell the version that runs", is_open=True
        )
        for path, page in (("/openapi.json", self._openapi_json), ("/docs", self._docs), ("/redoc", self._redoc)):
            self._rules.append(("GET", path))
            self.resolver.get(path, include_in_schema=False)(page)

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        call = Call.of(event, context, self._clock)
        token = _call.set(call)
        try:
            return self.resolver.resolve({**event, "path": call.path}, context)
        finally:
            _call.reset(token)

    # routes

    def _push(self, route: PushRoute, user_id: str) -> Response[Any]:
        call = _call.get()
        key = call.request_key()
        call.answered[RETRY_KEY] = key.value
        if not is_chat_id(user_id):
            raise InvalidRequestError(
                Fault("user_id", "must be a LINE user, group or room id: U, C or R and 32 hexadecimal digits")
            )
        identity = delivery_id("push", call.caller, key.value, route.name, user_id)
        call.ids.update(route=route.name, delivery_id=identity)
        pushed = self._pushing.push(
            self._content(route, call),
            delivery_id=identity,
            route=route.name,
            chat_id=user_id,
            minted=key.minted,
            remaining_s=call.remaining_s,
        )
        logger.info("pushed", line_request_id=pushed.outcome.request_id, **call.ids)
        return _json({"sentMessages": pushed.outcome.sent_messages, **route.told(pushed.messages[-1])}, call)

    def _content(self, route: PushRoute, call: Call) -> Content:
        sources = replace(self._sources, speaks_until=call.began + SPEECH_WITHIN_S)
        if route.uploaded is not None and is_multipart(call.header("content-type")):
            file, text = _form(call, route.name)
            return route.uploaded(file, text, sources)
        return route.content(_body(call, route.body), sources)

    def _invite(self, bucket: BucketName) -> Response[Upload]:
        call = _call.get()
        uploads = self._uploads_of(bucket)
        body = _body(call, UploadRequest)
        invitation = uploads.invite(body.name, body.content_type, body.size)
        return _json(
            {
                "key": invitation.key,
                "upload": {"url": invitation.url, "fields": invitation.fields},
                "expires_at": iso(invitation.expires_at),
            },
            call,
        )

    def _uploads_of(self, bucket: str) -> Uploads:
        match bucket:
            case "images":
                return self._sources.images.uploads
            case "audio":
                return self._sources.audio.uploads
            case "video":
                return self._sources.video.uploads
            case _:
                raise NotFoundError("files are uploaded to images, audio or video")

    def _follower(self, user_id: FollowerId) -> Response[FollowerAnswer]:
        if not is_user_id(user_id):
            raise InvalidRequestError(Fault("user_id", "must be a LINE user id: U and 32 hexadecimal digits"))
        follower = self._audience.get(user_id)
        if follower is None:
            raise NotFoundError("nothing is known of this user")
        return _json(follower_answer(follower), _call.get())

    def _told_health(self) -> Response[HealthAnswer]:
        timestamp = int(self._clock.now().timestamp())
        return _json({"timestamp": timestamp, "version": __version__, "checks": self._health.checks()}, _call.get())

    def _told_version(self) -> Response[Version]:
        return _json({"version": __version__}, _call.get())

    def _openapi_json(self) -> Response[str]:
        return Response(200, "application/json", self._documentation.openapi_json(self.resolver))

    def _docs(self) -> Response[str]:
        return Response(200, HTML, self._documentation.swagger_ui(), self._documentation.HEADERS)

    def _redoc(self) -> Response[str]:
        return Response(200, HTML, self._documentation.redoc(), self._documentation.HEADERS)

    # what is no route, and what goes wrong on one

    def _no_route(self, _: NoRouteError) -> Response[Any]:
        call = _call.get()
        allowed = sorted({method for method, rule in self._rules if _matches(rule, call.path)})
        if allowed and call.method not in allowed:  # else an id holds what no id does
            return self._refuse(MethodNotAllowedError(call.method, allowed))
        return self._refuse(NotFoundError("There is no such route: /openapi.json lists them all"))

    def _refuse(self, error: Exception) -> Response[Any]:
        call = _call.get()
        answer = answers.of_error(error)
        ids = {**call.ids, "status": answer.status, "code": answer.body["code"]}
        if answer.body["code"] == answers.UNEXPECTED:
            logger.error("failed unexpectedly", **ids, exc_info=error)
        elif answer.status >= 500:
            # of a bucket only the reason, which is last: before it stands a key, and in it what the caller calls the file
            told = str(error).rpartition(": ")[2] if isinstance(error, StoreUnavailableError) else str(error)
            logger.error("failed", **ids, error=told)
        else:
            logger.warning("refused", **ids)  # its details name what the caller made up
        return _response(answer, call)

    # registration

    def _add_push(self, route: PushRoute) -> None:
        def push(user_id: ChatId) -> Response[Any]:
            return self._push(route, user_id)

        self._add(
            "POST",
            route.path,
            push,
            tag="Push",
            name=f"push_{route.name}",
            summary=route.summary,
            description=route.description,
            body=route.body,
            answer=route.answer,
        )

    def _add(
        self,
        method: str,
        path: str,
        function: Callable[..., Response[Any]],
        *,
        tag: str,
        summary: str,
        description: str | None = None,
        name: str | None = None,
        body: type[BaseModel] | None = None,
        answer: type[BaseModel] | None = None,
        is_open: bool = False,
    ) -> None:
        """`body` and `answer` are what the route reads and tells, where its function does not say so itself."""

        @wraps(function)
        def endpoint(**path_values: str) -> Response[Any]:
            return function(**path_values)

        shape = signature(function)
        if body is not None:
            given = Parameter("body", Parameter.KEYWORD_ONLY, annotation=body)
            shape = shape.replace(parameters=[*shape.parameters.values(), given])
        if answer is not None:
            shape = shape.replace(return_annotation=answer)
        endpoint.__signature__ = shape  # type: ignore[attr-defined]
        self._rules.append((method, path))
        self.resolver.route(
            path,
            method,
            summary=summary,
            description=description,
            tags=[tag],
            operation_id=name or function.__name__.lstrip("_"),
            security=None if is_open else [{API_KEY: []}],
        )(endpoint)


def _body(call: Call, model: type[Any]) -> Any:
    check_json_type(call.header("content-type"))
    return read(model, parse_json(call.body()))


def _form(call: Call, name: str) -> tuple[Part, str | None]:
    """The file of a form, and its text."""
    parts = parse_multipart(call.body(), call.header("content-type"), known=(name, "text"))
    if name not in parts:
        raise InvalidRequestError(Fault(name, "is missing"))
    if "text" not in parts:
        return parts[name], None
    try:
        text = parts["text"].data.decode()
    except UnicodeDecodeError as error:
        raise InvalidRequestError(Fault("text", "is not UTF-8")) from error
    return parts[name], read(FormText, {"text": text}).text


def _json(body: Mapping[str, Any], call: Call) -> Response[Any]:
    return _response(Answer(200, body), call)


def _response(answer: Answer, call: Call) -> Response[Any]:
    return Response(answer.status, "application/json", dict(answer.body), {**call.answered, **answer.headers})


def _matches(rule: str, path: str) -> bool:
    steps, given = rule.split("/"), path.rstrip("/").split("/")
    return len(steps) == len(given) and all(
        step == value or (step.startswith("<") and value != "") for step, value in zip(steps, given, strict=True)
    )
