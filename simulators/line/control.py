"""The control API under `/_sim/`: it makes people follow, block and write, and shows what each of them received."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from simulators.line import ids, json_text, settings
from simulators.line.error_response import ErrorResponse
from simulators.line.event_stream import EventStream
from simulators.line.failure_injection import InjectedFailure
from simulators.line.json_text import JsonResponse
from simulators.line.people import Person
from simulators.line.state import State
from simulators.line.webhooks import WebhookSender

Json = dict[str, Any]


def routes(state: State, webhooks: WebhookSender) -> list[BaseRoute]:
    api = ControlApi(state, webhooks)
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
        Route("/events", EventStream(state).events, methods=["GET"]),
        Route("/settings", api.settings, methods=["GET"]),
        Route("/settings", api.change_settings, methods=["PUT"]),
        Route("/webhooks", api.webhooks, methods=["GET"]),
        Route("/faults", api.failures, methods=["GET"]),
        Route("/faults", api.add_failure, methods=["POST"]),
        Route("/faults", api.clear_failures, methods=["DELETE"]),
        Route("/reset", api.reset, methods=["POST"]),
    ]


async def refuse(_: Request, error: Exception) -> Response:
    """The reason of a refusal, as JSON."""
    if isinstance(error, HTTPException):
        return JsonResponse({"message": error.detail}, error.status_code, error.headers)
    assert isinstance(error, ErrorResponse)
    return JsonResponse(error.body, error.status)


class ControlApi:
    def __init__(self, state: State, webhooks: WebhookSender) -> None:
        self._state = state
        self._webhooks = webhooks

    async def health(self, _: Request) -> Response:
        channel = self._state.channel
        return JsonResponse(
            {
                "status": "ok",
                "channelId": channel.credentials.channel_id,
                "botUserId": channel.bot_user_id,
                "webhookUrl": channel.webhook_url,
            }
        )

    async def people(self, _: Request) -> Response:
        return JsonResponse({"people": [person.as_json() for person in self._state.people.values()]})

    async def add_person(self, request: Request) -> Response:
        body = await _object(request)
        user_id = body.get("userId", ids.new_user_id())
        if not ids.is_user_id(user_id):
            raise ErrorResponse(400, "userId must be U and 32 of the digits 0-9 and a-f")
        person = Person(
            user_id,
            _text(body, "displayName") or "A person",
            _text(body, "language"),
            _text(body, "pictureUrl"),
            _text(body, "statusMessage"),
        )
        self._state.add_person(person)
        return JsonResponse(person.as_json(), 201)

    async def person(self, request: Request) -> Response:
        return JsonResponse(self._state.person(request.path_params["user_id"]).as_json())

    async def follow(self, request: Request) -> Response:
        return await self._send(request, self._state.follow(request.path_params["user_id"]))

    async def block(self, request: Request) -> Response:
        return await self._send(request, self._state.block(request.path_params["user_id"]))

    async def write(self, request: Request) -> Response:
        message = await _object(request)
        return await self._send(request, self._state.write(request.path_params["user_id"], message))

    async def unsend(self, request: Request) -> Response:
        path = request.path_params
        return await self._send(request, self._state.unsend(path["user_id"], path["message_id"]))

    async def postback(self, request: Request) -> Response:
        body = await _object(request)
        data, params = _text(body, "data"), body.get("params")
        if data is None:
            raise ErrorResponse(400, "data is missing")
        if params is not None and not (isinstance(params, dict) and all(isinstance(v, str) for v in params.values())):
            raise ErrorResponse(400, "params must be an object of strings")
        shown = _text(body, "displayText")
        event = self._state.postback(request.path_params["user_id"], data, params=params, shown=shown)
        return await self._send(request, event)

    async def received(self, request: Request) -> Response:
        received = self._state.person(request.path_params["user_id"]).received_messages
        return JsonResponse({"messages": [entry.as_received() for entry in received]})

    async def conversation(self, request: Request) -> Response:
        entries = self._state.person(request.path_params["user_id"]).conversation
        return JsonResponse({"entries": [entry.as_json() for entry in entries]})

    async def content(self, request: Request) -> Response:
        """What a person sent, to look at. The sender chose its type, so the headers keep a browser from running it."""
        media = self._state.media.get(request.path_params["message_id"])
        if media is None or media.gone:
            raise ErrorResponse(404, "There is no such content")
        shielded = {"content-security-policy": "sandbox; default-src 'none'", "x-content-type-options": "nosniff"}
        return Response(media.data, media_type=media.media_type, headers=shielded)

    async def requests(self, _: Request) -> Response:
        return JsonResponse({"requests": [exchange.with_bodies() for exchange in self._state.requests]})

    async def request(self, request: Request) -> Response:
        for exchange in self._state.requests:
            if exchange.request_id == request.path_params["request_id"]:
                return JsonResponse(exchange.with_bodies())
        raise ErrorResponse(404, "This request is not remembered any more")

    async def webhooks(self, _: Request) -> Response:
        return JsonResponse(self._webhooks.tally())

    async def settings(self, _: Request) -> Response:
        return JsonResponse(self._state.settings.as_json(self._state.rates.get()))

    async def change_settings(self, request: Request) -> Response:
        state = self._state
        changed, rates = settings.read(await _object(request), state.settings, state.rates.get())
        state.settings = changed
        for name, rate in rates.items():
            state.rates.set(name, rate)
        return await self.settings(request)

    async def failures(self, _: Request) -> Response:
        return JsonResponse({"faults": self._state.failures.as_json()})

    async def add_failure(self, request: Request) -> Response:
        failure = InjectedFailure.read(await _object(request), self._state.rates.get())
        self._state.failures.add(failure)
        return JsonResponse(failure.as_json(), 201)

    async def clear_failures(self, request: Request) -> Response:
        self._state.failures.clear()
        return await self.failures(request)

    async def reset(self, _: Request) -> Response:
        await self._webhooks.reset()
        self._state.reset()
        return JsonResponse({})

    async def _send(self, request: Request, event: Json) -> Response:
        """Sends the event to the webhook and answers the result; with `?wait=false` it sends after answering."""
        answer = {"webhookEventId": event["webhookEventId"], "delivered": False, "status": None}
        if message := event.get("message"):
            answer["messageId"] = message["id"]
        if request.query_params.get("wait") == "false":
            self._webhooks.in_background(self._webhooks.send(event))
            return JsonResponse(answer)
        if (result := await self._webhooks.send(event)) is not None:
            answer |= {"delivered": result.success, "status": result.status}
        return JsonResponse(answer)


async def _object(request: Request) -> Json:
    try:
        body = json_text.parse(await request.body())
    except (ValueError, RecursionError) as error:
        raise ErrorResponse(400, "The body must be JSON") from error
    if not isinstance(body, dict):
        raise ErrorResponse(400, "The body must be a JSON object")
    return body


def _text(body: Json, name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise ErrorResponse(400, f"{name} must be a string")
    return value
