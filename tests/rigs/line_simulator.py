"""The simulated LINE platform on a loopback port, in a thread, with a clock that tests move."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from local.line_simulator_client import LineSimulatorClient
from simulators.line.app import create_app, new_state
from simulators.line.channel import ChannelCredentials
from simulators.line.connection import AbortableConnection
from simulators.line.webhooks import WebhookSender
from tools import asgi_server

CREDENTIALS = ChannelCredentials("1234567890", "8c570fa6dd201bb328f1c1eac23a96d8", "the-token")


class MovableClock:
    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead_s


class LineSimulator(LineSimulatorClient):
    def __init__(self, url: str, clock: MovableClock) -> None:
        super().__init__(url)
        self.clock = clock

    def friend(self, user_id: str, name: str = "Friend", **profile: str) -> None:
        self.add_person(name, userId=user_id, **profile)
        self.follow(user_id)


@contextmanager
def running_line_simulator() -> Iterator[LineSimulator]:
    clock = MovableClock()
    state = new_state(CREDENTIALS, clock)
    app = create_app(state, WebhookSender(state))
    with asgi_server.serving(app, http=AbortableConnection, timeout_graceful_shutdown=2) as url:
        simulator = LineSimulator(url, clock)
        simulator.call("GET", "/health")
        yield simulator
