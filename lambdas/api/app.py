"""The REST API: other services push messages to one chat, upload files, and ask about followers.

`api.routes` finds the function of a call's route. Each resource has a module with the functions of its routes.
`api.answers` wraps every call.
"""

from collections.abc import Mapping
from typing import Any

from api.call import CALL, Call
from api.documentation import Documentation
from api.follower_routes import add_follower_routes
from api.health import Health
from api.push_routes import add_push_routes
from api.routes import Routes
from api.service_routes import add_pages, add_service_routes
from api.sources import Sources
from api.upload_routes import add_upload_routes
from kairan.audience.port import Audience
from kairan.clock import Clock
from kairan.push.push_once import PushOnce


class Api:
    """Answers every call of API Gateway, and raises nothing. `kairan.observability.observed` wraps it."""

    def __init__(
        self,
        *,
        push_once: PushOnce,
        sources: Sources,
        audience: Audience,
        health: Health,
        documentation: Documentation,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self.routes = Routes()
        add_push_routes(self.routes, push_once, sources)
        add_upload_routes(self.routes, sources)
        add_follower_routes(self.routes, audience)
        add_service_routes(self.routes, health, clock)
        add_pages(self.routes, documentation)

    def __call__(self, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        call = Call.of(event, context, self._clock)
        self.routes.resolver.context[CALL] = call
        return self.routes.resolver.resolve({**event, "path": call.path}, context)
