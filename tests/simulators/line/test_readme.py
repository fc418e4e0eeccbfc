"""The README names every endpoint and every route."""

import re
from pathlib import Path

from starlette.routing import Route

from simulators.line import control
from simulators.line.messaging_api import ENDPOINTS
from tests.simulators.line.simulation import Simulation

README = (Path(__file__).parents[3] / "simulators/line/README.md").read_text("utf-8")


def written(path: str) -> str:
    """`{user_id}` as LINE writes it: `{userId}`."""
    return re.sub(r"_([a-z])", lambda letter: letter[1].upper(), path)


def test_the_readme_names_every_endpoint_of_the_messaging_api() -> None:
    for endpoint in ENDPOINTS:
        listed = re.sub(r"validate/\w+", "validate/{reply,push,multicast,narrowcast,broadcast}", written(endpoint.path))

        assert f"`{endpoint.method} {listed}`" in README


def test_the_readme_names_every_route_of_the_control_api(sim: Simulation) -> None:
    for route in control.routes(sim.state, sim.webhooks):
        assert isinstance(route, Route)
        assert route.methods
        (method,) = route.methods - {"HEAD"}

        assert f"`{method} /_sim{written(route.path)}`" in README
