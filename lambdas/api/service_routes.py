"""`/health` and `/version`, and the pages that describe the API. They need no key."""

from aws_lambda_powertools.event_handler.api_gateway import Response

from api.documentation import Documentation
from api.health import Health
from api.models import HealthAnswer, Version
from api.routes import Group, Routes
from kairan import __version__
from kairan.clock import Clock

HTML = "text/html; charset=utf-8"

SERVICE = Group("Service", "Without a key", is_open=True)


def add_service_routes(routes: Routes, health: Health, clock: Clock) -> None:
    @routes.get(
        "/health",
        SERVICE,
        example_answer={
            "timestamp": 1795251600,
            "version": __version__,
            "checks": {"secret": "ok", "ledger": "ok", "speech": "speech_not_configured"},
        },
    )
    def get_health() -> HealthAnswer:
        """Check what a push needs

        Answers 200 while the function runs; `checks` has the results.
        """
        timestamp = int(clock.now().timestamp())
        return HealthAnswer(timestamp=timestamp, version=__version__, checks=dict(health.checks()))

    @routes.get("/version", SERVICE, example_answer={"version": __version__})
    def get_version() -> Version:
        """Get the version"""
        return Version(version=__version__)


def add_pages(routes: Routes, documentation: Documentation) -> None:
    @routes.get("/openapi.json")
    def get_openapi_json() -> Response[str]:
        return Response(200, "application/json", documentation.openapi_json(routes.all), dict(documentation.CACHED))

    @routes.get("/docs")
    def get_docs() -> Response[str]:
        return Response(200, HTML, documentation.swagger_ui(), documentation.HEADERS | documentation.CACHED)

    @routes.get("/redoc")
    def get_redoc() -> Response[str]:
        return Response(200, HTML, documentation.redoc(), documentation.HEADERS | documentation.CACHED)
