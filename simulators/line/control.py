"""The control API under `/_sim/`: it makes people follow, block and write, and tells what each of them received."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from simulators.line import ids, injected_faults, settings
from simulators.line.faults import Refusal
from simulators.line.people import Person
from simulators.line.platform import Platform
from simulators.line.watching import Watching
from simulators.line.webhooks import WebhookSender

Json = dict[str, Any]


def routes(platform: Platform, webhooks: WebhookSender) -> list[BaseRoute]:
    api = ControlApi(platform, webhooks)
    person = "/people/{user_id}"
    return [
        Route("/health", api.health, methods=["GET"]),
        Route("/people", api.people, methods=["GET"]),
        Route("/people", api.add_person, methods=["POST"]),
        Route(person, api.person, methods=["GET"]),
        Route(f"{person}/follow", api.follow, methods=["POST"]),
        Route(f"{person}/block", api.block, methods=["POST"]),
        Route(f"{person}/messages", api.write, methods=["POST"]),
        Route(f"{person}/messages/{{message_id}}/unsend", api.unsend, methods=["POST"]),
        Route(f"{person}/postback", api.postback, methods=["POST"]),
        Route(f"{person}/received", api.received, methods=["GET"]),
        Route(f"{person}/conversation", api.conversation, methods=["GET"]),
        Route("/contents/{message_id}", api.content, methods=["GET"]),
        Route("/requests", api.requests, methods=["GET"]),
        Route("/requests/{request_id}", api.request, methods=["GET"]),
        Route("/events", Watching(platform).events, methods=["GET"]),
        Route("/settings", api.settings, methods=["GET"]),
        Route("/settings", api.change_settings, methods=["PUT"]),
        Route("/webhooks", api.webhooks, methods=["GET"]),
        Route("/faults", api.faults, methods=["GET"]),
        Route("/faults", api.add_fault, methods=["POST"]),
        Route("/faults", api.clear_faults, methods=["DELETE"]),
        Route("/reset", api.reset, methods=["POST"]),
    ]


async def refuse(_: Request, error: Exception) -> Response:
    """What a person, a body or a path is refused for, as JSON."""
    if isinstance(error, HTTPException):
        return JSONResponse({"message": error.detail}, error.status_code, error.headers)
    assert isinstance(error, Refusal)
    return JSONResponse(error.body, error.status)


class ControlApi:
    def __init__(self, platform: Platform, webhooks: WebhookSender) -> None:
        self._platform = platform
        self._webhooks = webhooks

    async def health(self, _: Request) -> Response:
        channel = self._platform.channel
        return JSONResponse(
            {
                "status": "ok",
                "channelId": channel.credentials.channel_id,
                "botUserId": channel.bot_user_id,
                "webhookUrl": channel.webhook_url,
            }
        )

    async def people(self, _: Request) -> Response:
        return JSONResponse({"people": [person.as_json() for person in self._platform.people.values()]})

    async def add_person(self, request: Request) -> Response:
        body = await _object(request)
        user_id = body.get("userId", ids.new_user_id())
        if not ids.is_user_id(user_id):
            raise Refusal(400, "userId must be U and 32 of the digits 0-9 and a-f")
        person = Person(
            user_id,
            _text(body, "displayName") or "Somebody",
            _text(body, "language"),
            _text(body, "pictureUrl"),
            _text(body, "statusMessage"),
        )
        self._platform.add_person(person)
        return JSONResponse(person.as_json(), 201)

    async def person(self, request: Request) -> Response:
        return JSONResponse(self._platform.person(request.path_params["user_id"]).as_json())

    async def follow(self, request: Request) -> Response:
        return await self._tell(request, self._platform.follow(request.path_params["user_id"]))

    async def block(self, request: Request) -> Response:
        return await self._tell(request, self._platform.block(request.path_params["user_id"]))

    async def write(self, request: Request) -> Response:
        message = await _object(request)
        return await self._tell(request, self._platform.write(request.path_params["user_id"], message))

    async def unsend(self, request: Request) -> Response:
        given = request.path_params
        return await self._tell(request, self._platform.unsend(given["user_id"], given["message_id"]))

    async def postback(self, request: Request) -> Response:
        body = await _object(request)
        data, params = _text(body, "data"), body.get("params")
        if data is None:
            raise Refusal(400, "data is missing")
        if params is not None and not (isinstance(params, dict) and all(isinstance(v, str) for v in params.values())):
            raise Refusal(400, "params must be an object of strings")
        shown = _text(body, "displayText")
        event = self._platform.postback(request.path_params["user_id"], data, params=params, shown=shown)
        return await self._tell(request, event)

    async def received(self, request: Request) -> Response:
        received = self._platform.person(request.path_params["user_id"]).received
        return JSONResponse({"messages": [entry.as_received() for entry in received]})

    async def conversation(self, request: Request) -> Response:
        entries = self._platform.person(request.path_params["user_id"]).conversation
        return JSONResponse({"entries": [entry.as_json() for entry in entries]})

    async def content(self, request: Request) -> Response:
        """What a person sent, to look at. Its type is the sender's word, so a browser is kept from running it."""
        content = self._platform.contents.get(request.path_params["message_id"])
        if content is None or content.gone:
            raise Refusal(404, "There is no such content")
        shielded = {"content-security-policy": "sandbox; default-src 'none'", "x-content-type-options": "nosniff"}
        return Response(content.data, media_type=content.media_type, headers=shielded)

    async def requests(self, _: Request) -> Response:
        return JSONResponse({"requests": [exchange.with_bodies() for exchange in self._platform.requests]})

    async def request(self, request: Request) -> Response:
        for exchange in self._platform.requests:
            if exchange.request_id == request.path_params["request_id"]:
                return JSONResponse(exchange.with_bodies())
        raise Refusal(404, "This request is not remembered any more")

    async def webhooks(self, _: Request) -> Response:
        return JSONResponse(self._webhooks.tally())

    async def settings(self, _: Request) -> Response:
        return JSONResponse(self._platform.settings.as_json(self._platform.rates.get()))

    async def change_settings(self, request: Request) -> Response:
        platform = self._platform
        changed, rates = settings.read(await _object(request), platform.settings, platform.rates.get())
        platform.settings = changed
        for name, rate in rates.items():
            platform.rates.set(name, rate)
        return await self.settings(request)

    async def faults(self, _: Request) -> Response:
        return JSONResponse({"faults": self._platform.faults.as_json()})

    async def add_fault(self, request: Request) -> Response:
        fault = injected_faults.read(await _object(request), self._platform.rates.get())
        self._platform.faults.add(fault)
        return JSONResponse(fault.as_json(), 201)

    async def clear_faults(self, request: Request) -> Response:
        self._platform.faults.clear()
        return await self.faults(request)

    async def reset(self, _: Request) -> Response:
        await self._webhooks.reset()
        self._platform.reset()
        return JSONResponse({})

    async def _tell(self, request: Request, event: Json) -> Response:
        """Deliver the event and say how that went; with `?wait=false` deliver it after answering."""
        answer = {"webhookEventId": event["webhookEventId"], "delivered": False, "status": None}
        if message := event.get("message"):
            answer["messageId"] = message["id"]
        if request.query_params.get("wait") == "false":
            self._webhooks.in_background(self._webhooks.deliver(event))
            return JSONResponse(answer)
        if (outcome := await self._webhooks.deliver(event)) is not None:
            answer |= {"delivered": outcome.success, "status": outcome.status}
        return JSONResponse(answer)


async def _object(request: Request) -> Json:
    try:
        body = await request.json()
    except ValueError as error:
        raise Refusal(400, "The body must be JSON") from error
    if not isinstance(body, dict):
        raise Refusal(400, "The body must be a JSON object")
    return body


def _text(body: Json, name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Refusal(400, f"{name} must be a string")
    return value
